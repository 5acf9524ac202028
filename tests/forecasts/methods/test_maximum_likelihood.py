from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from patron.forecasts.methods import maximum_likelihood
from patron.forecasts.methods.expansion import Expansion
from patron.forecasts.methods.maximum_likelihood import LOG_BOUND, maximise, maximise_on_samples


def by_logarithms(value, gradient, hessian):
    """An objective written in logarithms u, as the maximiser asks for it: by the parameters exp(u)."""

    def objective(parameters):
        u = np.log(parameters)
        slope, inverse = np.asarray(gradient(u)), 1 / parameters
        natural = (np.asarray(hessian(u)) - np.diag(slope)) * np.outer(inverse, inverse)
        return Expansion(float(value(u)), slope * inverse, natural)

    return objective


def bowl(peak, curvature):
    """−½ (u − peak)ᵀ C (u − peak)."""
    peak, curvature = np.asarray(peak, dtype=float), np.asarray(curvature, dtype=float)
    return by_logarithms(
        lambda u: -0.5 * (u - peak) @ curvature @ (u - peak),
        lambda u: -curvature @ (u - peak),
        lambda _: -curvature,
    )


STRETCHED = np.array([[1.0, 0.9], [0.9, 1.0]])


def test_the_chain_rule_to_logarithms_and_back():
    objective, parameters = bowl([1.0, -2.0], STRETCHED), np.array([0.3, 5.0])
    there = objective(parameters).by_logarithms(parameters)
    assert there.hessian == pytest.approx(-STRETCHED)
    assert there.gradient == pytest.approx(-STRETCHED @ (np.log(parameters) - [1.0, -2.0]))


def test_the_peak_of_a_bowl_and_its_standard_errors():
    found = maximise(bowl([1.0, -2.0], STRETCHED), [(1.0, 1.0)])
    assert found.converged
    assert found.parameters == pytest.approx(np.exp([1.0, -2.0]), rel=1e-9)
    expected = np.exp([1.0, -2.0]) * np.sqrt(np.diag(np.linalg.inv(400 * STRETCHED)))
    assert found.standard_errors(400) == pytest.approx(expected)


def test_the_standard_error_of_a_rate_is_the_textbook_one():
    """Exponential waiting times with mean 4: the rate is 1/4, its standard error rate/√n."""

    def waiting(parameters):
        (rate,) = parameters
        return Expansion(float(np.log(rate) - 4 * rate), np.array([1 / rate - 4]), np.array([[-1 / rate**2]]))

    found = maximise(waiting, [(30.0,)])
    assert found.parameters[0] == pytest.approx(0.25, rel=1e-9)
    assert found.standard_errors(100)[0] == pytest.approx(0.025, rel=1e-5)


def test_it_climbs_where_the_function_bends_upwards(monkeypatch):
    monkeypatch.setattr(maximum_likelihood, "_climb", None)

    def square(u):
        return 1 + (u - 2) @ (u - 2)

    cauchy = by_logarithms(
        lambda u: -np.log(square(u)),
        lambda u: -2 * (u - 2) / square(u),
        lambda u: -2 * np.eye(u.size) / square(u) + 4 * np.outer(u - 2, u - 2) / square(u) ** 2,
    )
    start = np.exp([-8.0, 9.0])
    assert np.linalg.eigvalsh(cauchy(start).by_logarithms(start).hessian).max() > 0
    assert maximise(cauchy, [start]).parameters == pytest.approx(np.exp([2.0, 2.0]), rel=1e-6)


def with_coefficient(peak):
    """The stretched bowl over the logarithm of a parameter and a coefficient as it is."""

    def objective(parameters):
        u = np.array([np.log(parameters[0]), parameters[1]])
        slope = -STRETCHED @ (u - peak)
        by = np.array([1 / parameters[0], 1.0])
        hessian = -STRETCHED * np.outer(by, by) - np.diag([slope[0] / parameters[0] ** 2, 0.0])
        return Expansion(0.5 * float(slope @ (u - peak)), slope * by, hessian)

    return objective


def test_coefficients_may_be_of_either_sign_and_come_last():
    found = maximise(with_coefficient([1.0, -2.0]), [(5.0, 3.0)], (2.0, 1.0), n_coefficients=1)
    assert found.converged
    assert found.parameters == pytest.approx([np.exp(1.0), -2.0], rel=1e-9)
    expected = np.array([np.exp(1.0), 1.0]) * np.sqrt(np.diag(np.linalg.inv(400 * STRETCHED)))
    assert found.standard_errors(400) == pytest.approx(expected)


def test_coefficients_have_bounds_of_their_own():
    found = maximise(with_coefficient([1.0, -12.0]), [(1.0, 0.0)], n_coefficients=1)
    assert found.at_bound == (False, True)
    assert found.parameters[1] == pytest.approx(-LOG_BOUND)


def test_samples_know_of_coefficients_too():
    found = maximise_on_samples(lambda _: with_coefficient([1.0, -2.0]), 10_000, [(5.0, 3.0)], (2.0, 1.0), 1)
    assert found.parameters == pytest.approx([np.exp(1.0), -2.0], rel=1e-9)


@pytest.mark.parametrize("peak", [(13.0, 1.0), (13.0, 12.0), (-11.0, 14.0), (-40.0, 3.0)])
def test_a_peak_beyond_the_bounds_is_met_at_the_bound(peak):
    found = maximise(bowl(peak, STRETCHED), [(1.0, 1.0)])
    box = [(-LOG_BOUND, LOG_BOUND)] * 2
    plain = minimize(lambda u: 0.5 * (u - peak) @ STRETCHED @ (u - peak), [0.0, 0.0], bounds=box, tol=1e-12)
    assert np.log(found.parameters) == pytest.approx(plain.x, abs=1e-4)
    assert found.at_bound == tuple(abs(plain.x) > 9.999)
    assert found.converged
    assert list(np.isnan(found.standard_errors(10))) == list(found.at_bound)


def test_units_say_where_the_bounds_lie():
    found = maximise(bowl([13.0, -13.0], np.eye(2)), [(1.0, 1.0)], units=(np.exp(5.0), np.exp(-5.0)))
    assert found.at_bound == (False, False)
    assert np.log(found.parameters) == pytest.approx([13.0, -13.0])


def test_the_higher_of_two_peaks_is_kept():
    def heights(u):
        return np.array([1.0, 2.0]) * np.exp(-0.5 * (u[0] - np.array([-3.0, 3.0])) ** 2)

    two = by_logarithms(
        lambda u: heights(u).sum(),
        lambda u: [-heights(u) @ (u[0] - np.array([-3.0, 3.0]))],
        lambda u: [[heights(u) @ ((u[0] - np.array([-3.0, 3.0])) ** 2 - 1)]],
    )
    for starts in ([(np.exp(-2.5),), (np.exp(3.5),)], [(np.exp(3.5),), (np.exp(-2.5),)]):
        assert np.log(maximise(two, starts).parameters) == pytest.approx([3.0], abs=1e-6)


def test_where_the_hessian_misleads_the_gradient_still_leads_up(monkeypatch):
    narrow = np.array([[1000.0, 999.0], [999.0, 1000.0]])
    lying = by_logarithms(
        lambda u: -0.5 * (u - 1) @ narrow @ (u - 1), lambda u: -narrow @ (u - 1), lambda _: np.diag([-1e-3, 1e3])
    )
    assert maximise(lying, [(9.0, 0.1)]).parameters == pytest.approx(np.exp([1.0, 1.0]), rel=1e-4)
    monkeypatch.setattr(maximum_likelihood, "_climb", None)
    with pytest.raises(TypeError):
        maximise(lying, [(9.0, 0.1)])


def test_most_of_the_way_is_walked_on_samples():
    asked = []

    def objective_of(part):
        def objective(parameters):
            asked.append(part)
            return bowl([1.0, -2.0], STRETCHED)(parameters)

        return objective

    found = maximise_on_samples(objective_of, 1_000_000, [(1.0, 1.0), (5.0, 0.1)], (1.0, 1.0))
    assert list(dict.fromkeys(part.step for part in asked)) == [250, 10, None]
    assert sum(part.step is None for part in asked) <= 2
    assert found.parameters == pytest.approx(np.exp([1.0, -2.0]), rel=1e-9)


def test_a_sample_without_a_trace_does_not_keep_the_start_from_the_whole():
    """The samples say: as small as can be, and there the whole is flat, too."""
    plateau = by_logarithms(
        lambda u: np.exp(-0.5 * (u[0] - 1) ** 2),
        lambda u: [-(u[0] - 1) * np.exp(-0.5 * (u[0] - 1) ** 2)],
        lambda u: [[((u[0] - 1) ** 2 - 1) * np.exp(-0.5 * (u[0] - 1) ** 2)]],
    )
    falling = bowl([-30.0], [[1.0]])
    found = maximise_on_samples(lambda part: falling if part.step else plateau, 10_000, [(1.0,)], (1.0,))
    assert np.log(found.parameters) == pytest.approx([1.0], abs=1e-6)
