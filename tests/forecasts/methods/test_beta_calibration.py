from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from patron.forecasts.methods import BetaCalibration


@pytest.fixture(scope="module")
def overconfident():
    random = np.random.default_rng(0)
    truth = random.beta(1.0, 2.0, 20_000)
    said = expit(2.0 * logit(truth) + 0.5)
    return said, (random.random(20_000) < truth).astype(float), truth


def test_what_was_overstated_comes_back_to_the_truth(overconfident):
    said, happened, truth = overconfident
    model = BetaCalibration().fit(said, happened)
    assert np.abs(model.predict(said) - truth).mean() < 0.01
    assert np.abs(said - truth).mean() > 0.08
    assert (model.a_, model.b_) == (pytest.approx(0.5, abs=0.05), pytest.approx(0.5, abs=0.05))


def test_without_penalty_it_is_the_logistic_regression_of_its_paper(overconfident):
    said, happened, _ = overconfident
    terms = np.column_stack([np.log(said), -np.log1p(-said)])
    peer = LogisticRegression(C=np.inf, tol=1e-10).fit(terms, happened)
    model = BetaCalibration(penalty=0.0).fit(said, happened)
    assert [model.a_, model.b_] == pytest.approx(peer.coef_[0], abs=2e-3)
    assert model.c_ == pytest.approx(peer.intercept_[0], abs=2e-3)


def test_a_few_outcomes_hardly_move_it():
    model = BetaCalibration().fit([0.5, 0.5, 0.5], [1.0, 1.0, 0.0])
    assert model.predict([0.5])[0] == pytest.approx(0.5, abs=0.1)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_it_never_turns_a_ranking_round(pairs):
    said, happened = np.array([p for p, _ in pairs]), np.array([float(b) for _, b in pairs])
    calibrated = BetaCalibration().fit(said, happened).predict(np.linspace(0, 1, 50))
    assert (np.diff(calibrated) >= -1e-12).all()
    assert ((calibrated >= 0) & (calibrated <= 1)).all()


@pytest.mark.parametrize("said", [[1.2, 0.1], [-0.1, 0.2]])
def test_refuses_what_is_no_probability(said):
    with pytest.raises(ValueError, match="between 0 and 1"):
        BetaCalibration().fit(said, [0.0, 1.0])


def test_survives_being_written_and_read(overconfident):
    model = BetaCalibration().fit(*overconfident[:2])
    assert (BetaCalibration.from_parts(model.to_parts()).predict([0.1, 0.9]) == model.predict([0.1, 0.9])).all()
