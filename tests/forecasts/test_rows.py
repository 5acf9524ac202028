from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron.forecasts.rows import Rows, draw, read_rows


def test_numbers_of_any_kind_become_features_and_words_do_not(shop):
    n = shop.now.num_rows
    table = shop.now.append_column("channel", pa.array(["web"] * n))
    table = table.append_column("is_new", pa.array(([True, False] * n)[:n]))
    table = table.append_column("paid", pa.array([Decimal("1.5")] * n, pa.decimal128(18, 4)))
    table = table.append_column("odd_ratio", pa.array([np.inf] * n))
    rows = read_rows(table, where="test", labelled=False)
    assert "channel" not in rows.names
    assert rows.column("paid")[0] == 1.5
    assert rows.column("is_new")[:2].tolist() == [1.0, 0.0]
    assert np.isnan(rows.column("odd_ratio")).all()
    assert np.isnan(rows.column("never_heard_of")).all()
    assert (rows.column("never_heard_of", absent=0.0) == 0).all()


def test_choosing_and_stacking_keep_rows_whole(shop):
    rows = read_rows(shop.labelled, where="test", labelled=True)
    parts = [rows.where(rows.as_of == origin) for origin in rows.origins]
    again = Rows.stack(parts)
    assert again.customer_id.to_pylist() == rows.customer_id.to_pylist()
    assert np.array_equal(again.features, rows.features, equal_nan=True)
    assert (again.future_orders == rows.future_orders).all()


def test_a_sample_keeps_the_mix_of_purchase_counts_and_the_seed(shop):
    part = draw(shop.labelled, 60, seed=1)
    assert part.group_by("as_of").aggregate([("customer_id", "count")])["customer_id_count"].to_pylist() == [60] * 3
    whole = pc.mean(shop.labelled["btyd_frequency"]).as_py()
    assert pc.mean(part["btyd_frequency"]).as_py() == pytest.approx(whole, rel=0.07)
    assert part.equals(draw(shop.labelled, 60, seed=1))
    assert not part.equals(draw(shop.labelled, 60, seed=2))
    assert draw(shop.labelled, 10_000, seed=1) is shop.labelled
