from __future__ import annotations

from datetime import date

import pytest

from patron.contracts.published import SAME_ORIGIN
from patron.forecasts.champions import Champion
from patron.forecasts.grades import grade
from patron.forecasts.intervals import Coverage
from patron.forecasts.judgement import Judgement


def champion(model="hurdle", target="orders"):
    return Champion(model, "naive", None, "error of hurdle less that of naive: +0.010", target)


def judged(target="orders", model="hurdle", **measures):
    return tuple(
        Judgement(target, model, date(2025, 1, 1), name, value, value, value, 0.0) for name, value in measures.items()
    )


def covered(value, how="bands from earlier origins", promised=0.8):
    return (
        Coverage(0.8, None, value, value, value, promised, how),
        Coverage(0.8, 1, 0.1, 0.1, 0.1, promised, how),
    )


@pytest.mark.parametrize(
    ("ratio", "tenths", "letter"),
    [
        (1.0, 0.10, "A"),
        (0.91, 0.15, "A"),
        (1.0, 0.16, "B"),
        (0.85, 0.1, "B"),
        (1.24, 0.3, "B"),
        (1.3, 0.1, "C"),
        (1.0, 0.31, "C"),
    ],
)
def test_amounts_are_graded_by_total_and_tenths(ratio, tenths, letter):
    assert grade(champion(), judged(sum_ratio=ratio, decile_mape=tenths), (), 2).letter == letter


@pytest.mark.parametrize(("error", "letter"), [(0.02, "A"), (0.05, "B"), (0.08, "C")])
def test_chances_are_graded_by_their_calibration(error, letter):
    found = judged("active", expected_calibration_error=error)
    assert grade(champion(target="active"), found, (), 2).letter == letter


@pytest.mark.parametrize(("coverage", "letter"), [(0.78, "A"), (0.72, "B"), (0.65, "C"), (0.93, "C")])
def test_money_needs_intervals_that_hold(coverage, letter):
    found = judged("net_revenue", sum_ratio=1.0, decile_mape=0.1)
    assert grade(champion(target="net_revenue"), found, covered(coverage), 2).letter == letter


def test_intervals_that_promise_more_because_most_buy_nothing_are_held_to_it():
    found = judged("net_revenue", sum_ratio=1.0, decile_mape=0.1)
    assert grade(champion(target="net_revenue"), found, covered(0.92, promised=0.93), 2).letter == "A"
    assert grade(champion(target="net_revenue"), found, covered(0.8, promised=0.93), 2).letter == "C"


def test_intervals_that_no_later_window_tested_do_not_count():
    found = judged("net_revenue", sum_ratio=1.0, decile_mape=0.1)
    assert grade(champion(target="net_revenue"), found, covered(0.5, SAME_ORIGIN), 2).letter == "A"


def test_a_formula_is_a_d_however_near_it_came():
    found = judged(model="last_period", sum_ratio=1.0, decile_mape=0.01)
    graded = grade(champion("last_period"), found, (), 2)
    assert (graded.letter, "formula" in graded.reason) == ("D", True)


def test_the_reason_says_what_kept_it_from_better():
    found = judged(sum_ratio=0.85, decile_mape=0.2)
    graded = grade(champion(), found, (), 2)
    assert (
        graded.reason
        == "the total was 85% of what came, further than 10%; the tenths are off by 20% on average, more than 15%"
    )


def test_one_past_date_is_no_ground_for_a_budget():
    found = judged(sum_ratio=1.0, decile_mape=0.1)
    assert grade(champion(), found, (), 2).letter == "A"
    graded = grade(champion(), found, (), 1)
    assert graded.letter == "C"
    assert graded.reason == "1 past date judged it, fewer than 2"
    assert grade(champion("last_period"), found, (), 1).letter == "D"
