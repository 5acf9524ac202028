from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.simulation import World
from patron.simulation.methods import people, ties
from patron.simulation.population import FAR_S


def test_rates_are_gamma_of_the_shape_and_mean_asked_for() -> None:
    rate = people.gamma_rates(np.random.default_rng(1).standard_normal(300_000), shape=0.7, mean=2.0)
    assert rate.mean() == pytest.approx(2.0, rel=0.01)
    assert rate.var() == pytest.approx(4 / 0.7, rel=0.03)


@settings(deadline=None)
@given(
    acquired=st.lists(st.integers(0, 20), min_size=1, max_size=60),
    share=st.floats(0, 0.5),
    seed=st.integers(0, 1000),
)
def test_referrers_came_earlier_and_were_not_referred(acquired: list[int], share: float, seed: int) -> None:
    at = np.array(acquired)
    referrer = ties.referrers(np.random.default_rng(seed), at, share)
    referred = np.flatnonzero(referrer >= 0)
    assert (at[referrer[referred]] < at[referred]).all()
    assert (referrer[referrer[referred]] == -1).all()


def test_referred_customers_are_alike_and_still_normal() -> None:
    rng = np.random.default_rng(2)
    referrer = ties.referrers(rng, rng.integers(0, FAR_S, 200_000), 0.3)
    latent = ties.alike(rng, referrer, 0.5)
    referred = np.flatnonzero(referrer >= 0)
    assert np.corrcoef(latent[referred], latent[referrer[referred]])[0, 1] == pytest.approx(0.5, abs=0.02)
    assert latent[referred].std() == pytest.approx(1, abs=0.02)


def test_households_are_disjoint_pairs_in_one_region(clean_world: World) -> None:
    links = clean_world.table("links").to_pandas()
    pairs = links[links["kind"] == "household"]
    members = [*pairs["from_customer"], *pairs["to_customer"]]
    assert len({*members}) == len(members) == 200
    region = clean_world.table("customers").to_pandas().set_index("customer_id")["region"]
    assert (region[pairs["from_customer"]].to_numpy() == region[pairs["to_customer"]].to_numpy()).all()


def test_referral_is_the_channel_of_the_referred(clean_world: World) -> None:
    links = clean_world.table("links").to_pandas()
    referred = {*links.loc[links["kind"] == "referral", "to_customer"]}
    customers = clean_world.table("customers").to_pandas()
    assert {*customers.loc[customers["channel"] == "referral", "customer_id"]} == referred
    assert len(referred) == pytest.approx(0.08 * 4000, rel=0.2)


def test_contacts_are_nobodys(clean_world: World) -> None:
    contacts = clean_world.table("contacts").to_pandas()
    assert contacts["email"].str.endswith("@example.com").all()
    assert contacts["phone"].str.fullmatch(r"\+447700900\d{3}").all()
    assert contacts["email"].is_unique
