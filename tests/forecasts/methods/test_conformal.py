from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.forecasts.methods import MondrianConformal


def skewed(n, seed, zeros=0.4):
    random = np.random.default_rng(seed)
    predicted = random.lognormal(3, 1, n)
    actual = (random.random(n) > zeros) * predicted / (1 - zeros) * random.lognormal(-0.3, 0.8, n)
    return predicted, actual


@pytest.mark.parametrize("zeros", [0.0, 0.05, 0.4, 0.7])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_cover_what_they_promise_on_new_customers_in_every_tier(level, zeros):
    if zeros > level:
        pytest.skip("an atom larger than the level cannot be cut")
    model = MondrianConformal(level=level).fit(*skewed(6000, 1, zeros))
    predicted, actual = skewed(6000, 2, zeros)
    assert model.coverage(predicted, actual) == pytest.approx(level, abs=0.02)
    tier = np.digitize(predicted, np.quantile(predicted, [0.25, 0.5, 0.75]))
    for i in range(4):
        assert model.coverage(predicted[tier == i], actual[tier == i]) == pytest.approx(level, abs=0.035)


def test_where_most_bought_nothing_the_lower_end_is_zero():
    model = MondrianConformal().fit(*skewed(2000, 1))
    lower, upper = model.predict_interval([5.0, 50.0])
    assert (lower == 0).all()
    assert (upper > [5.0, 50.0]).all()


def test_where_everyone_buys_both_ends_are_above_zero():
    lower, _ = MondrianConformal().fit(*skewed(2000, 1, zeros=0.0)).predict_interval([20.0])
    assert lower[0] > 0


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=30))
def test_an_interval_always_holds_its_own_forecast(forecasts):
    model = MondrianConformal().fit(*skewed(300, 1))
    lower, upper = model.predict_interval(forecasts)
    assert (lower <= np.array(forecasts)).all()
    assert (upper >= np.array(forecasts)).all()
    assert (lower >= 0).all()


def test_refunds_below_zero_do_not_eat_the_coverage():
    predicted, actual = skewed(6000, 1)
    actual[::20] = -5.0
    model = MondrianConformal(level=0.8).fit(predicted[:3000], actual[:3000])
    assert model.coverage(predicted[3000:], actual[3000:]) == pytest.approx(0.8, abs=0.025)


def test_few_customers_make_one_band():
    model = MondrianConformal().fit([1.0, 2.0, 3.0], [0.0, 2.0, 9.0])
    assert [edges.size for edges in model.edges_] == [0]
    assert model.coverage([1.0, 2.0, 3.0], [0.0, 2.0, 9.0]) == 1.0


def test_equal_forecasts_make_one_band_and_no_warning():
    model = MondrianConformal().fit(np.full(500, 2.0), np.r_[np.zeros(300), np.full(200, 5.0)])
    assert model.predict_interval([2.0])[1][0] == pytest.approx(5.0)


def test_survives_being_written_and_read():
    model = MondrianConformal().fit(*skewed(1000, 1))
    again = MondrianConformal.from_parts(model.to_parts())
    forecasts = np.array([0.0, 1.0, 30.0, 1e6])
    assert (np.array(again.predict_interval(forecasts)) == np.array(model.predict_interval(forecasts))).all()


@pytest.mark.parametrize("level", [0.0, 1.0, 80])
def test_a_level_that_is_no_share_is_refused(level):
    with pytest.raises(ValueError, match="level is"):
        MondrianConformal(level=level).fit([1.0], [1.0])


def test_where_many_lose_money_the_lower_end_is_below_zero_and_the_interval_covers():
    random = np.random.default_rng(4)
    predicted = random.uniform(1, 10, 4000)
    actual = predicted * random.normal(0.5, 1.0, 4000)  # three in ten below zero
    model = MondrianConformal(level=0.8).fit(predicted[:2000], actual[:2000])
    lower, upper = model.predict_interval(predicted[2000:])
    assert (lower < 0).all()
    assert (upper > 0).all()
    assert model.coverage(predicted[2000:], actual[2000:]) == pytest.approx(0.8, abs=0.03)


def by_chance(n, seed):
    """Return forecasts with chances of an order, all worth the same, and what came."""
    random = np.random.default_rng(seed)
    chance = random.choice([0.3, 0.7, 0.95, 0.99], n)
    came = (random.random(n) < chance) * random.lognormal(0, 0.3, n) * 50 / chance
    return np.column_stack([random.uniform(49, 51, n), chance]), came


def test_the_sure_and_the_unsure_of_one_value_have_intervals_of_their_own_that_hold():
    model = MondrianConformal(level=0.8).fit(*by_chance(6000, 1))
    X, y = by_chance(6000, 2)
    lower, upper = model.predict_interval(X)
    inside = (y >= lower) & (y <= upper)
    for chance in np.unique(X[:, 1]):
        mine = X[:, 1] == chance
        assert inside[mine].mean() == pytest.approx(model.promised(X[mine]).mean(), abs=0.03)
    assert (lower[X[:, 1] < 0.9] == 0).all()
    assert (lower[X[:, 1] > 0.9] > 20).all()
    third, tenth = -0.431, 1.282  # standard normal: 20 of 30 % below, and 10 % above
    assert upper[X[:, 1] == 0.3].mean() == pytest.approx(50 / 0.3 * np.exp(0.3 * third), rel=0.07)
    assert upper[X[:, 1] == 0.99].mean() == pytest.approx(50 / 0.99 * np.exp(0.3 * tenth), rel=0.07)


def test_too_few_sure_customers_share_the_intervals_of_the_next():
    X, y = by_chance(6000, 1)
    few = np.r_[np.flatnonzero(X[:, 1] < 0.9), np.flatnonzero(X[:, 1] > 0.9)[:40]]
    model = MondrianConformal(level=0.8).fit(X[few], y[few])
    assert model.cuts_.tolist() == [0.5]


def test_bands_by_chance_come_back_from_their_parts():
    model = MondrianConformal().fit(*by_chance(2000, 1))
    X, _ = by_chance(50, 2)
    again = MondrianConformal.from_parts(model.to_parts())
    assert np.array_equal(again.predict_interval(X), model.predict_interval(X))


def test_a_chance_that_is_missing_is_named():
    model = MondrianConformal().fit(*by_chance(2000, 1))
    with pytest.raises(ValueError, match="X has 1 features, but MondrianConformal is expecting 2"):
        model.predict_interval([1.0, 2.0])
