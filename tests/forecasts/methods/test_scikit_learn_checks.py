"""Every method is a scikit-learn estimator; checks that cannot feed a fixed width are named, with the reason."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import check_estimator

from patron.forecasts import methods
from patron.forecasts.methods import (
    BasketTransitions,
    BetaBinomialShares,
    BetaCalibration,
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    Credibility,
    DecisionTree,
    DirectGradientBoosting,
    DiscreteHazard,
    GammaGamma,
    HurdleGradientBoosting,
    LastPeriod,
    LogOddsPool,
    ModifiedBetaGeoNBD,
    MondrianConformal,
    MultilayerPerceptron,
    NaiveRate,
    OffsetBoosting,
    ParetoNBD,
    RandomForest,
    RidgePoisson,
    ZeroInflatedLognormal,
)

WIDE = "feeds a matrix of a width that this estimator has no meaning for, and expects it to be learned from"
MESSAGE = "expects a message about rows or NaN; the wrong width is refused first"

COMMON = {
    "check_fit_score_takes_y": WIDE,
    "check_dont_overwrite_parameters": WIDE,
    "check_n_features_in_after_fitting": WIDE,
    "check_positive_only_tag_during_fit": WIDE,
    "check_estimators_dtypes": WIDE,
    "check_dtype_object": WIDE,
    "check_pipeline_consistency": WIDE,
    "check_estimators_pickle": WIDE,
    "check_f_contiguous_array_estimator": WIDE,
    "check_methods_sample_order_invariance": WIDE,
    "check_methods_subset_invariance": WIDE,
    "check_dict_unchanged": WIDE,
    "check_fit2d_predict1d": WIDE,
    "check_fit2d_1sample": MESSAGE,
    "check_estimators_nan_inf": MESSAGE,
}
TWO_COLUMNS = {  # the checks that happen to feed two columns, to those who need another number
    "check_estimators_overwrite_params": WIDE,
    "check_estimators_fit_returns_self": WIDE,
    "check_readonly_memmap_input": WIDE,
    "check_fit_idempotent": WIDE,
    "check_fit_check_is_fitted": WIDE,
    "check_n_features_in": WIDE,
}
REGRESSOR = {
    "check_regressors_train": WIDE,
    "check_regressor_data_not_an_array": WIDE,
    "check_regressors_no_decision_function": WIDE,
    "check_supervised_y_2d": WIDE,
    "check_regressors_int": WIDE,
}
WEIGHTS = {
    "check_sample_weights_list": WIDE,
    "check_sample_weights_pandas_series": WIDE,
    "check_sample_weights_not_an_array": WIDE,
    "check_sample_weight_equivalence_on_dense_data": WIDE,
    "check_all_zero_sample_weights_error": MESSAGE,
}
ONE_FEATURE = {"check_fit2d_1feature": "expects a message about one feature; the needed columns are named instead"}
HISTORIES = {
    **COMMON,
    **TWO_COLUMNS,
    **WEIGHTS,
    **ONE_FEATURE,
    "check_sample_weights_shape": WIDE,
    "check_sample_weights_not_overwritten": WIDE,
}
FINITE = {name: why for name, why in COMMON.items() if name != "check_estimators_nan_inf"}  # told as NaN at once
EXPECTED_FAILURES = {
    "BasketTransitions": {**COMMON, **TWO_COLUMNS, **ONE_FEATURE},
    "BetaBinomialShares": {**COMMON, **TWO_COLUMNS, **ONE_FEATURE},
    "BetaCalibration": {**COMMON, **TWO_COLUMNS, **ONE_FEATURE},
    "BetaGeoBetaBinomial": HISTORIES,
    "BetaGeoNBD": HISTORIES,
    "ModifiedBetaGeoNBD": HISTORIES,
    "ParetoNBD": HISTORIES,
    "Credibility": {
        **COMMON,
        **ONE_FEATURE,
        **dict.fromkeys(
            (
                "check_estimators_overwrite_params",
                "check_estimators_fit_returns_self",
                "check_readonly_memmap_input",
                "check_sample_weights_list",
                "check_sample_weight_equivalence_on_dense_data",
                "check_all_zero_sample_weights_error",
            ),
            "feeds orders below zero, or weights of no customer",
        ),
    },
    "GammaGamma": {**COMMON, **REGRESSOR, **WEIGHTS, **ONE_FEATURE},
    "NaiveRate": {**COMMON, **REGRESSOR, **ONE_FEATURE},
    "LastPeriod": {**COMMON, **TWO_COLUMNS, **REGRESSOR},
    "LogOddsPool": {**FINITE, **TWO_COLUMNS, **ONE_FEATURE},
    "MondrianConformal": {
        **COMMON,
        "check_fit1d": "one forecast per customer is a vector: refusing it would refuse the only meaningful input",
    },
}
ESTIMATORS = [
    BasketTransitions(),
    BetaBinomialShares(),
    BetaCalibration(),
    BetaGeoBetaBinomial(),
    BetaGeoNBD(),
    Credibility(),
    DecisionTree(min_leaf=2),
    DirectGradientBoosting(n_trees=20, min_leaf=2),
    DiscreteHazard(n_trees=20),
    GammaGamma(),
    HurdleGradientBoosting(n_trees=20, min_leaf=2),
    LastPeriod(),
    LogOddsPool(),
    ModifiedBetaGeoNBD(),
    MondrianConformal(),
    MultilayerPerceptron(most_epochs=5),
    NaiveRate(),
    OffsetBoosting(n_trees=20),
    ParetoNBD(),
    RandomForest(n_trees=20, min_leaf=2),
    RidgePoisson(),
    ZeroInflatedLognormal(n_networks=1, most_epochs=5),
]
ANY_WIDTH = [one for one in ESTIMATORS if type(one).__name__ not in EXPECTED_FAILURES]
FIXED_WIDTH = [one for one in ESTIMATORS if type(one).__name__ in EXPECTED_FAILURES]


def test_every_method_is_checked():
    assert sorted(type(estimator).__name__ for estimator in ESTIMATORS) == methods.__all__
    assert sorted(EXPECTED_FAILURES) == sorted(type(estimator).__name__ for estimator in FIXED_WIDTH)


@pytest.mark.parametrize("estimator", ANY_WIDTH, ids=lambda it: type(it).__name__)
def test_estimators_of_any_width_pass_every_check(estimator):
    results = check_estimator(estimator, on_skip=None, on_fail="raise")
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert len(results) > 45


@pytest.mark.parametrize("estimator", FIXED_WIDTH, ids=lambda it: type(it).__name__)
@pytest.mark.filterwarnings("ignore:Estimator .* could not be fitted")
def test_estimators_of_fixed_width_fail_exactly_the_named_checks(estimator):
    expected = EXPECTED_FAILURES[type(estimator).__name__]
    results = check_estimator(estimator, expected_failed_checks=expected, on_skip=None, on_fail="raise")
    assert {result["check_name"] for result in results if result["status"] == "xfail"} == set(expected)


def _own_input(estimator):
    random = np.random.default_rng(0)
    T = random.uniform(50, 300, 200)
    x = random.poisson(T / 60).astype(float)
    name = type(estimator).__name__
    if name in ("BetaCalibration", "LogOddsPool"):
        return random.uniform(0.0, 1.0, (200, 1 if name == "BetaCalibration" else 3))
    if name == "Credibility":
        return np.column_stack([random.integers(0, 9, 200), random.normal(0.4, 0.1, 200)])
    if name == "BasketTransitions":
        return random.integers(0, 2, (200, 4)).astype(float)
    if name == "BetaBinomialShares":
        trials = random.integers(1, 9, (200, 1))
        return np.column_stack([trials, random.integers(0, trials + 1, (200, 3))]).astype(float)
    if name in ("BetaGeoNBD", "ModifiedBetaGeoNBD", "ParetoNBD"):
        return np.column_stack([x, np.where(x > 0, T * random.uniform(0.3, 1.0, 200), 0.0), T])
    if name == "BetaGeoBetaBinomial":
        taken = random.random((200, 8)) < random.beta(1.0, 1.0, (200, 1))
        return np.column_stack([taken.sum(axis=1), (taken * np.arange(1, 9)).max(axis=1), np.full(200, 8)]).astype(
            float
        )
    if name == "GammaGamma":
        return np.column_stack([x + 1, random.gamma(4.0, 10.0, 200)])
    width = {"NaiveRate": 2, "LastPeriod": 1, "MondrianConformal": 1}.get(name, 3)
    return random.uniform(1, 100, (200, width))


def _outcomes(estimator):
    random = np.random.default_rng(1)
    if isinstance(estimator, BasketTransitions):
        return random.integers(0, 2, (200, 4)).astype(float)
    amounts = random.gamma(2.0, 10.0, 200)
    return (amounts > 20.0).astype(float) if isinstance(estimator, BetaCalibration | LogOddsPool) else amounts


def _answers(estimator, X):
    if isinstance(estimator, MondrianConformal):
        return np.column_stack(estimator.predict_interval(X))
    return estimator.predict(X)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda it: type(it).__name__)
class TestPromisesOnItsOwnInput:
    """What the named checks would have tested, on input the estimator is made for."""

    def test_fit_returns_itself_and_leaves_its_input_alone(self, estimator):
        X, y = _own_input(estimator), _outcomes(estimator)
        before = X.copy()
        fitted = clone(estimator)
        assert fitted.fit(X, y) is fitted
        _answers(fitted, X)
        assert (before == X).all()

    def test_fitting_twice_and_pickling_change_nothing(self, estimator):
        X, y = _own_input(estimator), _outcomes(estimator)
        fitted = clone(estimator).fit(X, y)
        first = _answers(fitted, X)
        assert (_answers(fitted.fit(X, y), X) == first).all()
        assert (_answers(pickle.loads(pickle.dumps(fitted)), X) == first).all()  # noqa: S301  # made two words earlier

    def test_each_row_is_answered_alone_and_in_order(self, estimator):
        X, y = _own_input(estimator), _outcomes(estimator)
        fitted = clone(estimator).fit(X, y)
        order = np.random.default_rng(2).permutation(200)
        assert _answers(fitted, X[order]) == pytest.approx(_answers(fitted, X)[order])
        assert _answers(fitted, X[:7]) == pytest.approx(_answers(fitted, X)[:7])

    def test_learning_leaves_the_settings_alone(self, estimator):
        fresh = clone(estimator)
        before = fresh.get_params()
        fresh.fit(_own_input(estimator), _outcomes(estimator))
        assert fresh.get_params() == before
