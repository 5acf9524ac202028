from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.special import loggamma

from patron.forecasts.methods import BetaGeoNBD, ModifiedBetaGeoNBD
from patron.forecasts.methods.beta_geo import _purchases_by_quadrature
from patron.forecasts.methods.beta_geo_likelihood import MeanLogLikelihood
from patron.ground.errors import MissingColumns

MODELS = [BetaGeoNBD, ModifiedBetaGeoNBD]
PARAMS = {"r": 0.8, "alpha": 30.0, "a": 0.6, "b": 2.0}
HISTORIES = np.array([[0, 0, 100], [1, 20, 100], [5, 90, 100], [5, 30, 400], [40, 380, 400]], dtype=float)


def simulate(model_class, n, seed, *, r=0.8, alpha=30.0, a=0.6, b=2.0, end=365.0):
    random = np.random.default_rng(seed)
    rate, leave = random.gamma(r, 1 / alpha, n), random.beta(a, b, n)
    start = random.integers(0, 180, n)
    rows = []
    for lam, p, born in zip(rate, leave, start, strict=True):
        x, last, now, T = 0, 0.0, 0.0, end - born
        alive = model_class is BetaGeoNBD or random.random() > p
        while alive:
            now += random.exponential(1 / lam)
            if now > T:
                break
            x, last = x + 1, now
            alive = random.random() > p
        rows.append((x, last, T))
    return np.array(rows, dtype=float)


def plain(logs, histories, weight, throws):
    """The mean log-likelihood row by row, as the papers write it; takes complex numbers."""
    r, alpha, a, b = np.exp(logs)
    x, t_x, T = histories.T
    n = x + throws
    counts = loggamma(r + x) - loggamma(r) + r * np.log(alpha)
    counts = counts + loggamma(a + b) + loggamma(b + n) - loggamma(b) - loggamma(a + b + n)
    left = np.where(n > 0, a / (b + np.maximum(n, 1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x), 0)
    return (counts - (r + x) * np.log(alpha + T) + np.log(1 + left)) @ weight / weight.sum()


def slope_of(function, at, step=1e-30):
    """The gradient by complex steps (Squire and Trapp 1998): exact to rounding, with no difference taken."""
    return np.array([function(at + 1j * step * one).imag / step for one in np.eye(at.size)])


def bend_of(function, at, step=1e-4):
    """The Hessian, by central differences of exact gradients."""
    ahead, behind = (np.array([slope_of(function, at + way * one) for one in np.eye(at.size)]) for way in (step, -step))
    return (ahead - behind) / (2 * step)


@pytest.mark.parametrize("model_class", MODELS)
def test_recovers_the_parameters_it_was_simulated_from(model_class):
    model = model_class().fit(simulate(model_class, 6000, seed=3))
    assert model.converged_
    assert model.at_bound_ == ()
    for name, truth in PARAMS.items():
        assert model.params_[name] == pytest.approx(truth, rel=0.25), name
        assert abs(model.params_[name] - truth) < 4 * model.standard_errors_[name], name


@pytest.mark.parametrize("throws", [0, 1])
@pytest.mark.parametrize("seed", range(6))
def test_gradient_and_hessian_are_those_of_the_likelihood(throws, seed):
    random = np.random.default_rng(seed)
    histories = HISTORIES / [1, 7, 7] if seed % 2 else HISTORIES
    weight = random.uniform(0.5, 3.0, len(histories))
    logs = random.normal([-0.3, 3.0, -0.3, 0.8], 1.5)
    here = MeanLogLikelihood(histories, weight, throws)(np.exp(logs)).by_logarithms(np.exp(logs))

    def function(at):
        return plain(at, histories, weight, throws)

    assert here.value == pytest.approx(function(logs), rel=1e-12)
    assert here.gradient == pytest.approx(slope_of(function, logs), rel=1e-9, abs=1e-11)
    assert here.hessian == pytest.approx(bend_of(function, logs), rel=1e-6, abs=1e-6)


@given(st.tuples(*[st.floats(-10, 10)] * 4), st.integers(0, 3000), st.floats(0, 1), st.floats(0.01, 20_000))
def test_the_derivatives_stay_finite_at_extreme_inputs(logs, x, share, T):
    history = np.array([[x, share * T if x else 0.0, T], [0, 0, T], [1, 0, 0]])
    for model_class, throws in ((BetaGeoNBD, 0), (ModifiedBetaGeoNBD, 1)):
        parameters = np.exp(logs)
        here = MeanLogLikelihood(history, np.ones(3), throws)(parameters)
        model = model_class.from_params(**dict(zip(PARAMS, parameters, strict=True)))
        assert here.value == pytest.approx(model.log_likelihood(history).mean(), rel=1e-8, abs=1e-6)
        assert np.isfinite(here.gradient).all()
        assert here.hessian == pytest.approx(here.hessian.T)


@pytest.mark.parametrize(("model_class", "throws"), [(BetaGeoNBD, 0), (ModifiedBetaGeoNBD, 1)])
@pytest.mark.parametrize("whole_days", [True, False])
def test_the_optimum_is_that_of_the_plain_route(model_class, throws, whole_days):
    histories = simulate(model_class, 3000, seed=11)
    histories = np.floor(histories) if whole_days else histories
    weight = np.ones(len(histories))

    def function(at):
        return plain(at, histories, weight, throws)

    found = minimize(
        lambda at: -function(at),
        np.log(list(PARAMS.values())),
        jac=lambda at: -slope_of(function, at),
        method="BFGS",
        options={"gtol": 1e-9},
    )
    model = model_class().fit(histories)
    assert list(model.params_.values()) == pytest.approx(list(np.exp(found.x)), rel=1e-6)
    errors = np.exp(found.x) * np.sqrt(np.diag(np.linalg.inv(-3000 * bend_of(function, found.x))))
    assert list(model.standard_errors_.values()) == pytest.approx(list(errors), rel=1e-3)


@pytest.mark.parametrize("model_class", MODELS)
def test_weights_stand_for_repeated_customers(model_class):
    histories = simulate(model_class, 300, seed=1).round()
    counts = np.random.default_rng(2).integers(0, 4, 300)
    weighted = model_class().fit(histories, sample_weight=counts)
    repeated = model_class().fit(np.repeat(histories, counts, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)
    assert list(weighted.params_.values()) == pytest.approx(list(repeated.params_.values()), rel=1e-7)
    errors = list(repeated.standard_errors_.values())
    assert list(weighted.standard_errors_.values()) == pytest.approx(errors, rel=1e-4)


def in_numbers(n, seed):
    """Many histories, quickly: purchases at random times, and the last one often long ago."""
    random = np.random.default_rng(seed)
    T = random.integers(100, 400, n).astype(float)
    x = random.poisson(random.gamma(0.8, 1 / 60, n) * T).astype(float)
    return np.column_stack([x, np.where(x > 0, np.floor(T * random.beta(np.maximum(x, 1), 1.5)), 0.0), T])


def test_rows_that_stand_for_nobody_are_as_if_they_were_not_there():
    histories, weight = in_numbers(16_000, seed=8), np.ones(16_000)
    weight[::4] = 0.0  # the very rows that a sample of 4,000 would draw
    model, other = BetaGeoNBD().fit(histories, sample_weight=weight), BetaGeoNBD().fit(histories[weight > 0])
    assert list(model.params_.values()) == pytest.approx(list(other.params_.values()), rel=1e-9)


@pytest.mark.parametrize("model_class", MODELS)
def test_the_order_of_rows_does_not_matter(model_class):
    histories = in_numbers(30_000, seed=6)
    model = model_class().fit(histories)
    for order in (np.lexsort(histories.T), np.random.default_rng(0).permutation(len(histories))):
        other = model_class().fit(histories[order])
        assert list(other.params_.values()) == pytest.approx(list(model.params_.values()), rel=1e-6)
        assert other.log_likelihood_ == pytest.approx(model.log_likelihood_, rel=1e-12)


def test_the_same_rows_give_the_same_numbers_however_they_lie_in_memory():
    histories = in_numbers(20_000, seed=7)
    numbers = [
        BetaGeoNBD().fit(rows).params_
        for rows in (histories, histories, np.asfortranarray(histories), histories.astype(np.int32), histories[::1])
    ]
    assert all(one == numbers[0] for one in numbers)


@pytest.mark.parametrize("model_class", MODELS)
def test_the_log_likelihood_it_reports_is_that_of_its_rows(model_class):
    histories = simulate(model_class, 500, seed=4)
    model = model_class().fit(histories)
    assert model.log_likelihood_ == pytest.approx(model.log_likelihood(histories).sum(), rel=1e-10)
    assert model.score(histories) == pytest.approx(model.log_likelihood_ / 500, rel=1e-10)


@pytest.mark.parametrize("model_class", MODELS)
def test_a_large_table_is_climbed_on_every_row(model_class):
    histories = in_numbers(230_000, seed=5)
    model = model_class().fit(histories)
    assert model.converged_
    assert model.log_likelihood_ == pytest.approx(model.log_likelihood(histories).sum(), rel=1e-11)
    for name, value in model.params_.items():
        for nearby in (value * 0.999, value * 1.001):
            other = model_class.from_params(**{**model.params_, name: nearby})
            assert other.log_likelihood(histories).sum() < model.log_likelihood_


@pytest.mark.parametrize("model_class", MODELS)
def test_expected_purchases_equal_the_integral_over_rate_and_dropout(model_class):
    """E[Y | alive] = ∫ (1 − (rate/(rate + p·h))^shape)/p dBeta(p; a, b + throws), by brute force."""
    model = model_class.from_params(**PARAMS)
    horizon = 90.0
    alive = model.probability_alive(HISTORIES)
    for (x, _, T), expected in zip(HISTORIES, model.expected_purchases(HISTORIES, horizon) / alive, strict=True):
        shape, rate = PARAMS["r"] + x, PARAMS["alpha"] + T
        a, b = PARAMS["a"], PARAMS["b"] + x + (model_class is ModifiedBetaGeoNBD)

        def bought(u, a=a, b=b, shape=shape, rate=rate):
            p = u ** (1 / a)  # removes the singularity of p^(a−1) at 0
            return (1 - (rate / (rate + p * horizon)) ** shape) / p * (1 - p) ** (b - 1)

        weight = quad(lambda u, a=a, b=b: (1 - u ** (1 / a)) ** (b - 1), 0, 1)[0]
        assert expected == pytest.approx(quad(bought, 0, 1, limit=200)[0] / weight, rel=1e-6)


@pytest.mark.parametrize("a", [0.3, 0.999, 1.0, 1.0000001, 2.5, 40.0])
def test_the_fallback_integral_agrees_with_the_closed_form(a):
    model = BetaGeoNBD.from_params(r=0.8, alpha=30.0, a=a, b=2.0)
    x, _, T = HISTORIES[1:].T
    closed = model.expected_purchases(HISTORIES[1:], 90.0) / model.probability_alive(HISTORIES[1:])
    integral = _purchases_by_quadrature(0.8 + x, 30.0 + T, a, 2.0 + x, 90.0)
    assert closed == pytest.approx(integral, rel=1e-5)


@pytest.mark.parametrize("model_class", MODELS)
def test_the_chance_of_a_purchase_and_the_expectation_agree_with_simulated_futures(model_class):
    past, horizon = 200.0, 150.0
    random = np.random.default_rng(8)
    n, seen = 20_000, []
    rate, leave = random.gamma(0.8, 30.0**-1, n), random.beta(0.6, 2.0, n)
    for lam, p in zip(rate, leave, strict=True):
        now, x, last, later = 0.0, 0, 0.0, 0
        alive = model_class is BetaGeoNBD or random.random() > p
        while alive and (now := now + random.exponential(1 / lam)) <= past + horizon:
            if now <= past:
                x, last = x + 1, now
            else:
                later += 1
            alive = random.random() > p
        seen.append((x, last, past, later))
    table = np.array(seen)
    model = model_class.from_params(**PARAMS)
    histories, later = table[:, :3], table[:, 3]
    assert model.probability_of_purchase(histories, horizon).mean() == pytest.approx((later > 0).mean(), abs=0.01)
    assert model.expected_purchases(histories, horizon).mean() == pytest.approx(later.mean(), rel=0.05)
    often = histories[:, 0] >= 3
    assert model.probability_of_purchase(histories[often], horizon).mean() == pytest.approx(
        (later[often] > 0).mean(), abs=0.025
    )


def test_one_order_customers_can_be_gone_in_mbg_but_not_in_bg():
    once = [[0, 0.0, 300.0]]
    assert BetaGeoNBD.from_params(**PARAMS).probability_alive(once)[0] == 1.0
    assert ModifiedBetaGeoNBD.from_params(**PARAMS).probability_alive(once)[0] < 0.5


@pytest.mark.parametrize("model_class", MODELS)
def test_the_median_wait_is_where_the_chance_passes_one_half(model_class):
    model = model_class.from_params(**PARAMS)
    waits = model.median_waiting_time(HISTORIES)
    for history, wait in zip(HISTORIES, waits, strict=True):
        if np.isfinite(wait):
            assert model.probability_of_purchase([history], wait)[0] == pytest.approx(0.5, abs=1e-9)
        else:
            assert model.probability_alive([history])[0] <= 0.5
    assert np.isfinite(waits).any()


@given(
    st.tuples(*[st.floats(-9, 9)] * 4),
    st.integers(0, 3000),
    st.floats(0, 1),
    st.floats(0.01, 20_000),
    st.floats(0.01, 3650),
    st.sampled_from(MODELS),
)
def test_nothing_breaks_at_extreme_inputs(logs, x, share, T, horizon, model_class):
    r, alpha, a, b = np.exp(logs)
    model = model_class.from_params(r=r, alpha=alpha, a=a, b=b)
    history = [[x, share * T if x else 0.0, T]]
    expected = model.expected_purchases(history, horizon)[0]
    alive = model.probability_alive(history)[0]
    chance = model.probability_of_purchase(history, horizon)[0]
    assert np.isfinite(model.log_likelihood(history)[0])
    assert 0.0 <= alive <= 1.0
    assert 0.0 <= chance <= alive + 1e-12
    assert chance - 1e-3 * (1 + chance) <= expected <= (r + x) * horizon / (alpha + T) * (1 + 1e-9) + 1e-12


def test_without_a_trace_of_dropout_it_says_which_parameter_is_undetermined():
    random = np.random.default_rng(0)
    rate = random.gamma(2.0, 0.05, 4000)
    x = random.poisson(rate * 200).astype(float)
    t_x = np.where(x > 0, 200 * random.random(4000) ** (1 / np.maximum(x, 1)), 0.0)
    model = BetaGeoNBD().fit(np.column_stack([x, t_x, np.full(4000, 200.0)]))
    assert model.converged_
    assert model.params_["a"] / (model.params_["a"] + model.params_["b"]) < 0.01
    assert model.probability_alive([[3, 150, 200]])[0] > 0.9
    for name, error in model.standard_errors_.items():
        assert np.isnan(error) == (name in model.at_bound_), name


def test_reads_any_dataframe_by_name_and_arrays_by_position():
    columns = {"customer_id": list("abcde"), "btyd_T_days": HISTORIES[:, 2], "btyd_recency_days": HISTORIES[:, 1]}
    columns["btyd_frequency"] = HISTORIES[:, 0]
    model = BetaGeoNBD.from_params(**PARAMS)
    plain = model.expected_purchases(HISTORIES, 90)
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns)):
        assert model.expected_purchases(frame, 90) == pytest.approx(plain)


def test_a_dataframe_without_the_columns_is_refused_by_name():
    with pytest.raises(MissingColumns, match=r"BetaGeoNBD lacks the column\(s\) \['btyd_T'"):
        BetaGeoNBD().fit(pd.DataFrame({"btyd_frequency": [1], "recency": [2], "T": [3]}))


@pytest.mark.parametrize(
    ("row", "message"),
    [([1, 5, 4], "row 0 has x=1, t_x=5, T=4"), ([0, 1, 4], "without a repeat purchase"), ([-1, 0, 4], "Negative")],
)
def test_impossible_histories_are_refused(row, message):
    with pytest.raises(ValueError, match=message):
        BetaGeoNBD().fit([row, [1, 1, 5]])


@pytest.mark.parametrize("weight", [[1.0], [1.0, -1.0], [0.0, 0.0], [np.nan, 1.0]])
def test_unusable_weights_are_refused(weight):
    with pytest.raises(ValueError, match="sample_weight has shape"):
        BetaGeoNBD().fit([[1, 1, 5], [2, 3, 5]], sample_weight=weight)


def test_parameters_that_no_model_has_are_named():
    with pytest.raises(ValueError, match="BetaGeoNBD: r is -1"):
        BetaGeoNBD.from_params(r=-1, alpha=4.4, a=0.8, b=2.4)
    with pytest.raises(ValueError, match="BetaGeoNBD: alpha is nan"):
        BetaGeoNBD.from_params(r=0.2, alpha=float("nan"), a=0.8, b=2.4)
