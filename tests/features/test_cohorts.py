"""Cohorts and gap quantiles against dictionaries."""

from __future__ import annotations

import statistics
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron import features
from patron.contracts.published import COHORTS
from worlds import AS_OF, effort, planted, random_shop, shape_capabilities, tiny_shop, unpacked, until

SEEDS = st.integers(0, 2**32 - 1)
EVERYTHING = shape_capabilities("everything")


def months_between(start, end):
    return (end.year - start.year) * 12 + end.month - start.month


def cohorts_by_hand(facts, as_of):
    """Return (cohort month, age) -> customers, active customers, net revenue, complete or not."""
    orders = [o for o in facts["orders"] if o["status"] == "paid" and o["day"] < as_of]
    back = [r for r in facts["returns"] if r["order_id"] is not None and r["day"] < as_of]
    first = {}
    for order in sorted(orders, key=lambda o: o["day"]):
        first.setdefault(order["customer_id"], order["day"].replace(day=1))
    active, revenue = defaultdict(set), defaultdict(Decimal)
    for order in orders:
        cell = first[order["customer_id"]], months_between(first[order["customer_id"]], order["day"])
        active[cell].add(order["customer_id"])
        revenue[cell] += order["order_revenue"] or 0
    for row in back:
        if row["customer_id"] in first:
            cohort = first[row["customer_id"]]
            revenue[cohort, months_between(cohort, row["day"])] -= row["amount"] or 0
    told = {}
    for cohort in set(first.values()):
        size = sum(month == cohort for month in first.values())
        for age in range(months_between(cohort, as_of) + 1):
            cell = cohort, age
            last_month = age == months_between(cohort, as_of)
            told[cell] = (size, len(active[cell]), pytest.approx(float(revenue[cell])), not last_month)
    return told


def cohorts_of(workbench, shop, as_of):
    table = features.cohorts(workbench.tiles(shop, EVERYTHING), as_of)
    rows = COHORTS.check(workbench.engine.arrow(table)).to_pylist()
    cells = {(row["cohort_month"], row["age_months"]): row for row in rows}
    assert len(cells) == len(rows)
    return cells


def brief(cells):
    columns = ("customer_count", "active_customer_count", "net_revenue", "is_complete")
    return {cell: tuple(row[column] for column in columns) for cell, row in cells.items()}


def test_the_cohorts_of_the_tiny_shop(workbench):
    cells = cohorts_of(workbench, tiny_shop(), AS_OF)
    ann = {age: cells[date(2024, 1, 1), age] for age in range(7)}
    assert [ann[age]["net_revenue"] for age in range(7)] == [140, 0, 60, -20, 0, 200, 0]
    assert [ann[age]["active_customer_count"] for age in range(7)] == [1, 0, 1, 0, 0, 1, 0]
    assert ann[6]["cumulative_net_revenue_per_customer"] == 380
    assert [ann[age]["is_complete"] for age in (5, 6)] == [True, False]  # July has only begun
    assert {cohort for cohort, _ in cells} == {date(2023, 5, 1), date(2024, 1, 1), date(2024, 2, 1)}


@effort(10)
@given(seed=SEEDS, as_of=st.sampled_from([AS_OF, AS_OF - timedelta(days=1), date(2024, 6, 15)]))
def test_cohorts_agree_with_dictionaries(workbench, seed, as_of):
    shop = random_shop(seed)
    told, wanted = brief(cohorts_of(workbench, shop, as_of)), cohorts_by_hand(unpacked(shop), as_of)
    assert told == wanted


@effort(10)
@given(seed=SEEDS, future=SEEDS)
def test_the_future_moves_no_cohort(workbench, seed, future):
    shop = until(random_shop(seed), AS_OF)
    later = planted(shop, [AS_OF, AS_OF + timedelta(days=40)], future)
    told, wanted = (brief(cohorts_of(workbench, which, AS_OF)) for which in (later, shop))
    assert told == wanted


def test_gap_quantiles_are_those_of_the_gaps(workbench):
    tiles = workbench.tiles(tiny_shop(), EVERYTHING)
    row = workbench.engine.rows(features.gap_quantiles(tiles, AS_OF))[0]
    gaps = [60, 110, 121]  # ann, ann, bob
    assert row["gap_days_p50"] == statistics.median(gaps)
    assert row["gap_days_p80"] == pytest.approx(110 + 0.6 * 11)


def test_nobody_has_ordered_twice(workbench):
    tiles = workbench.tiles(tiny_shop(), EVERYTHING)
    assert workbench.engine.rows(features.gap_quantiles(tiles, date(2024, 1, 15)))[0]["gap_days_p50"] is None


def test_cohorts_of_a_shop_without_money_count_only(workbench):
    shop = {name: random_shop(5, "no_money")[name] for name in ("orders", "order_lines", "returns")}
    table = features.cohorts(workbench.tiles(shop, shape_capabilities("no_money")), AS_OF)
    rows = COHORTS.check(workbench.engine.arrow(table)).to_pylist()
    assert rows
    assert {row["net_revenue"] for row in rows} == {None}
