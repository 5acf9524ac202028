from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad
from scipy.special import betaincinv, betaln, gammaln

from patron.forecasts.methods import BetaGeoBetaBinomial
from patron.forecasts.methods.beta_geo_beta_binomial_likelihood import MeanLogLikelihood, log_likelihood_of_rows
from patron.ground.errors import MissingColumns

PARAMS = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8}
HISTORIES = np.array(
    [[0, 0, 6], [1, 1, 6], [3, 5, 6], [6, 6, 6], [0, 0, 0], [2, 7, 12], [12, 12, 12], [30, 90, 200]], float
)


def simulate(n, seed, *, n_seen=8, n_ahead=0, alpha=1.2, beta=0.75, gamma=0.66, delta=2.8):
    """Histories, how many of the opportunities ahead were taken, and who is there for the next one."""
    random = np.random.default_rng(seed)
    p, leave = random.beta(alpha, beta, n), random.beta(gamma, delta, n)
    there = random.geometric(np.maximum(leave, 1e-12)) - 1  # opportunities seen before leaving
    places = np.arange(1, n_seen + n_ahead + 1)
    taken = (random.random((n, places.size)) < p[:, None]) & (places <= there[:, None])
    past = taken[:, :n_seen]
    histories = np.column_stack([past.sum(axis=1), (past * places[:n_seen]).max(axis=1), np.full(n, n_seen)])
    return histories.astype(float), taken[:, n_seen:].sum(axis=1), there > n_seen


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_the_probabilities_of_all_sequences_add_up_to_one(n):
    sequences = np.array(list(product([0, 1], repeat=n)))
    histories = np.column_stack(
        [sequences.sum(axis=1), (sequences * np.arange(1, n + 1)).max(axis=1), np.full(len(sequences), n)]
    )
    model = BetaGeoBetaBinomial.from_params(**PARAMS)
    assert np.exp(model.log_likelihood(histories)).sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("history", [[0, 0, 4], [1, 1, 4], [2, 3, 4], [4, 4, 4]])
def test_the_likelihood_is_the_individual_one_integrated_over_customers(history):
    """p^x (1−p)^(n−x) (1−θ)^n + Σ p^x (1−p)^(m−x) θ (1−θ)^m over both Betas, by brute force."""
    x, t_x, n = history
    alpha, beta, gamma, delta = PARAMS.values()

    def at(v, u):
        p, theta = betaincinv(alpha, beta, u), betaincinv(gamma, delta, v)
        gone = sum((1 - p) ** (m - x) * theta * (1 - theta) ** m for m in range(t_x, n))
        return p**x * ((1 - p) ** (n - x) * (1 - theta) ** n + gone)

    brute, _ = dblquad(at, 0, 1, 0, 1, epsabs=0, epsrel=1e-6)
    assert BetaGeoBetaBinomial.from_params(**PARAMS).log_likelihood([history])[0] == pytest.approx(
        np.log(brute), abs=1e-5
    )


@pytest.mark.parametrize("seed", range(6))
def test_gradient_and_hessian_are_those_of_the_likelihood(seed):
    random = np.random.default_rng(seed)
    weight, logs, step = random.uniform(0.5, 3.0, len(HISTORIES)), random.normal(0.0, 1.0, 4), 1e-4
    whole = MeanLogLikelihood(HISTORIES, weight)

    def at(point):
        return whole(np.exp(point)).by_logarithms(np.exp(point))

    here = at(logs)
    rows = log_likelihood_of_rows(HISTORIES, np.exp(logs))
    assert here.value == pytest.approx(np.average(rows, weights=weight), rel=1e-12)
    sides = [(at(logs + step * one), at(logs - step * one)) for one in np.eye(4)]
    slopes = [(ahead.value - behind.value) / (2 * step) for ahead, behind in sides]
    bends = np.array([(ahead.gradient - behind.gradient) / (2 * step) for ahead, behind in sides])
    assert here.gradient == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-6)
    assert here.hessian == pytest.approx(bends, rel=1e-6, abs=1e-6)


@given(st.tuples(*[st.floats(-9, 9)] * 4), st.integers(0, 300), st.floats(0, 1), st.floats(0, 1), st.integers(0, 60))
def test_nothing_breaks_at_extreme_inputs(logs, n, share, dense, ahead):
    t_x = int(share * n)
    history = np.array([[max(int(dense * t_x), min(t_x, 1)), t_x, n]], dtype=float)
    model = BetaGeoBetaBinomial.from_params(**dict(zip(PARAMS, np.exp(logs), strict=True)))
    here = MeanLogLikelihood(history, np.ones(1))(np.exp(logs))
    alive = model.probability_alive(history)[0]
    expected = model.expected_purchases(history, ahead)[0]
    chance = model.probability_of_purchase(history, ahead)[0]
    assert np.isfinite(here.value)
    assert np.isfinite(here.gradient).all()
    assert np.isfinite(here.hessian).all()
    assert 0.0 <= alive <= 1.0
    assert 0.0 <= chance <= alive + 1e-9
    assert chance - 1e-9 <= expected <= alive * ahead + 1e-9


def test_forecasts_agree_with_simulated_futures():
    """Within four standard errors: of everyone, and of those with each history of 4 opportunities."""
    histories, later, there = simulate(200_000, seed=8, n_seen=4, n_ahead=5)
    model = BetaGeoBetaBinomial.from_params(**PARAMS)
    forecasts = (
        (model.expected_purchases(histories, 5), later),
        (model.probability_of_purchase(histories, 5), later > 0),
        (model.probability_alive(histories), there),
    )
    for history in np.unique(histories, axis=0):
        some = (histories == history).all(axis=1)
        for forecast, outcome in forecasts:
            error = outcome[some] - forecast[some]
            assert abs(error.mean()) < 4 * error.std() / np.sqrt(some.sum()), history


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.5])
def test_expected_purchases_are_the_published_closed_form(gamma):
    """Fader, Hardie and Shang (2010), eq. (13), which has no value at γ = 1."""
    near = gamma + 1e-7 * (gamma == 1.0)
    params = {**PARAMS, "gamma": near}
    model = BetaGeoBetaBinomial.from_params(**{**PARAMS, "gamma": gamma})
    alpha, beta_, _, delta = params.values()
    x, _, n = HISTORIES.T

    def tail(seen):
        return np.exp(gammaln(1 + delta + seen) - gammaln(near + delta + seen))

    scale = np.exp(gammaln(near + delta) - gammaln(delta)) / (near - 1)
    bought = np.exp(betaln(alpha + x + 1, beta_ + n - x) - betaln(alpha, beta_) - model.log_likelihood(HISTORIES))
    closed = bought * scale * (tail(n) - tail(n + 10))
    assert model.expected_purchases(HISTORIES, 10) == pytest.approx(closed, rel=1e-5)


def test_recovers_the_parameters_it_was_simulated_from():
    histories, _, _ = simulate(20_000, seed=3)
    model = BetaGeoBetaBinomial().fit(histories)
    assert model.converged_
    assert model.at_bound_ == ()
    assert model.log_likelihood_ == pytest.approx(model.log_likelihood(histories).sum(), rel=1e-12)
    for name, truth in PARAMS.items():
        assert abs(model.params_[name] - truth) < 4 * model.standard_errors_[name], name
        assert model.standard_errors_[name] < truth / 3, name


def test_customers_may_have_met_different_numbers_of_opportunities():
    together = np.vstack([simulate(8_000, seed=n, n_seen=n)[0] for n in (3, 6, 12)])
    model = BetaGeoBetaBinomial().fit(together)
    for name, truth in PARAMS.items():
        assert abs(model.params_[name] - truth) < 4 * model.standard_errors_[name], name


def test_weights_stand_for_repeated_customers():
    histories, _, _ = simulate(500, seed=1)
    counts = np.random.default_rng(2).integers(0, 4, 500)
    weighted = BetaGeoBetaBinomial().fit(histories, sample_weight=counts)
    repeated = BetaGeoBetaBinomial().fit(np.repeat(histories, counts, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-12)
    assert list(weighted.params_.values()) == pytest.approx(list(repeated.params_.values()), rel=1e-6)


def test_a_dataframe_is_read_by_name():
    names = ("bgbb_frequency", "bgbb_recency", "bgbb_n")
    frame = pd.DataFrame({name: HISTORIES[:, column] for column, name in enumerate(names)})[list(names[::-1])]
    model = BetaGeoBetaBinomial.from_params(**PARAMS)
    assert model.predict(frame) == pytest.approx(model.expected_purchases(HISTORIES, 1))
    with pytest.raises(MissingColumns, match=r"BetaGeoBetaBinomial lacks the column\(s\) \['bgbb_n'\]"):
        model.predict(frame.drop(columns="bgbb_n"))


@pytest.mark.parametrize("row", [[2, 1, 6], [1, 7, 6], [0, 1, 6], [1, 1.5, 6], [0.5, 1, 6]])
def test_impossible_histories_are_refused(row):
    with pytest.raises(ValueError, match=r"row 0 has x=.*\nExpected whole numbers of opportunities"):
        BetaGeoBetaBinomial().fit([row, [1, 1, 5]])


@pytest.mark.parametrize("n_opportunities", [-1, 2.5])
def test_parts_of_an_opportunity_are_refused(n_opportunities):
    with pytest.raises(ValueError, match="Expected a whole number, 0 or more"):
        BetaGeoBetaBinomial.from_params(**PARAMS).expected_purchases(HISTORIES, n_opportunities)
