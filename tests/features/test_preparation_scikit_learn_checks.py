"""Every transformer keeps scikit-learn's contract, without exceptions other than those named here."""

from __future__ import annotations

from patron.features.methods import (
    AbsenceEncoder,
    ColumnScaler,
    CorrelationSelector,
    MutualInformationSelector,
    Preparation,
    SkewnessReducer,
    ValueDiscriminant,
    VarianceSelector,
    Winsoriser,
)
from scikit_checks import parametrize_with_checks

TRANSFORMERS = [
    AbsenceEncoder(),
    ColumnScaler(),
    CorrelationSelector(),
    MutualInformationSelector(random_state=0),
    Preparation(),
    SkewnessReducer(),
    ValueDiscriminant(),
    VarianceSelector(),
    Winsoriser(),
]


@parametrize_with_checks(TRANSFORMERS)
def test_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
