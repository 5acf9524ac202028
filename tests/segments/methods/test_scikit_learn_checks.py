"""Every estimator keeps scikit-learn's contract, without exceptions."""

from __future__ import annotations

from patron.segments.methods import (
    AgglomerativeSegmenter,
    BisectingKMeansSegmenter,
    CumulativeValueTiers,
    GaussianMixtureSegmenter,
    HDBSCANSegmenter,
    KMeansSegmenter,
    KPrototypesSegmenter,
    MiniBatchKMeansSegmenter,
    PercentileValueTiers,
    QuantileScorer,
    SpectralSegmenter,
    SurrogateRules,
    ValueTreeSegmenter,
)
from patron.segments.methods.segmenter import SEGMENTERS
from scikit_checks import parametrize_with_checks

LEARNED = [
    AgglomerativeSegmenter(3),
    BisectingKMeansSegmenter(3, n_init=2, random_state=0),
    GaussianMixtureSegmenter(3, n_init=1, random_state=0),
    HDBSCANSegmenter(min_samples=5),
    KMeansSegmenter(3, n_init=2, random_state=0),
    KPrototypesSegmenter(3, n_init=2, random_state=0),
    MiniBatchKMeansSegmenter(3, n_init=2, random_state=0),
    SpectralSegmenter(3, random_state=0),
    ValueTreeSegmenter(random_state=0),
]


@parametrize_with_checks(
    [CumulativeValueTiers(), PercentileValueTiers(), QuantileScorer(), SurrogateRules(random_state=0), *LEARNED]
)
def test_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def test_every_learned_segmentation_is_checked():
    assert {type(one) for one in LEARNED} == set(SEGMENTERS.values())
