from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from patron.simulation import NO_DIRT, Marketing, SimulationSpec, World, simulate
from patron.simulation.methods import marketing


@pytest.fixture(scope="module")
def campaigns(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    spec = SimulationSpec(
        customers=15_000,
        dirt=NO_DIRT,
        tables=("touches", "customers"),
        marketing=Marketing(campaign_reach=0.8, touch_uplift=0.1),
    )
    shop = simulate(spec, tmp_path_factory.mktemp("marketing") / "shop", seed=9)
    touches = shop.table("touches").to_pandas()
    return touches.merge(shop.table("customers").to_pandas(), on="customer_id", suffixes=("", "_acquired")).merge(
        shop.truth().to_pandas()[["customer_id", "touch_uplift", "dropped_at"]], on="customer_id"
    )


def difference(touches: pd.DataFrame) -> float:
    converted = touches["converted_at"].notna()
    return float(converted[touches["arm"] == "treatment"].mean() - converted[touches["arm"] == "holdout"].mean())


def weighted_difference(touches: pd.DataFrame) -> float:
    sign = np.where(touches["arm"] == "treatment", 1, -1)
    return float((touches["converted_at"].notna() * sign / touches["propensity"]).mean())


def test_sending_raises_conversion_by_the_known_uplift(campaigns: pd.DataFrame) -> None:
    """An extra order adds a conversion unless the customer would have ordered anyway, or had left."""
    stays = campaigns["dropped_at"].isna() | (campaigns["dropped_at"] > campaigns["sent_at"])
    held = campaigns[campaigns["arm"] == "holdout"]
    idle = 1 - held["converted_at"].notna().mean()
    most = float((campaigns["touch_uplift"] * stays).mean())
    assert most * idle * 0.75 < weighted_difference(campaigns) < most


def test_the_plain_comparison_is_confounded_and_the_weighted_one_is_not(campaigns: pd.DataFrame) -> None:
    # The known answer: compare within propensity, which is all that the assignment depends on.
    chosen = np.where(campaigns["arm"] == "treatment", campaigns["propensity"], 1 - campaigns["propensity"])
    within = [(len(group), difference(group)) for _, group in campaigns.groupby(np.round(chosen, 2))]
    known = sum(size * gap for size, gap in within) / len(campaigns)
    assert len(within) == 3
    assert weighted_difference(campaigns) == pytest.approx(known, abs=0.004)
    assert abs(difference(campaigns) - known) > 0.008


def test_the_young_answer_most(campaigns: pd.DataFrame) -> None:
    young = campaigns["birth_year"] >= 2026 - 34
    old = campaigns["birth_year"] < 2026 - 54
    assert difference(campaigns[young]) > 2 * difference(campaigns[old]) > 0


def test_the_holdout_is_never_contacted(campaigns: pd.DataFrame) -> None:
    held = campaigns[campaigns["arm"] == "holdout"]
    assert held[["opened_at", "clicked_at"]].isna().all(axis=None)
    assert (held["cost"] == 0).all()
    assert campaigns["consent_email"].all()


def test_clicks_follow_opens_follow_sending(campaigns: pd.DataFrame) -> None:
    clicked = campaigns.dropna(subset="clicked_at")
    assert len(clicked) > 0
    assert (clicked["sent_at"] < clicked["opened_at"]).all()
    assert (clicked["opened_at"] < clicked["clicked_at"]).all()


def test_the_shares_of_arms_are_the_logged_propensities(campaigns: pd.DataFrame) -> None:
    chosen = np.where(campaigns["arm"] == "treatment", campaigns["propensity"], 1 - campaigns["propensity"])
    shares = (campaigns["arm"] == "treatment").groupby(np.round(chosen, 2)).mean()
    assert shares.to_numpy() == pytest.approx(shares.index.to_numpy(), abs=0.015)


def test_nobody_is_looked_at_before_they_may_be() -> None:
    rng = np.random.default_rng(0)
    touches = marketing.assign(rng, np.array([10, 20]), np.array([15, 25]), 1.0, np.array([1.0, 1.0]))
    assert list(zip(touches.customer.tolist(), touches.sent_s.tolist(), strict=True)) == [(0, 20)]
    who, at = marketing.extra_orders(rng, touches, np.array([1.0, 0.0]), window_days=7)
    assert who.tolist() == [0]
    assert 20 < at[0] < 20 + 7 * 86_400


def test_a_shop_without_campaigns_has_an_empty_file(tmp_path: Path) -> None:
    spec = SimulationSpec(customers=50, marketing=Marketing(campaigns_per_year=0, promotions_per_year=0))
    shop: World = simulate(spec, tmp_path / "shop", seed=1)
    assert shop.table("touches").num_rows == 0
    assert shop.truth()["promotion_order_count"].to_pylist() == [0] * 50
