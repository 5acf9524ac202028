"""Bad input through whole runs: words that say what happened, empty cells instead of wrong ones, and no NaN."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

import patron
from flow import shops
from patron.forecasts import ForecastSpec
from patron.ground.errors import ExtraMissing, IdentityRefused, LeakFound
from reports.conftest import look

START = date(2025, 1, 1)


def _orders(rows):
    """Return (customer, day number, amount) as an export."""
    rows = sorted(rows, key=lambda row: (row[1], row[0]))
    return pa.table(
        {
            "order_id": [f"A{i:05d}" for i in range(len(rows))],
            "customer_id": [row[0] for row in rows],
            "ordered_at": [f"{START + timedelta(days=row[1])} 10:00:00" for row in rows],
            "total_amount": [float(row[2]) for row in rows],
        }
    )


def _usual(n_customers=160):
    table = shops.orders(n_customers)
    days = [(date.fromisoformat(day[:10]) - START).days for day in table["ordered_at"].to_pylist()]
    return list(zip(table["customer_id"].to_pylist(), days, table["total_amount"].to_pylist(), strict=True))


def _with_refunds(rows, of, factor):
    """Return the orders and, for those customers, a refund of `factor` times the amount some days later."""
    table = _orders(rows)
    mine = [row for row in zip(*(table[name].to_pylist() for name in table.column_names), strict=True) if of(row[1])]
    refunds = pa.table(
        {
            "return_id": [f"R{i}" for i in range(len(mine))],
            "order_id": [row[0] for row in mine],
            "customer_id": [row[1] for row in mine],
            "returned_at": [f"{date.fromisoformat(row[2][:10]) + timedelta(days=5)} 10:00:00" for row in mine],
            "amount": [round(factor * row[3], 2) for row in mine],
        }
    )
    return table, refunds


def _run(home, table, refunds=None, *, force_identity=False):
    shops.make(home, table)
    if force_identity:
        plan = home / "patron.toml"
        plan.write_text(plan.read_text(encoding="utf-8").replace("force_identity = false", "force_identity = true"))
    if refunds is not None:
        pa.csv.write_csv(refunds, home / "returns.csv")
        plan = home / "patron.toml"
        said = plan.read_text(encoding="utf-8")
        plan.write_text(said + '\n[[sources]]\npath = "returns.csv"\n', encoding="utf-8")
    return patron.open(home).run()


def _sound(run):
    """Make sure that no table and no page holds a NaN or an infinity, and that both languages say as much."""
    for name in run.table_names:
        table = run.table(name).to_arrow()
        for column in table.column_names:
            if pa.types.is_floating(table[column].type):
                values = table[column].drop_null().to_numpy()
                assert np.isfinite(values).all(), f"{name}.{column}"
    for lang in ("en", "zh"):
        text = look(run.report(lang).read_text(encoding="utf-8")).text
        assert not re.search(r"\b(nan|NaN|inf|None)\b", text), lang
    assert len(run.manifest["limits"]["en"]) == len(run.manifest["limits"]["zh"])
    return run.forecasts.to_arrow(), " ".join(run.manifest["limits"]["en"])


def _filled(table, name):
    return table[name].drop_null().to_numpy()


def test_no_repeat_buyers_at_all_are_refused_as_ids_first(tmp_path):
    with pytest.raises(IdentityRefused, match="force_identity = true"):
        _run(tmp_path / "shop", _orders([(f"c{i}", i % 400, 20 + i % 7) for i in range(400)]))


def test_no_repeat_buyers_at_all(tmp_path):
    once = _orders([(f"c{i}", i % 400, 20 + i % 7) for i in range(400)])
    said, limits = _sound(_run(tmp_path / "shop", once, force_identity=True))
    assert "Nobody has ordered twice" in limits
    assert "It could not be checked on any past date" in limits
    for name in ("predicted_clv", "repurchase_probability", "probability_alive", "expected_date_of_next_order"):
        assert said[name].null_count == said.num_rows, name


def test_one_origin_only(tmp_path):
    table = _orders([row for row in _usual(400) if row[1] < 190])
    said, limits = _sound(_run(tmp_path / "shop", table))
    assert "Only 1 past date could check it; 2 are needed" in limits
    assert said["predicted_clv"].null_count == 0


def test_all_customers_identical(tmp_path):
    said, limits = _sound(
        _run(tmp_path / "shop", _orders([(f"c{i}", day, 20) for i in range(120) for day in range(0, 400, 20)]))
    )
    assert "no customer leaving for good" in limits
    money, orders = _filled(said, "predicted_clv"), _filled(said, "predicted_number_of_orders")
    assert np.ptp(money) == pytest.approx(0.0, abs=1e-6)
    assert orders.mean() == pytest.approx(90 / 20, rel=0.15)
    assert money.mean() == pytest.approx(20 * 90 / 20, rel=0.15)


def test_a_whale_leaves_everyone_else_with_forecasts_of_their_own_size(tmp_path):
    usual = _usual(250)
    whole = sum(amount for _, _, amount in usual)
    whale = [("whale", day, round(99 * whole / 40, 2)) for day in range(0, 400, 10)]
    run = _run(tmp_path / "shop", _orders([*usual, *whale]))
    said, _ = _sound(run)
    spent = {row["customer_id"]: row["historic_clv"] for row in said.to_pylist()}
    top = max(spent, key=lambda who: spent[who])
    assert spent[top] / sum(spent.values()) == pytest.approx(0.99, abs=0.005)
    others = said.filter(pc.not_equal(said["customer_id"], top))
    predicted, historic = _filled(others, "predicted_clv"), _filled(others, "historic_clv")
    assert predicted.sum() < 2.0 * historic.sum()
    assert predicted.max() < 5.0 * historic.max()
    alone = _sound(_run(tmp_path / "without", _orders(usual)))[0]
    assert 0.4 < predicted.sum() / _filled(alone, "predicted_clv").sum() < 2.5


def test_customers_whose_refunds_exceed_their_purchases(tmp_path):
    table, refunds = _with_refunds(_usual(), lambda who: who.endswith(("1", "2")), 1.2)
    said, _ = _sound(_run(tmp_path / "shop", table, refunds))
    assert (_filled(said, "historic_clv") < 0).sum() > 10
    assert (_filled(said, "predicted_clv") >= 0).all()
    lower, upper = _filled(said, "predicted_clv_lower"), _filled(said, "predicted_clv_upper")
    assert (lower <= upper).all()


def test_a_whole_shop_whose_refunds_exceed_its_purchases(tmp_path):
    table, refunds = _with_refunds(_usual(), lambda _: True, 1.5)
    run = _run(tmp_path / "shop", table, refunds)
    said, _ = _sound(run)
    limits = " ".join(run.manifest["limits"]["en"])
    assert run.manifest["net_revenue"] < 0
    assert run.manifest["predicted_clv"] is None
    assert said["predicted_clv"].null_count == said["predicted_clv_lower"].null_count == said.num_rows
    assert said["repurchase_probability"].null_count == 0
    assert "refunds exceeded purchases" in limits


def test_a_signal_that_holds_the_future_stops_the_run_by_its_name(tmp_path):
    rows = _usual(250)
    after: dict[tuple[str, int], float] = {}
    origins = (400 - 270, 400 - 180, 400 - 90)
    for who, day, amount in rows:
        for origin in origins:
            if origin <= day < origin + 90:
                after[who, origin] = after.get((who, origin), 0.0) + amount
    people = sorted({who for who, _, _ in rows})
    readings = [(who, origin - 1, after.get((who, origin), 0.0)) for who in people for origin in origins]
    signals = pa.table(
        {
            "customer_id": [who for who, _, _ in readings],
            "at": [f"{START + timedelta(days=day)} 09:00:00" for _, day, _ in readings],
            "name": ["crm_score"] * len(readings),
            "value": [value for _, _, value in readings],
        }
    )
    home = shops.make(tmp_path / "shop", _orders(rows))
    pa.csv.write_csv(signals, home / "signals.csv")
    plan = home / "patron.toml"
    plan.write_text(plan.read_text(encoding="utf-8") + '\n[[sources]]\npath = "signals.csv"\n', encoding="utf-8")
    as_of = START + timedelta(days=400)
    with pytest.raises(LeakFound, match="crm_score") as caught:
        patron.open(home).run(as_of)
    assert "features.leave_out" in str(caught.value)


def test_a_model_whose_extra_is_not_installed_names_the_extra(tmp_path, monkeypatch):
    home = shops.make(tmp_path / "shop")
    plan = home / "patron.toml"
    said = plan.read_text(encoding="utf-8")
    models = ForecastSpec().models
    asked = said.replace('"stack"]', '"stack", "zero_inflated_lognormal"]')
    assert asked != said, models
    plan.write_text(asked, encoding="utf-8")
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ExtraMissing, match=re.escape("pip install 'patron[deep]'")):
        patron.open(home).run()
