from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import patron
from flow import shops
from patron import explanations
from patron.contracts.published import QUALITY
from patron.explanations import ExplanationSpec, ruling
from patron.ground.errors import NotEnoughData, PlanError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    spec = ExplanationSpec(checked_customers=20, perturbations=200, bootstrap_draws=30)
    return patron.open(shops.make(tmp_path_factory.mktemp("explained") / "shop", explanations=spec)).run()


def test_everyone_who_has_ordered_is_explained_as_forecast(run):
    said, forecast = run.explanations.to_arrow(), run.forecasts.to_arrow()
    assert said["customer_id"].equals(forecast["customer_id"])
    assert said["predicted_value"].to_numpy() == pytest.approx(forecast["predicted_clv"].to_numpy())
    assert run.importances.to_arrow().num_rows > 0
    room = [row for row in run.quality.to_arrow().to_pylist() if row["room"] == "explanations"]
    assert {"explained", "additivity_error"} <= {row["measure"] for row in room}
    assert all("€" in text for text in said["reason"].to_pylist())


def test_where_not_everyone_fits_those_who_matter_most_are_explained(tmp_path, run):
    spec = ExplanationSpec(most_customers=20, checked_customers=20, perturbations=200, bootstrap_draws=30)
    few = patron.open(shops.make(tmp_path / "shop", explanations=spec)).run()
    said, forecast = few.explanations.to_arrow(), few.forecasts.to_arrow()
    assert said.num_rows == 20
    value = forecast["predicted_clv"].to_numpy()
    best = forecast["customer_id"].take(np.argsort(-value)[:5]).to_pylist()
    assert set(best) <= set(said["customer_id"].to_pylist())
    recent = few.table("features").to_arrow(["net_revenue_sum_365d"])["net_revenue_sum_365d"]
    risk = np.nan_to_num(pc.cast(recent, "float64").to_numpy()) * forecast["churn_probability"].to_numpy()
    assert forecast["customer_id"][int(risk.argmax())].as_py() in said["customer_id"].to_pylist()


def test_one_customer_is_told_in_full_and_what_if(run):
    row = max(run.explanations.to_arrow().to_pylist(), key=lambda row: row["predicted_value"])
    said = run.explain(row["customer_id"], what_if={"order_value_mean_lifetime": 900.0})
    assert said.story.reason == row["reason"]
    factors = np.prod([group.factor for group in said.story.groups])
    assert said.story.base_value * factors == pytest.approx(said.story.predicted_value, rel=1e-6)
    assert said.what_if.before["predicted_clv"] == pytest.approx(row["predicted_value"])
    assert said.what_if.after["predicted_clv"] > said.what_if.before["predicted_clv"]
    assert said.what_if.after["predicted_clv_upper"] > said.what_if.before["predicted_clv_upper"]
    assert said.what_if.moved["btyd_monetary_mean"][1] > said.what_if.moved["btyd_monetary_mean"][0]


def test_unknown_customers_horizons_and_features_are_refused_with_what_is_near(run):
    known = run.explanations.to_arrow()["customer_id"][0].as_py()
    with pytest.raises(PlanError, match=f"Did you mean '{known}'"):
        run.explain(known + "x")
    with pytest.raises(PlanError, match="horizon in days: '91' is not known"):
        run.explain(known, 91)
    with pytest.raises(PlanError, match="Did you mean orders_count_lifetime"):
        run.explain(known, what_if={"orders_count_lifetme": 3.0})


def test_reasons_that_hang_on_nothing_are_refused_with_a_row_and_in_words(tmp_path, monkeypatch):
    def none_sure(judged, **facts):
        rows = [row | ({"lower": 0.0} if row["measure"] == "reasons_removed" else {}) for row in judged.to_pylist()]
        return ruling(QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema)), **facts)

    monkeypatch.setattr(explanations, "ruling", none_sure)
    spec = ExplanationSpec(checked_customers=20, perturbations=200, bootstrap_draws=30)
    run = patron.open(shops.make(tmp_path / "shop", explanations=spec)).run()
    assert run.explanations.to_arrow().num_rows == 0
    assert run.importances.to_arrow().num_rows > 0
    [row] = [row for row in run.quality.to_arrow().to_pylist() if row["slice"] == "90d/reasons"]
    assert (row["room"], row["measure"]) == ("explanations", "gate")
    assert row["verdict"].startswith("refused")
    assert "No reasons are told of single customers." in run.report("en").read_text(encoding="utf-8")
    assert any("Reasons of the forecast" in text for text in run.manifest["limits"]["en"])
    with pytest.raises(NotEnoughData, match="may not be told"):
        run.explain(run.forecasts.to_arrow()["customer_id"][0].as_py())
