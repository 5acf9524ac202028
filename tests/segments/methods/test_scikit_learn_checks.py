"""Every estimator keeps scikit-learn's contract, without exceptions."""

from __future__ import annotations

from patron.segments.methods import CumulativeValueTiers, KMeansSegmenter, PercentileValueTiers, QuantileScorer
from scikit_checks import parametrize_with_checks


@parametrize_with_checks(
    [
        CumulativeValueTiers(),
        KMeansSegmenter(3, n_init=2, random_state=0),
        PercentileValueTiers(),
        QuantileScorer(),
    ]
)
def test_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)
