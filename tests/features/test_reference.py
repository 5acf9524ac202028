"""Every feature of every customer against the slow, obvious reference."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.reference import Value, features_by_hand, label_by_hand
from patron.contracts.catalogue import available, declared, is_published
from worlds import (
    AS_OF,
    SHAPES,
    SIGNALS,
    capabilities_of,
    customers_of,
    effort,
    random_shop,
    shape_capabilities,
    tiny_shop,
    unpacked,
)

SEEDS = st.integers(0, 2**32 - 1)
EVERYTHING = shape_capabilities("everything")
DATES = (AS_OF, date(2024, 3, 11), date(2024, 7, 6), date(2023, 5, 15), date(2025, 7, 1))


def agrees(name: str, got: float | None, wanted: Value) -> bool:
    """Counts and money to the last bit, the rest to 1e-9; spreads from sums of squares lose some digits near zero."""
    if got is None or wanted is None:
        return got is None and wanted is None
    if isinstance(wanted, int | Decimal):
        return got == float(wanted)
    return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-4 if "_std_" in name or "_variation_" in name else 1e-12)


def disagreements(workbench, world, pairs, known=None):
    told, facts = workbench.features(world, pairs, known), unpacked(world)
    found = {}
    for (customer, as_of), row in told.items():
        wanted = features_by_hand(facts, customer, as_of, SIGNALS)
        wrong = {name: (got, wanted[name]) for name, got in row.items() if not agrees(name, got, wanted[name])}
        found |= {(customer, str(as_of)): wrong} if wrong else {}
    return found


def test_the_reference_knows_every_published_feature():
    published = {feature.name for feature in declared(SIGNALS) if is_published(feature)}
    assert set(features_by_hand(unpacked(tiny_shop()), "ann", AS_OF, SIGNALS)) == published


def test_the_tiny_shop_has_every_feature():
    assert available(capabilities_of(tiny_shop()), SIGNALS) == declared(SIGNALS)


def test_the_tiny_shop_agrees_with_the_reference(workbench):
    shop = tiny_shop()
    pairs = [(customer, as_of) for customer in customers_of(shop) for as_of in DATES]
    assert len(workbench.features(shop, pairs, EVERYTHING)) == len(pairs)
    assert disagreements(workbench, shop, pairs, EVERYTHING) == {}


def random_disagreements(workbench, seed, shape):
    shop = random_shop(seed, shape)
    pairs = [(who, day) for who in customers_of(shop) for day in (AS_OF, AS_OF - timedelta(days=30))]
    return disagreements(workbench, shop, pairs, shape_capabilities(shape))


@effort(6)
@given(seed=SEEDS)
def test_random_shops_agree_with_the_reference(workbench, seed):
    assert random_disagreements(workbench, seed, "everything") == {}


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "everything"])
@effort(10)
@given(seed=SEEDS)
def test_so_do_random_shops_that_know_less(workbench, shape, seed):
    assert random_disagreements(workbench, seed, shape) == {}


@pytest.mark.parametrize("shape", ["everything", "no_money"])
@effort(6)
@given(seed=SEEDS, horizon_days=st.sampled_from([1, 30, 90]))
def test_labels_agree_with_the_reference(workbench, shape, seed, horizon_days):
    shop = random_shop(seed, shape)
    pairs = [(who, AS_OF - timedelta(days=31)) for who in customers_of(shop)]
    told = workbench.labels(shop, pairs, horizon_days, shape_capabilities(shape))
    for (customer, as_of), row in told.items():
        wanted = label_by_hand(unpacked(shop), customer, as_of, horizon_days)
        by_hand = {name: wanted[name] if wanted[name] is None else float(wanted[name]) for name in row}
        assert row == by_hand, (customer, as_of)


def test_shapes_differ_in_what_they_can_answer():
    n = {shape: len(available(shape_capabilities(shape), SIGNALS)) for shape in SHAPES}
    assert n["everything"] > n["no_money"] > n["orders_only"] / 2
