"""What a learned cut adds in money: the origins, no look-ahead, and the two verdicts, on small worlds."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from patron import segments
from patron.ground.errors import MissingColumns
from patron.segments import SegmentSpec
from segments.worlds import prepared, snapshot

FIRST = date(2025, 1, 1)
SPEC = SegmentSpec(method="k_means", k_max=3)


def labelled(days=(0, 45, 90), *, n=500, future=None, seed=0):
    """Return one table of past rows; what comes is `future` of a snapshot, or follows the money so far."""
    parts = []
    for i, day in enumerate(days):
        table = snapshot(n, seed + i)
        as_of = pa.array([FIRST + timedelta(days=day)] * n, pa.date32())
        money = table["net_revenue_sum_lifetime"].to_numpy() if future is None else future(table, i)
        table = table.set_column(table.column_names.index("as_of"), "as_of", as_of)
        table = table.append_column("window_days", pa.array(np.full(n, 90.0)))
        parts.append(table.append_column("future_net_revenue", pa.array(money)))
    return pa.concat_tables(parts)


def prepare(table):
    del table
    return prepared


@pytest.fixture(scope="module")
def found():
    return segments.judge_on_held_out(labelled(), SPEC, prepare, seed=1)


def test_the_learning_window_ends_before_the_held_out_one_begins(found):
    assert (found.learned_at, found.judged_at) == (FIRST, FIRST + timedelta(days=90))


def test_without_a_completed_window_there_is_no_judgement():
    assert segments.judge_on_held_out(labelled(days=(0, 45, 89)), SPEC, prepare, seed=1) is None


def test_where_money_follows_money_rfm_is_enough_and_it_is_said_what_to_do(found):
    assert not found.keeps
    assert found.why_en.startswith("RFM is enough")
    assert "Next: plan by an RFM scheme" in found.why_en
    assert "RFM 已足够" in found.why_zh
    assert "下一步" in found.why_zh


def secret(table, i):
    """Money that follows a kind of customer which RFM cannot see."""
    rng = np.random.default_rng(50 + i)
    return np.where(kinds(table) == 1, 100.0, 5.0) * rng.gamma(4.0, 0.25, table.num_rows)


def kinds(table):
    return np.array([int(name[1:]) % 2 for name in table["customer_id"].to_pylist()])


def seeing_kinds(table):
    del table
    return lambda rows: 9.0 * kinds(rows)[:, None].astype(float)


def test_a_cut_that_knows_more_than_rfm_keeps_its_place():
    past = labelled(future=secret)
    found = segments.judge_on_held_out(past, SPEC, seeing_kinds, seed=1)
    assert found.keeps
    assert found.worth.gains["gini", "rfm_quintiles"].lower > 0.2
    assert "better than RFM quintiles" in found.why_en


def test_what_came_after_the_held_out_origin_cannot_teach():
    """Trained means are those of the learning origin: turn the future around and the ranking is wrong, not right."""
    past = labelled(future=lambda table, i: secret(table, i) if i < 2 else 200.0 - secret(table, i).clip(0, 199))
    found = segments.judge_on_held_out(past, SPEC, seeing_kinds, seed=1)
    assert found.worth.scores["gini", "judged"].value < 0


def test_the_judgements_are_rows_of_the_quality_table(found):
    slices = {(it.measure, it.slice) for it in found.judgements}
    assert ("held_out_gini", "learned") in slices
    rivals = ("one_segment", "rfm_quintiles", "classic11", "value_deciles")
    assert {("held_out_top_capture_gain", f"learned/{rival}") for rival in rivals} <= slices
    assert {it.verdict.split(":")[0] for it in found.judgements} <= {"info", "good", "fair", "poor"}
    assert all(it.lower <= it.value <= it.upper for it in found.judgements if it.measure == "held_out_gini")


def test_deciles_are_those_of_the_forecast_that_is_named():
    past = labelled(future=secret)
    past = past.append_column("told", past["future_net_revenue"])
    found = segments.judge_on_held_out(past, SPEC, prepare, forecast="told", seed=1)
    assert found.worth.scores["gini", "value_deciles"].value > 0.8


def test_a_shop_without_money_is_judged_by_orders():
    past = labelled().drop_columns(["net_revenue_sum_lifetime"])
    past = past.rename_columns([{"future_net_revenue": "future_order_count"}.get(n, n) for n in past.column_names])
    assert segments.judge_on_held_out(past, SPEC, prepare, seed=1) is not None


def test_rows_without_what_came_after_are_refused():
    with pytest.raises(MissingColumns, match="future_order_count"):
        segments.judge_on_held_out(labelled().drop_columns(["future_net_revenue"]), SPEC, prepare, seed=1)
