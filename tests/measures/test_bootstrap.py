from __future__ import annotations

import numpy as np
import pytest

from patron.ground.errors import InputError
from patron.measures import (
    interval,
    interval_of_mean,
    interval_of_ratio,
    intervals,
    mean_absolute_error,
    paired_difference,
)


def test_the_interval_of_a_mean_has_the_width_theory_gives():
    values = np.random.default_rng(0).normal(10, 2, 400)
    expected = 2 * 1.96 * values.std() / 20
    for found in (
        interval_of_mean(values, draws=1000, seed=1),
        interval(lambda v: float(v.mean()), values, draws=1000, seed=1),
    ):
        assert found.value == pytest.approx(values.mean())
        assert found.upper - found.lower == pytest.approx(expected, rel=0.1)


def test_drawing_fewer_rows_than_there_are_keeps_the_width():
    values = np.random.default_rng(0).normal(10, 2, 20_000)
    found = interval(lambda v: float(v.mean()), values, draws=400, seed=1, most_rows=500)
    assert found.upper - found.lower == pytest.approx(2 * 1.96 * 2 / 20_000**0.5, rel=0.2)
    assert found.lower < values.mean() < found.upper


def test_one_seed_one_answer():
    values = np.random.default_rng(0).gamma(1, 1, 100)
    assert interval_of_mean(values, seed=3) == interval_of_mean(values, seed=3)
    assert interval_of_mean(values, seed=3) != interval_of_mean(values, seed=4)


def test_pairing_sees_a_difference_that_separate_intervals_hide():
    random = np.random.default_rng(0)
    actual = random.gamma(0.3, 100, 500)
    good = actual + random.normal(0, 30, 500)
    worse = good + np.sign(good - actual) * 2
    apart = [interval(mean_absolute_error, actual, it, seed=1) for it in (good, worse)]
    together = paired_difference(mean_absolute_error, actual, good, worse, seed=1)
    assert apart[0].upper > apart[1].lower
    assert together.upper < 0
    assert together.value == pytest.approx(-2.0)


def test_undefined_draws_are_left_out_and_an_undefined_value_has_no_interval():
    found = interval(lambda v: float(v.mean()) if v.max() > 0 else float("nan"), [0.0, 0.0, 1.0], seed=0)
    assert np.isfinite([found.value, found.lower, found.upper]).all()
    empty = interval_of_ratio([1.0, 2.0], [0.0, 0.0])
    assert np.isnan([empty.value, empty.lower, empty.upper]).all()


def test_several_statistics_share_their_draws():
    found = intervals(lambda v: {"sum": float(v.sum()), "double": float(2 * v.sum())}, [1.0, 2.0, 5.0], seed=2)
    assert found["double"].lower == pytest.approx(2 * found["sum"].lower)


def test_arrays_of_different_length_cannot_be_drawn_together():
    with pytest.raises(InputError, match=r"\[2, 1\] rows"):
        interval(mean_absolute_error, [1.0, 2.0], [1.0])
