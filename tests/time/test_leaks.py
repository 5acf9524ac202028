"""Leak hunts: nothing dated on or after as_of moves a feature; nothing outside its window moves a label."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worlds import (
    AS_OF,
    SHAPES,
    capabilities_of,
    customers_of,
    effort,
    planted,
    random_shop,
    shape_capabilities,
    shuffled,
    tiny_shop,
    until,
)

SEEDS = st.integers(0, 2**32 - 1)
DATES = (AS_OF, AS_OF - timedelta(days=90))
ON_AND_AFTER = [AS_OF + timedelta(days=days) for days in (0, 0, 0, 1, 29, 400)]
EVERYTHING = shape_capabilities("everything")


def same(name, one, other):
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-4 if "_std_" in name or "_variation_" in name else 1e-12)


def moved(before, after):
    """Return what differs between two answers, on the columns that both have."""
    assert before.keys() == after.keys()
    return {
        (*pair, name): (row[name], after[pair][name])
        for pair, row in before.items()
        for name in row.keys() & after[pair].keys()
        if not same(name, row[name], after[pair][name])
    }


def pairs_of(shop, dates=DATES):
    return [(who, day) for who in customers_of(shop) for day in dates]


def moved_by_the_future(workbench, shape, seed, future):
    shop, known = random_shop(seed, shape), shape_capabilities(shape)
    after = planted(shop, ON_AND_AFTER, future)
    pairs = pairs_of(shop)
    return moved(workbench.features(shop, pairs, known), workbench.features(after, pairs, known))


@effort(6)
@given(seed=SEEDS, future=SEEDS)
def test_facts_on_and_after_as_of_move_no_feature(workbench, seed, future):
    assert moved_by_the_future(workbench, "everything", seed, future) == {}


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "everything"])
@effort(20)
@given(seed=SEEDS, future=SEEDS)
def test_nor_do_they_where_less_is_known(workbench, shape, seed, future):
    assert moved_by_the_future(workbench, shape, seed, future) == {}


@effort(10)
@given(seed=SEEDS, past=SEEDS)
def test_facts_before_as_of_do_move_features(workbench, seed, past):
    shop = random_shop(seed)
    busier = planted(shop, [AS_OF - timedelta(days=1)], past)
    pairs = pairs_of(shop, [AS_OF])
    assert moved(workbench.features(shop, pairs, EVERYTHING), workbench.features(busier, pairs, EVERYTHING))


@effort(10)
@given(seed=SEEDS, order=SEEDS)
def test_the_order_of_rows_says_nothing(workbench, seed, order):
    shop = random_shop(seed)
    pairs = pairs_of(shop)
    told = workbench.features(shop, pairs, EVERYTHING)
    assert moved(told, workbench.features(shuffled(shop, order), pairs[::-1], EVERYTHING)) == {}


@effort(10)
@given(seed=SEEDS)
def test_several_dates_at_once_are_the_same_as_one_by_one(workbench, seed):
    shop = random_shop(seed)
    one_by_one = {}
    for day in DATES:
        one_by_one |= workbench.features(shop, pairs_of(shop, [day]), EVERYTHING)
    assert moved(workbench.features(shop, pairs_of(shop), EVERYTHING), one_by_one) == {}


@pytest.mark.parametrize("shape", ["everything", "orders_only"])
@effort(10)
@given(seed=SEEDS)
def test_everyone_on_one_day_is_the_same_as_each_of_them(workbench, shape, seed):
    shop, known = random_shop(seed, shape), shape_capabilities(shape)
    told = workbench.snapshot(shop, AS_OF, known)
    paid = {row["customer_id"] for row in until(shop, AS_OF)["orders"].to_pylist() if row["status"] == "paid"}
    assert {who for who, _ in told} == paid
    assert moved(workbench.features(shop, list(told), known), told) == {}


def test_a_feature_that_only_the_future_makes_possible_says_nothing_yet(workbench):
    shop, as_of = tiny_shop(), date(2024, 2, 2)
    morning, pairs = until(shop, as_of), pairs_of(shop, [as_of])
    then = workbench.features(morning, pairs, capabilities_of(morning))
    now = workbench.features(shop, pairs, EVERYTHING)
    assert moved(then, now) == {}
    for pair, row in now.items():
        assert all(value in {None, 0.0} for name, value in row.items() if name not in then[pair]), pair
    assert len(now["ann", as_of]) > len(then["ann", as_of]) > 50


@effort(10)
@given(seed=SEEDS, past=SEEDS, horizon_days=st.sampled_from([1, 30]))
def test_labels_see_only_their_window(workbench, seed, past, horizon_days):
    shop = random_shop(seed)
    end = AS_OF + timedelta(days=horizon_days)
    outside = [AS_OF - timedelta(days=40), AS_OF - timedelta(days=1), end, end + timedelta(days=1)]
    pairs = pairs_of(shop, [AS_OF])
    told = workbench.labels(shop, pairs, horizon_days, EVERYTHING)
    assert workbench.labels(planted(shop, outside, past), pairs, horizon_days, EVERYTHING) == told


@effort(10)
@given(seed=SEEDS, past=SEEDS)
def test_labels_see_the_first_and_the_last_day_of_their_window(workbench, seed, past):
    shop = random_shop(seed)
    pairs = [*pairs_of(shop, [AS_OF]), ("newcomer", AS_OF)]
    for day in (AS_OF, AS_OF + timedelta(days=29)):
        quiet = until(shop, AS_OF)
        busier = planted(quiet, [day], past)
        paid = {
            row["customer_id"] for row in busier["orders"].to_pylist() if (row["day"], row["status"]) == (day, "paid")
        }
        told = workbench.labels(busier, pairs, 30, EVERYTHING)
        assert {who for (who, _), row in told.items() if row["future_order_count"] == 1} == paid


def test_a_later_refund_changes_later_features_only(workbench):
    shop = tiny_shop()
    before_it = ("ann", date(2024, 4, 1))  # the day of the return itself: not known yet
    after_it = ("ann", date(2024, 4, 2))
    told = workbench.features(shop, [before_it, after_it], EVERYTHING)
    assert (told[before_it]["net_revenue_sum_lifetime"], told[before_it]["refund_sum_lifetime"]) == (200, 0)
    assert (told[after_it]["net_revenue_sum_lifetime"], told[after_it]["refund_sum_lifetime"]) == (180, 20)
    assert told[before_it]["margin_sum_lifetime"] == told[after_it]["margin_sum_lifetime"] == 95
