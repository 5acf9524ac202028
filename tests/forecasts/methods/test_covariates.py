from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

from patron.forecasts.methods import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD
from patron.forecasts.methods.covariates import Design, Effects, MeanLogLikelihood
from patron.forecasts.methods.maximum_likelihood import Optimum
from patron.ground.errors import MissingColumns

MODELS = [BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD]
PARAMS = {
    BetaGeoNBD: {"r": 0.8, "alpha": 30.0, "a": 0.6, "b": 2.0},
    ModifiedBetaGeoNBD: {"r": 0.8, "alpha": 30.0, "a": 0.6, "b": 2.0},
    ParetoNBD: {"r": 0.8, "alpha": 30.0, "s": 0.7, "beta": 60.0},
}
RATE, DROPOUT = {"app": 0.7, "age": -0.04}, {"app": -0.5}
NAMES = {"rate_covariates": ("app", "age"), "dropout_covariates": ("app",)}
HISTORIES = np.array(
    [[0, 0, 100], [1, 20, 100], [1, 100, 100], [5, 90, 100], [5, 30, 400], [40, 380, 400], [0, 0, 0]], dtype=float
)


def own(model_class, z, rate=RATE, dropout=DROPOUT):
    """The parameters of customers (app, age) as the docstrings say, one row each."""
    columns = {"app": z[:, 0], "age": z[:, 1]}
    more = np.exp(sum(value * columns[name] for name, value in rate.items()))
    sooner = np.exp(sum(value * columns[name] for name, value in dropout.items()))
    one, two, three, four = PARAMS[model_class].values()
    third = three * sooner if model_class is not ParetoNBD else three * np.ones(len(z))
    return np.column_stack([one * np.ones(len(z)), two / more, third, four / sooner])


def people(n, random):
    return np.column_stack([random.random(n) < 0.4, random.normal(40.0, 12.0, n).round()]).astype(float)


def simulate(model_class, n, seed):
    """Rows x, t_x, T, app, age: purchase by purchase, of everyone who is still there."""
    random = np.random.default_rng(seed)
    z, T = people(n, random), random.uniform(185, 365, n)
    r, alpha, third, fourth = own(model_class, z).T
    rate, now, x, t_x = random.gamma(r, 1 / alpha), np.zeros(n), np.zeros(n), np.zeros(n)
    if model_class is ParetoNBD:
        end, leave = random.exponential(1 / random.gamma(third, 1 / fourth)), np.zeros(n)
    else:
        end, leave = np.full(n, np.inf), random.beta(third, fourth)
    there = np.ones(n, bool) if model_class is not ModifiedBetaGeoNBD else random.random(n) > leave
    while there.any():
        now += random.exponential(1 / np.maximum(rate, 1e-12))
        there &= now <= np.minimum(T, end)
        x, t_x = x + there, np.where(there, now, t_x)
        there &= random.random(n) >= leave
    return np.column_stack([x, t_x, T, z])


def fitted(model_class, rows, **names):
    return model_class(**(names or NAMES)).fit(rows)


def coefficients(model):
    return [*model.rate_coefficients_.values(), *model.dropout_coefficients_.values()]


def errors_of(model):
    return [
        *model.standard_errors_.values(),
        *model.rate_standard_errors_.values(),
        *model.dropout_standard_errors_.values(),
    ]


def model_at(model_class, parameters):
    """The model of r, α, a or s, b or β, and the three coefficients, as one vector."""
    base = dict(zip(PARAMS[model_class], parameters[:4], strict=True))
    rate = dict(zip(RATE, parameters[4:6], strict=True))
    return model_class.from_params(**base, rate_coefficients=rate, dropout_coefficients={"app": parameters[6]})


def answers(model, X):
    found = {
        "log_likelihood": model.log_likelihood(X),
        "probability_alive": model.probability_alive(X),
        "expected_purchases": model.expected_purchases(X, 90.0),
        "probability_of_purchase": model.probability_of_purchase(X, 90.0),
        "discounted_expected_transactions": model.discounted_expected_transactions(X, 0.001),
        "waiting_time": model.waiting_time(X, 365.0, 0.5),
        "predict": model.predict(X),
    }
    if not isinstance(model, ParetoNBD):
        found["median_waiting_time"] = model.median_waiting_time(X)
    return found


@pytest.mark.parametrize("model_class", MODELS)
def test_recovers_the_coefficients_it_was_simulated_from(model_class):
    model = fitted(model_class, simulate(model_class, 20_000, seed=5))
    assert model.converged_
    assert model.at_bound_ == ()
    found = [*model.params_.values(), *coefficients(model)]
    truth = [*PARAMS[model_class].values(), *RATE.values(), *DROPOUT.values()]
    for value, true, error in zip(found, truth, errors_of(model), strict=True):
        assert 0 < error < 0.3 * abs(true)
        assert abs(value - true) < 3 * error


@pytest.mark.parametrize("model_class", MODELS)
@pytest.mark.parametrize("seed", range(4))
def test_gradient_and_hessian_are_those_of_the_likelihood(model_class, seed):
    """By central differences, of the value for the gradient and of the gradient for the Hessian."""
    random = np.random.default_rng(seed)
    z, weight = random.normal(size=(len(HISTORIES), 2)), random.uniform(0.5, 3.0, len(HISTORIES))
    rate = Design(z, np.zeros(2), np.ones(2))
    dropout = Design(z[:, :1], np.zeros(1), np.ones(1))
    model = model_class()
    effects = Effects(rate, dropout, np.array(model._signs))
    function = MeanLogLikelihood(model._expand_rows, HISTORIES, weight, effects)
    logs = random.normal([-0.3, 3.0, -0.3, 1.5], 1.0)
    point = np.concatenate([np.exp(logs), random.normal(0, 0.7, 3)])
    here, steps = function(point), 1e-5 * np.diag(np.concatenate([point[:4], np.ones(3)]))
    rows = model_at(model_class, point).log_likelihood(np.column_stack([HISTORIES, z]))
    assert here.value == pytest.approx(np.average(rows, weights=weight), rel=1e-11)
    sides = [(function(point + one), function(point - one)) for one in steps]
    slopes = [(ahead.value - behind.value) / (2 * one.sum()) for (ahead, behind), one in zip(sides, steps, strict=True)]
    bends = [
        (ahead.gradient - behind.gradient) / (2 * one.sum()) for (ahead, behind), one in zip(sides, steps, strict=True)
    ]
    assert here.gradient == pytest.approx(np.array(slopes), rel=1e-6, abs=1e-6)
    assert here.hessian == pytest.approx(np.array(bends), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("model_class", MODELS)
def test_where_all_coefficients_are_zero_the_likelihood_is_the_one_without_covariates(model_class):
    rows, point = simulate(model_class, 3_000, seed=1), np.array([*PARAMS[model_class].values(), 0.0, 0.0, 0.0])
    design, model = Design.of(rows[:, 3:], np.ones(3_000), ["app", "age"], "here"), model_class()
    one = Design.of(rows[:, 3:4], np.ones(3_000), ["app"], "here")
    effects = Effects(design, one, np.array(model._signs))
    here = MeanLogLikelihood(model._expand_rows, rows[:, :3], np.ones(3_000), effects)(point)
    plain = model._likelihood(rows[:, :3], np.ones(3_000))(point[:4])
    assert here.value == pytest.approx(plain.value, rel=1e-12)
    assert here.gradient[:4] == pytest.approx(plain.gradient, rel=1e-9, abs=1e-12)
    assert here.hessian[:4, :4] == pytest.approx(plain.hessian, rel=1e-9, abs=1e-12)
    without, zero = answers(model_class.from_params(**PARAMS[model_class]), rows[:50, :3]), model_at(model_class, point)
    for name, values in answers(zero, rows[:50]).items():
        assert (values == without[name]).all(), name


@pytest.mark.parametrize("model_class", MODELS)
def test_every_answer_is_that_of_a_model_of_the_customers_own_parameters(model_class):
    z = people(len(HISTORIES), np.random.default_rng(2))
    model = model_at(model_class, [*PARAMS[model_class].values(), *RATE.values(), *DROPOUT.values()])
    found = answers(model, np.column_stack([HISTORIES, z]))
    for row, parameters in enumerate(own(model_class, z)):
        alone = model_class.from_params(**dict(zip(PARAMS[model_class], parameters, strict=True)))
        for name, values in answers(alone, HISTORIES[row : row + 1]).items():
            assert found[name][row] == pytest.approx(values[0], rel=1e-9), name


def plain_beta_geo(r, alpha, a, b, rows, throws):
    x, t_x, T = rows[:, :3].T
    n = x + throws
    beta = gammaln(a + b) - gammaln(a + b + n) + gammaln(b + n) - gammaln(b)
    left = np.where(n > 0, a / np.where(n > 0, b + n - 1, 1) * ((alpha + T) / (alpha + t_x)) ** (r + x), 0.0)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + beta - (r + x) * np.log(alpha + T) + np.log1p(left)


def plain_pareto(r, alpha, s, beta, rows):
    """Fader and Hardie (2005), notes 009, eq. (18) to (22)."""
    x, t_x, T = rows[:, :3].T
    most, second = np.maximum(alpha, beta), np.where(alpha >= beta, s + 1, r + x)

    def part(t):
        return hyp2f1(r + s + x, second, r + s + x + 1, abs(alpha - beta) / (most + t)) / (most + t) ** (r + s + x)

    left = s / (r + s + x) * (part(t_x) - part(T))
    there = (alpha + T) ** -(r + x) * (beta + T) ** -s
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(there + left)


@pytest.mark.parametrize("model_class", MODELS)
def test_the_optimum_is_that_of_a_plain_likelihood_climbed_by_scipy(model_class):
    rows = simulate(model_class, 1_500, seed=7)
    age = (rows[:, 4] - 40) / 12
    sign = 0.0 if model_class is ParetoNBD else 1.0

    def minus(at):
        r, alpha, third, fourth = np.exp(at[:4])
        sooner = np.exp(at[6] * rows[:, 3])
        process = (r, alpha / np.exp(at[4] * rows[:, 3] + at[5] * age), third * sooner**sign, fourth / sooner, rows)
        if model_class is ParetoNBD:
            return -plain_pareto(*process).mean()
        return -plain_beta_geo(*process, throws=int(model_class is ModifiedBetaGeoNBD)).mean()

    start = np.concatenate([np.log(list(PARAMS[model_class].values())), np.zeros(3)])
    found = minimize(minus, start, method="BFGS", options={"gtol": 1e-7})
    model = fitted(model_class, rows)
    assert model.log_likelihood_ == pytest.approx(-1_500 * found.fun, abs=1e-5)
    expected = found.x[4:] / [1.0, 12.0, 1.0]
    assert coefficients(model) == pytest.approx(list(expected), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("model_class", MODELS)
def test_standard_errors_are_those_of_the_numerical_hessian(model_class):
    rows = simulate(model_class, 2_000, seed=3)
    model = fitted(model_class, rows)
    best = np.array([*model.params_.values(), *coefficients(model)])
    steps = np.diag(np.array(errors_of(model)) * 0.002)

    def total(at):
        return model_at(model_class, at).log_likelihood(rows).sum()

    def bend(one, other):
        ends = total(best + one + other) - total(best + one - other) - total(best - one + other)
        return (ends + total(best - one - other)) / (4 * one.sum() * other.sum())

    information = -np.array([[bend(one, other) for other in steps] for one in steps])
    assert errors_of(model) == pytest.approx(list(np.sqrt(np.diag(np.linalg.inv(information)))), rel=0.01)
    assert total(best) == pytest.approx(model.log_likelihood_, rel=1e-11)


@pytest.mark.parametrize("model_class", MODELS)
def test_other_units_and_another_zero_of_a_covariate_change_no_forecast(model_class):
    rows = simulate(model_class, 2_000, seed=9)
    model, turned = fitted(model_class, rows), rows * [1, 1, 1, -1, 100] + [0, 0, 0, 1, 7]
    other = fitted(model_class, turned)
    assert other.log_likelihood_ == pytest.approx(model.log_likelihood_, rel=1e-10)
    assert coefficients(other) == pytest.approx(list(np.array(coefficients(model)) * [-1, 0.01, -1]), rel=1e-5)
    assert other.expected_purchases(turned, 90) == pytest.approx(model.expected_purchases(rows, 90), rel=1e-5)


@pytest.mark.parametrize("model_class", MODELS)
def test_a_group_counted_in_weeks_is_a_group_that_is_seven_times_as_fast(model_class):
    """Time in another unit for some: the rate, and leaving if it happens in time, are ln 7 higher, and nothing else."""
    rows = simulate(model_class, 2_000, seed=4)
    weeks = rows.copy()
    weeks[rows[:, 3] == 1, 1:3] /= 7.0
    model, other = fitted(model_class, rows), fitted(model_class, weeks)
    jump = np.log(7.0) * np.array([1.0, 0.0, 1.0 if model_class is ParetoNBD else 0.0])
    assert np.array(coefficients(other)) - coefficients(model) == pytest.approx(jump, abs=1e-5)
    bought = rows[rows[:, 3] == 1, 0].sum()
    assert other.log_likelihood_ - model.log_likelihood_ == pytest.approx(bought * np.log(7.0), rel=1e-7)
    assert list(other.params_.values()) == pytest.approx(list(model.params_.values()), rel=1e-4)


@pytest.mark.parametrize("model_class", MODELS)
def test_weights_stand_for_repeated_customers(model_class):
    rows, counts = simulate(model_class, 400, seed=6), np.random.default_rng(2).integers(0, 4, 400)
    weighted = model_class(**NAMES).fit(rows, sample_weight=counts)
    repeated = fitted(model_class, np.repeat(rows, counts, axis=0))
    assert weighted.log_likelihood_ == pytest.approx(repeated.log_likelihood_, rel=1e-11)
    assert coefficients(weighted) == pytest.approx(coefficients(repeated), rel=1e-5)
    assert errors_of(weighted) == pytest.approx(errors_of(repeated), rel=1e-3)


@pytest.mark.parametrize("model_class", MODELS)
def test_a_group_that_never_bought_again_leaves_only_its_own_coefficient_open(model_class):
    rows = simulate(model_class, 1_000, seed=8)
    rows[rows[:, 3] == 1, :2] = 0.0
    model = fitted(model_class, rows, rate_covariates=("app", "age"))
    assert model.converged_
    assert model.rate_coefficients_["app"] < -8
    assert model.rate_standard_errors_["app"] > 100
    assert model.rate_standard_errors_["age"] < 0.01


def test_coefficients_at_a_bound_are_named_and_have_no_standard_error():
    model = BetaGeoNBD(**NAMES)
    at_bound = (False, False, True, False, False, True, True)
    model._learn(Optimum(np.arange(1.0, 8.0), -2.0, -np.eye(7), True, at_bound, 3), 100.0)
    assert model.at_bound_ == ("a", "rate of age", "dropout of app")
    assert (model.params_["b"], coefficients(model)) == (4.0, [5.0, 6.0, 7.0])
    assert errors_of(model) == pytest.approx([0.1, 0.2, np.nan, 0.4, 0.1, np.nan, np.nan], nan_ok=True)


def test_a_step_that_takes_a_customer_far_from_all_others_is_not_worth_taking():
    rows = simulate(BetaGeoNBD, 300, seed=3)
    rows[7, 4] = 1e9
    model = fitted(BetaGeoNBD, rows[:, [0, 1, 2, 4]], rate_covariates=("age",))
    assert abs(model.rate_coefficients_["age"]) * 1e9 < 13
    assert np.isfinite(model.log_likelihood_)


@pytest.mark.parametrize("library", [pd, pl])
def test_dataframes_are_read_by_name_and_arrays_by_order(library):
    rows = simulate(BetaGeoNBD, 500, seed=2)
    names = ["btyd_frequency", "btyd_recency_days", "btyd_T_days", "app", "age"]
    frame = library.DataFrame({name: rows[:, names.index(name)] for name in reversed(names)})
    model = fitted(BetaGeoNBD, frame)
    assert model.n_features_in_ == 5
    assert coefficients(model) == coefficients(fitted(BetaGeoNBD, rows))
    assert (model.predict(frame) == model.predict(rows)).all()


def test_without_covariates_there_are_no_coefficients():
    model = BetaGeoNBD().fit(simulate(BetaGeoNBD, 500, seed=2)[:, :3])
    assert coefficients(model) == []
    assert BetaGeoNBD.from_params(**model.params_).params_ == model.params_


@pytest.mark.parametrize("model_class", MODELS)
def test_unusable_covariates_are_refused(model_class):
    rows = simulate(model_class, 100, seed=1)
    names = ["btyd_frequency", "btyd_recency", "btyd_T", "app", "age"]
    frame = pd.DataFrame(rows, columns=names)
    where = model_class.__name__
    with pytest.raises(MissingColumns, match=rf"{where} lacks the column\(s\) \['app'\]"):
        fitted(model_class, frame.drop(columns="app"))
    with pytest.raises(ValueError, match=rf"{where}: the covariate\(s\) \['age'\] are the same number"):
        fitted(model_class, frame.assign(age=40))
    with pytest.raises(ValueError, match=r"\['app', 'age'\] add up to one another .*\n.*leave one out"):
        fitted(model_class, frame.assign(age=1 - frame["app"]))
    with pytest.raises(ValueError, match=rf"{where}: 'age' is missing \(NaN\) for 2 of 100 customers, first in row 3"):
        fitted(model_class, frame.assign(age=frame["age"].where(~frame.index.isin([3, 8]))))
    with pytest.raises(ValueError, match=rf"{where}: the covariate\(s\) \['app'\] hold words"):
        fitted(model_class, frame.assign(app="yes"))
    with pytest.raises(ValueError, match=r"X has 4 features, but .* expecting 5 features as input: .*app, age"):
        fitted(model_class, rows[:, :4])
    with pytest.raises(ValueError, match=r"rate_covariates is 'app'.\n.*tuple or list"):
        fitted(model_class, frame, rate_covariates="app")
    with pytest.raises(ValueError, match="Negative values"):
        fitted(model_class, frame.assign(btyd_T=-1.0))
