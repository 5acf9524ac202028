"""Allocation: hand-made budgets, never too much spent, near the best plan that exists."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.decisions.methods.allocation import NONE, Pairs, allocate, pays


def pairs(rows):
    """Rows of (customer, action, cost, margin), in the order of priority within a customer."""
    customer, action, cost, margin = (np.array(column) for column in zip(*rows, strict=True))
    return Pairs(
        customer.astype(np.int64), action.astype(np.int64), np.full(len(rows), 0.1), cost.astype(float),
        margin.astype(float), action.astype(np.int64),
    )  # fmt: skip


def plan(made, n, budget, charged=None):
    charged = np.ones(n, np.bool_) if charged is None else np.array(charged)
    found = allocate(made, n, budget, charged, np.linspace(0.1, 0.9, n))
    return [None if pair == NONE else int(made.action[pair]) for pair in found.pair], found.price


HAND = [
    # c0: a letter (10) brings 30, an e-mail (1) brings 12
    (0, 0, 10.0, 30.0),
    (0, 1, 1.0, 12.0),
    # c1: the letter brings 14, the e-mail 11
    (1, 0, 10.0, 14.0),
    (1, 1, 1.0, 11.0),
    # c2: only a phone call (5), which brings 10
    (2, 2, 5.0, 10.0),
]


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (np.inf, [0, 0, 2]),  # everyone their best: cost 25, margin 54
        (25.0, [0, 0, 2]),
        (24.0, [0, 1, 2]),  # giving up c1's letter loses 3 and frees 9
        (16.0, [0, 1, 2]),  # cost 10 + 1 + 5
        (15.0, [0, 1, None]),  # c0's letter returns 18 / 9 = 2 per unit more, as the call does; c0 is first in the draw
        (11.0, [0, 1, None]),
        (10.0, [1, 1, 2]),  # the letter no longer fits
        (2.0, [1, 1, None]),
        (1.0, [1, None, None]),
        (0.5, [None, None, None]),
        (0.0, [None, None, None]),
    ],
)
def test_budgets_by_hand(budget, expected):
    assert plan(pairs(HAND), 3, budget)[0] == expected


def test_the_price_of_the_last_unit_is_what_it_returns():
    assert plan(pairs(HAND), 3, np.inf)[1] == 0.0
    assert plan(pairs(HAND), 3, 1.5)[1] == pytest.approx(11.0)  # c1's e-mail, 11 for 1, is the last that did not fit


def test_the_held_out_cost_nothing_and_get_what_they_would_have_had():
    same = pairs([(i, 0, 1.0, 5.0) for i in range(6)])
    chosen, _ = plan(same, 6, 2.0, charged=[False, True, True, False, True, True])
    assert chosen == [0, 0, 0, 0, None, None]  # two are paid for; those before the third in the draw come along


def test_without_known_margins_priority_decides_and_then_the_draw():
    blind = pairs([(0, 1, 1.0, np.nan), (1, 0, 1.0, np.nan), (2, 0, 1.0, np.nan), (2, 1, 0.1, np.nan)])
    assert plan(blind, 3, np.inf)[0] == [1, 0, 0]
    assert plan(blind, 3, 2.0)[0] == [None, 0, 0]


def test_what_is_free_is_done_even_when_the_budget_is_spent():
    blind = pairs([(0, 0, 1.0, np.nan), (1, 0, 1.0, np.nan), (2, 1, 0.0, np.nan)])
    assert plan(blind, 3, 1.0)[0] == [0, None, 1]
    # the held-out are treated alike: nobody gets what others in their place could not have
    assert plan(blind, 3, 0.5, charged=[False, True, False])[0] == [None, None, 1]


def test_known_margins_are_served_before_unknown_ones():
    mixed = pairs([(0, 0, 1.0, np.nan), (1, 1, 1.0, 0.01)])
    assert plan(mixed, 2, 1.0)[0] == [None, 1]


def test_what_costs_more_than_the_whole_budget_does_not_block_the_rest():
    assert plan(pairs([(0, 0, 12.0, 600.0), (1, 1, 5.0, 6.0)]), 2, 10.0)[0] == [None, 1]


def test_what_does_not_pay_is_not_a_candidate():
    made = pairs([(0, 0, 1.0, -0.1), (1, 0, 0.0, 0.0), (2, 0, 1.0, 0.0), (3, 0, 1.0, np.nan), (4, 0, 1.0, 0.1)])
    assert pays(made).tolist() == [False, True, False, True, True]


def test_nobody_to_choose_for():
    none = pairs([(0, 0, 1.0, 1.0)]).where(np.array([False]))
    assert plan(none, 3, 10.0)[0] == [None, None, None]


CHOICES = st.lists(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 50)), min_size=0, max_size=3), min_size=1, max_size=5
)


@given(CHOICES, st.integers(0, 60))
def test_no_plan_on_earth_brings_more_than_one_action_above_ours(choices, budget):
    rows = [(i, j, cost, margin) for i, options in enumerate(choices) for j, (cost, margin) in enumerate(options)]
    if not rows:
        return
    made = pairs(rows)
    found = allocate(
        made, len(choices), float(budget), np.ones(len(choices), np.bool_), np.linspace(0, 0.9, len(choices))
    )
    taken = found.pair[found.pair != NONE]
    assert made.cost[taken].sum() <= budget
    affordable = [margin for _, _, cost, margin in rows if cost <= budget]
    best = max(
        sum(option[1] for option in pick)
        for pick in product(*[[(0, 0), *options] for options in choices])
        if sum(option[0] for option in pick) <= budget
    )
    assert made.margin[taken].sum() >= best - max(affordable, default=0)


@given(st.integers(0, 10_000), st.floats(0, 400), st.floats(0, 0.5))
def test_the_budget_is_never_exceeded_and_hardly_wasted(seed, budget, share):
    draw = np.random.default_rng(seed)
    n = 300
    customer = np.sort(draw.integers(0, n, 900))
    made = Pairs(
        customer, draw.integers(0, 5, 900), draw.random(900), draw.random(900) * 3.0,
        np.where(draw.random(900) < 0.8, draw.random(900) * 5.0, np.nan), draw.integers(0, 5, 900),
    )  # fmt: skip
    out = draw.random(n) < share
    found = allocate(made, n, budget, ~out, draw.random(n)).pair
    taken = found[(found != NONE) & ~out]
    spent = made.cost[taken].sum()
    assert spent <= budget * (1 + 1e-12)
    assert np.array_equal(made.customer[found[found != NONE]], np.flatnonzero(found != NONE))
