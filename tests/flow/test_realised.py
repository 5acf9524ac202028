"""Earlier forecasts come due: a shop that stays as it was keeps them, one whose customers change is told to retrain."""

from __future__ import annotations

import shutil
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import patron
from flow import shops
from patron.simulation import NO_DIRT, Marketing, Purchases, SimulationSpec, simulate

THEN, NOW = date(2025, 9, 20), date(2025, 12, 19)
SPEC = SimulationSpec(
    customers=1500,
    history_days=720,
    purchases=Purchases(yearly_swing=0.0, weekend_lift=0.0),
    marketing=Marketing(promotions_per_year=0, campaigns_per_year=0),
    dirt=NO_DIRT,
    tables=("orders",),
)


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    sold = simulate(SPEC, tmp_path_factory.mktemp("world") / "shop", seed=11).table("orders")
    columns = {name: sold[name] for name in ("order_id", "customer_id")}
    columns["total_amount"] = pc.cast(sold["gross_amount"], pa.float64())
    return pa.table({**columns, "ordered_at": pc.strftime(sold["ordered_at"], "%Y-%m-%d %H:%M:%S")})


def _runs(home, table):
    shop = patron.open(shops.make(home, table))
    return shop, shop.run(THEN), shop.run(NOW)


@pytest.fixture(scope="module")
def steady(tmp_path_factory, orders):
    return _runs(tmp_path_factory.mktemp("steady") / "shop", orders)


@pytest.fixture(scope="module")
def shrunk(tmp_path_factory, orders):
    """The same shop, whose customers order at four tenths of their rate from the day of the first run on."""
    late = pc.greater_equal(orders["ordered_at"], str(THEN)).to_numpy()
    kept = ~late | (np.random.default_rng(5).random(late.size) < 0.4)
    return _runs(tmp_path_factory.mktemp("shrunk") / "shop", orders.filter(pa.array(kept)))


def _checks(run):
    rows = [row for row in run.quality.to_arrow().to_pylist() if row["room"] == "realised"]
    return {(row["measure"], row["slice"]): row for row in rows}


def test_a_shop_that_stays_as_it_was_keeps_its_forecast(steady):
    _, _, now = steady
    checks = _checks(now)
    verdict = checks["forecast_check", "90d"]
    assert verdict["verdict"].startswith("good: keep")
    ratio = checks["sum_ratio", "90d/orders"]
    assert ratio["lower"] < ratio["value"] < ratio["upper"]
    assert 0.8 < ratio["value"] < 1.25
    assert ratio["baseline"] is not None
    assert any("Keep" in line for line in now.manifest["realised"]["en"])


def test_a_shop_whose_customers_order_less_is_told_to_retrain(shrunk):
    _, _, now = shrunk
    checks = _checks(now)
    verdict = checks["forecast_check", "90d"]
    assert verdict["verdict"].startswith("poor: retrain")
    assert "level" in verdict["verdict"]
    assert checks["sum_ratio", "90d/orders"]["lower"] > 1.25
    assert any("Retrain" in line and "the level" in line for line in now.manifest["realised"]["en"])
    assert any("总体水平" in line for line in now.manifest["realised"]["zh"])


def test_the_table_holds_the_deciles_of_the_run_that_made_the_forecast(steady):
    _, then, now = steady
    table = now.table("realised").to_arrow()
    assert set(table["run_id"].to_pylist()) == {then.id}
    assert set(table["target"].to_pylist()) == {"net_revenue", "orders", "active", "churn"}
    assert set(table["origin"].to_pylist()) == {THEN}
    orders_of = table.filter(pc.equal(table["target"], "orders"))
    said = then.forecasts.to_arrow(["predicted_number_of_orders"])["predicted_number_of_orders"]
    total = pc.sum(pc.multiply(orders_of["mean_predicted"], orders_of["customer_count"])).as_py()
    assert total == pytest.approx(pc.sum(said).as_py())


def test_what_happened_is_counted_in_the_window_alone(steady, orders):
    _, then, now = steady
    table = now.table("realised").to_arrow()
    active = table.filter(pc.equal(table["target"], "active"))
    came = pc.sum(pc.multiply(active["mean_actual"], active["customer_count"])).as_py()
    days = pc.utf8_slice_codeunits(orders["ordered_at"], 0, 10)
    inside = pc.and_(pc.greater_equal(days, str(THEN)), pc.less(days, str(NOW)))
    before = set(orders.filter(pc.less(days, str(THEN)))["customer_id"].to_pylist())
    assert came == pytest.approx(len(before & set(orders.filter(inside)["customer_id"].to_pylist())))
    assert then.manifest["customers"] == len(before)


def test_what_is_compared_is_part_of_the_name_of_a_run(steady, tmp_path):
    shop, _, now = steady
    assert shop.run(NOW).id == now.id
    alone = shutil.copytree(shop.home, tmp_path / "shop", ignore=shutil.ignore_patterns("runs", "current"))
    assert patron.open(alone).runs == ()
    assert patron.open(alone).run(NOW).id != now.id


def test_before_anything_has_come_due_the_first_day_is_named(steady):
    _, then, _ = steady
    row = _checks(then)["forecast_check", "all"]
    assert row["verdict"] == f"info: nothing has come due yet; first on {NOW}"
    assert then.table("realised").to_arrow().num_rows == 0
    assert then.manifest["realised"]["en"] == [
        "No earlier forecast has come due yet; the first of this run will on 19 Dec 2025.",
    ]


def test_forecasts_in_another_currency_are_not_compared(steady, tmp_path):
    shop, _, now = steady
    plan = shop.home / "patron.toml"
    said = plan.read_text(encoding="utf-8")
    assert 'currency = "EUR"' in said
    home = tmp_path / "shop"
    shutil.copytree(shop.home, home)
    (home / "patron.toml").write_text(said.replace('currency = "EUR"', 'currency = "USD"'), encoding="utf-8")
    other = patron.open(home).run(NOW)
    assert ("forecast_check", "90d") not in _checks(other)
    assert _checks(now)["forecast_check", "90d"]
