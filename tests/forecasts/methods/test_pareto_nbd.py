from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad
from scipy.special import expn, gammaincinv, gammaln, hyp2f1, hyperu

from patron.forecasts.methods import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD
from patron.forecasts.methods.discounting import discounted_lifetime
from patron.forecasts.methods.pareto_nbd_likelihood import MeanLogLikelihood, log_likelihood_of_rows
from patron.forecasts.methods.pareto_race import Race, log_chances
from patron.ground.errors import MissingColumns

PARAMS = {"r": 0.8, "alpha": 30.0, "s": 0.7, "beta": 60.0}
BOTH_ORDERS = [
    PARAMS,
    {"r": 0.8, "alpha": 60.0, "s": 1.7, "beta": 30.0},
    {"r": 0.8, "alpha": 40.0, "s": 1.0, "beta": 40.0},
]
HISTORIES = np.array(
    [[0, 0, 100], [1, 20, 100], [1, 100, 100], [5, 90, 100], [5, 30, 400], [40, 380, 400], [300, 390, 400], [0, 0, 0]],
    dtype=float,
)


def simulate(n, seed, *, r=0.8, alpha=30.0, s=0.7, beta=60.0, ages=(185, 365), horizon=0.0):
    """Histories, and what was bought in the horizon; given a lifetime, purchases are uniform over it."""
    random = np.random.default_rng(seed)
    rate, lifetime = random.gamma(r, 1 / alpha, n), random.exponential(1 / random.gamma(s, 1 / beta, n))
    T = random.uniform(*ages, n)
    stayed = np.minimum(lifetime, T)
    x = random.poisson(rate * stayed).astype(float)
    t_x = np.where(x > 0, stayed * random.random(n) ** (1 / np.maximum(x, 1)), 0.0)
    later = random.poisson(rate * (np.clip(lifetime, T, T + horizon) - T))
    return np.column_stack([x, t_x, T]), later.astype(float)


def published_form(history, r, alpha, s, beta):
    """ln L as Fader and Hardie (2005) write it, notes 009 eq. (18)–(22): two ₂F₁ and a case for each order of α, β."""
    x, t_x, T = history
    most, second = max(alpha, beta), (s + 1 if alpha >= beta else r + x)

    def part(t):
        z = abs(alpha - beta) / (most + t)
        return hyp2f1(r + s + x, second, r + s + x + 1, z) / (most + t) ** (r + s + x)

    left = s / (r + s + x) * (part(t_x) - part(T))
    there = (alpha + T) ** -(r + x) * (beta + T) ** -s
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(there + left)


@pytest.mark.parametrize("params", BOTH_ORDERS)
def test_the_likelihood_is_the_published_difference_of_hypergeometric_functions(params):
    model = ParetoNBD.from_params(**params)
    few = HISTORIES[HISTORIES[:, 0] <= 40]
    expected = [published_form(history, **params) for history in few]
    assert model.log_likelihood(few) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("params", BOTH_ORDERS)
@pytest.mark.parametrize("history", [[0, 0.0, 100.0], [1, 20.0, 100.0], [5, 90.0, 100.0], [5, 30.0, 400.0]])
def test_the_likelihood_is_the_individual_one_integrated_over_customers(params, history):
    """∫∫ λ^x (μ e^−(λ+μ)t_x + λ e^−(λ+μ)T)/(λ+μ) over both Gammas: Schmittlein and others (1987), by brute force."""
    x, t_x, T = history
    r, alpha, s, beta = params.values()

    def at(v, u):
        rate, leaving = gammaincinv(r, u) / alpha, gammaincinv(s, v) / beta
        both = rate + leaving
        return rate**x * (leaving * np.exp(-both * t_x) + rate * np.exp(-both * T)) / both

    brute, _ = dblquad(at, 0, 1, 0, 1, epsabs=0, epsrel=1e-5)
    assert ParetoNBD.from_params(**params).log_likelihood([history])[0] == pytest.approx(np.log(brute), abs=2e-4)


def test_a_race_is_the_integral_that_adaptive_quadrature_finds():
    random = np.random.default_rng(4)
    p, a, q, b, horizon = np.exp(random.uniform(-3, 5, (5, 40)))
    logs = log_chances(Race(p, a, q, b, horizon))
    for row in range(40):

        def density(y, p=p[row], a=a[row], q=q[row], b=b[row]):
            u = np.expm1(y)
            return np.exp(y - p * np.log1p(u / a) - q * np.log1p(u / b)) * q / (b + u)

        end = np.log1p(horizon[row])
        brute = quad(density, 0, end, limit=400, epsabs=0, epsrel=1e-11, points=end * np.geomspace(1e-5, 0.5, 12))[0]
        assert np.exp(logs[row]) == pytest.approx(brute, rel=1e-9)


@given(st.tuples(*[st.floats(-9, 9)] * 4), st.floats(0, 20_000))
def test_one_of_two_clocks_strikes_first_or_neither_has_struck(logs, horizon):
    p, a, q, b = (np.full(1, value) for value in np.exp(logs))
    end = np.full(1, horizon)
    one, other = log_chances(Race(p, a, q, b, end)), log_chances(Race(q, b, p, a, end))
    neither = -p * np.log1p(end / a) - q * np.log1p(end / b)
    assert np.exp(one) + np.exp(other) + np.exp(neither) == pytest.approx(1.0, abs=1e-11)


@pytest.mark.parametrize("seed", range(8))
def test_gradient_and_hessian_are_those_of_the_likelihood(seed):
    """By central differences, of the value for the gradient and of the gradient for the Hessian."""
    random = np.random.default_rng(seed)
    weight = random.uniform(0.5, 3.0, len(HISTORIES))
    logs = random.normal([-0.3, 3.0, -0.3, 3.5], 1.0)
    whole = MeanLogLikelihood(HISTORIES, weight)

    def at(point):
        return whole(np.exp(point)).by_logarithms(np.exp(point))

    here, step = at(logs), 1e-4
    rows = log_likelihood_of_rows(HISTORIES, np.exp(logs))
    assert here.value == pytest.approx(np.average(rows, weights=weight), rel=1e-12)
    sides = [(at(logs + step * one), at(logs - step * one)) for one in np.eye(4)]
    slopes = [(ahead.value - behind.value) / (2 * step) for ahead, behind in sides]
    bends = np.array([(ahead.gradient - behind.gradient) / (2 * step) for ahead, behind in sides])
    assert here.gradient == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-6)
    assert here.hessian == pytest.approx(bends, rel=1e-6, abs=1e-6)


@given(st.tuples(*[st.floats(-10, 10)] * 4), st.integers(0, 3000), st.floats(0, 1), st.floats(0.01, 20_000))
def test_the_derivatives_stay_finite_at_extreme_inputs(logs, x, share, T):
    history = np.array([[x, share * T if x else 0.0, T], [0, 0, T], [1, 0, 0], [max(x, 1), T, T]])
    parameters = np.exp(logs)
    here = MeanLogLikelihood(history, np.ones(4))(parameters)
    rows = log_likelihood_of_rows(history, parameters)
    assert np.isfinite(rows).all()
    assert here.value == pytest.approx(rows.mean(), rel=1e-8, abs=1e-6)
    assert np.isfinite(here.gradient).all()
    assert np.isfinite(here.hessian).all()
    assert here.hessian == pytest.approx(here.hessian.T)


@given(
    st.tuples(*[st.floats(-9, 9)] * 4), st.integers(0, 3000), st.floats(0, 1), st.floats(0, 20_000), st.floats(0, 3650)
)
def test_nothing_breaks_at_extreme_inputs(logs, x, share, T, horizon):
    r, alpha, s, beta = np.exp(logs)
    model = ParetoNBD.from_params(r=r, alpha=alpha, s=s, beta=beta)
    history = [[x, share * T if x else 0.0, T]]
    expected = model.expected_purchases(history, horizon)[0]
    alive = model.probability_alive(history)[0]
    chance = model.probability_of_purchase(history, horizon)[0]
    worth = model.discounted_expected_transactions(history, 1e-3)[0]
    assert 0.0 <= alive <= 1.0
    assert 0.0 <= chance <= min(alive, expected) * (1 + 1e-9)
    assert expected <= alive * (r + x) * horizon / (alpha + T) * (1 + 1e-9)
    assert 0.0 <= worth <= alive * (r + x) / (alpha + T) * 1e3 * (1 + 1e-9)
    assert worth >= expected * np.exp(-1e-3 * horizon) * (1 - 1e-9)


@pytest.mark.parametrize("params", BOTH_ORDERS)
def test_no_purchase_leaves_the_history_longer_and_otherwise_as_it_is(params):
    """P(none in (T, T+h]) = L(x, t_x, T+h)/L(x, t_x, T): another road to the same chance."""
    model = ParetoNBD.from_params(**params)
    longer = HISTORIES + np.array([0.0, 0.0, 90.0])
    none = np.exp(model.log_likelihood(longer) - model.log_likelihood(HISTORIES))
    assert model.probability_of_purchase(HISTORIES, 90.0) == pytest.approx(1.0 - none, abs=1e-12)


def test_expectations_agree_with_simulated_futures():
    """Within four standard errors: of everyone, and of those with each number of purchases."""
    horizon = 150.0
    histories, later = simulate(200_000, seed=8, horizon=horizon)
    model = ParetoNBD.from_params(**PARAMS)
    expected = model.expected_purchases(histories, horizon)
    chance = model.probability_of_purchase(histories, horizon)
    for some in (histories[:, 0] >= 0, *(histories[:, 0] == x for x in range(5)), histories[:, 0] >= 10):
        for forecast, outcome in ((expected, later), (chance, later > 0)):
            error = outcome[some] - forecast[some]
            assert abs(error.mean()) < 4 * error.std() / np.sqrt(some.sum())


def test_the_probability_alive_agrees_with_simulated_lifetimes():
    """Those still there are known by their purchases in an endless future: all but none of them buy again."""
    histories, later = simulate(100_000, seed=9, r=5.0, alpha=150.0, horizon=1e9)
    alive = ParetoNBD.from_params(r=5.0, alpha=150.0, s=0.7, beta=60.0).probability_of_purchase(histories, 1e9)
    error = (later > 0) - alive
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(error.size)


def test_expected_purchases_pass_through_s_of_one():
    near = [ParetoNBD.from_params(r=0.8, alpha=30.0, s=s, beta=60.0) for s in (1 - 1e-7, 1.0, 1 + 1e-7)]
    below, at, above = (model.expected_purchases(HISTORIES, 90.0) for model in near)
    assert at == pytest.approx((below + above) / 2, rel=1e-9)
    assert ParetoNBD(horizon=90.0).set_params().horizon == 90.0


def test_discounted_lifetimes_are_those_of_tricomi():
    """b^s δ^(s−1) Ψ(s, s; δb), and for whole s a generalised exponential integral."""
    scale = np.array([20.0, 50.0, 400.0])
    for s in (0.3, 0.606, 1.7):
        closed = scale**s * 0.02 ** (s - 1) * hyperu(s, s, 0.02 * scale)
        assert discounted_lifetime(s, scale, 0.02) == pytest.approx(closed, rel=1e-9)
    for s in (1, 2, 5):
        closed = scale * np.exp(0.02 * scale) * expn(s, 0.02 * scale)
        assert discounted_lifetime(float(s), scale, 0.02) == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        ParetoNBD.from_params(**PARAMS),
        BetaGeoNBD.from_params(r=0.8, alpha=30.0, a=0.6, b=2.0),
        ModifiedBetaGeoNBD.from_params(r=0.8, alpha=30.0, a=1.6, b=2.0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_discounted_transactions_add_up_the_expected_ones_at_their_present_value(model):
    """Short spells of an endless future, each discounted from its middle."""
    few, rate = HISTORIES[:5], 0.01
    spells = np.concatenate([np.arange(0.0, 200.0, 0.5), np.arange(200.0, 4000.0, 4.0)])
    total = np.array([model.expected_purchases(few, spell) for spell in spells])
    added = np.exp(-rate * (spells[1:] + spells[:-1]) / 2) @ np.diff(total, axis=0)
    assert model.discounted_expected_transactions(few, rate) == pytest.approx(added, rel=1e-4)


@pytest.mark.parametrize("rate", [0.0, -0.1, np.nan, np.inf])
def test_an_undiscounted_future_is_refused(rate):
    for model in (ParetoNBD.from_params(**PARAMS), BetaGeoNBD.from_params(r=0.8, alpha=30.0, a=0.6, b=2.0)):
        with pytest.raises(ValueError, match=r"discount_rate is .*\nExpected a finite rate above 0"):
            model.discounted_expected_transactions(HISTORIES, rate)


def test_recovers_the_parameters_it_was_simulated_from():
    histories, _ = simulate(20_000, seed=3)
    model = ParetoNBD().fit(histories)
    assert model.converged_
    assert model.at_bound_ == ()
    for name, truth in PARAMS.items():
        assert abs(model.params_[name] - truth) < 4 * model.standard_errors_[name], name
        assert model.standard_errors_[name] < truth / 3, name


# by seed: what lifetimes 0.11.3 finds, the log-likelihood of its parameters, and its sums of P(alive) and of the
# purchases expected in 13 units of time over all customers
LIFETIMES = {
    1: (
        {"r": 1.0600677828892733, "alpha": 4.240063313883322, "s": 2.2673133776371683, "beta": 15.181573478881726},
        -4752.002288553974,
        60.84025916774486,
        147.7672719756908,
    ),
    2: (
        {"r": 0.7667515866308261, "alpha": 4.290335285360366, "s": 0.9096347149687882, "beta": 10.96246403939249},
        -6307.4105914980755,
        223.24816354834832,
        485.9855048733421,
    ),
}


@pytest.mark.parametrize("seed", LIFETIMES)
def test_no_worse_than_lifetimes(seed):
    """Its own likelihood of the same rows, by the parameters that each finds."""
    parameters, likelihood, alive, ahead = LIFETIMES[seed]
    r, s = np.random.default_rng(seed).uniform(0.4, 2.0, 2)
    histories, _ = simulate(800, seed, r=r, alpha=5.0, s=s, beta=12.0, ages=(20, 50))
    other = ParetoNBD.from_params(**parameters)
    assert other.log_likelihood(histories).sum() == pytest.approx(likelihood, abs=1e-5)
    assert other.probability_alive(histories).sum() == pytest.approx(alive, rel=1e-6)
    assert other.expected_purchases(histories, 13.0).sum() == pytest.approx(ahead, rel=1e-6)
    assert ParetoNBD().fit(histories).log_likelihood_ >= likelihood - 1e-6


def test_weights_stand_for_repeated_customers():
    histories = simulate(400, seed=1)[0].round()
    counts = np.random.default_rng(2).integers(0, 4, 400)
    weighted = ParetoNBD().fit(histories, sample_weight=counts)
    repeated = ParetoNBD().fit(np.repeat(histories, counts, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)
    assert list(weighted.params_.values()) == pytest.approx(list(repeated.params_.values()), rel=1e-6)
    assert list(weighted.standard_errors_.values()) == pytest.approx(list(repeated.standard_errors_.values()), rel=1e-3)


def test_a_large_table_is_climbed_on_every_row():
    histories, _ = simulate(30_000, seed=5)
    model = ParetoNBD().fit(histories)
    assert model.converged_
    assert model.log_likelihood_ == pytest.approx(model.log_likelihood(histories).sum(), rel=1e-10)
    for name, value in model.params_.items():
        for nearby in (value * 0.99, value * 1.01):
            other = ParetoNBD.from_params(**{**model.params_, name: nearby})
            assert other.log_likelihood(histories).sum() < model.log_likelihood_


def test_the_unit_of_time_only_scales_rates():
    histories, _ = simulate(3000, seed=6)
    days, weeks = ParetoNBD().fit(histories), ParetoNBD().fit(histories / [1.0, 7.0, 7.0])
    scaled = np.array(list(weeks.params_.values())) * [1.0, 7.0, 1.0, 7.0]
    assert list(days.params_.values()) == pytest.approx(scaled.tolist(), rel=1e-5)
    assert days.score(histories) == pytest.approx(ParetoNBD.from_params(**days.params_).score(histories))


def test_without_a_trace_of_leaving_nobody_is_taken_to_be_gone():
    random = np.random.default_rng(0)
    x = random.poisson(random.gamma(2.0, 0.05, 4000) * 200).astype(float)
    t_x = np.where(x > 0, 200 * random.random(4000) ** (1 / np.maximum(x, 1)), 0.0)
    model = ParetoNBD().fit(np.column_stack([x, t_x, np.full(4000, 200.0)]))
    assert model.converged_
    assert model.probability_alive([[3, 150, 200]])[0] > 0.9
    for name, error in model.standard_errors_.items():
        assert np.isnan(error) == (name in model.at_bound_), name


def test_reads_dataframes_by_name_and_says_what_is_missing():
    columns = {"btyd_T_days": HISTORIES[:, 2], "btyd_recency_days": HISTORIES[:, 1], "btyd_frequency": HISTORIES[:, 0]}
    model = ParetoNBD.from_params(**PARAMS)
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        assert model.predict(frame) == pytest.approx(model.expected_purchases(HISTORIES, 1.0))
    with pytest.raises(MissingColumns, match=r"ParetoNBD lacks the column\(s\) \['btyd_T'"):
        ParetoNBD().fit(pd.DataFrame({"btyd_frequency": [1], "btyd_recency": [2], "T": [3]}))
