"""Settings that mean nothing are refused when an estimator learns: by name, with what came and what was expected."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from patron.segments.methods import (
    SEGMENTERS,
    AgglomerativeSegmenter,
    CumulativeValueTiers,
    GaussianMixtureSegmenter,
    HDBSCANSegmenter,
    KMeansSegmenter,
    KPrototypesSegmenter,
    PercentileValueTiers,
    QuantileScorer,
    SurrogateRules,
    ValueTreeSegmenter,
)

X = np.arange(60.0).reshape(30, 2) % 7
Y = np.arange(30) % 3
ESTIMATORS = [*SEGMENTERS.values(), QuantileScorer, CumulativeValueTiers, PercentileValueTiers, SurrogateRules]
EVERY = [(kind, name) for kind in ESTIMATORS for name in kind().get_params()]


@pytest.mark.parametrize("kind", ESTIMATORS)
def test_what_is_usual_is_allowed(kind):
    assert set(kind.SETTINGS) == set(kind().get_params())
    kind().fit(X, Y)


@pytest.mark.parametrize(("kind", "name"), EVERY, ids=[f"{kind.__name__}-{name}" for kind, name in EVERY])
@pytest.mark.parametrize("got", ["many", -1, float("nan"), (0.9, 0.1)])
def test_no_setting_goes_unchecked(kind, name, got):
    model = kind(**{name: got})  # refused by fit, not here: scikit-learn sets parameters later
    assert clone(model).get_params()[name] in (got,)
    with pytest.raises(ValueError, match="came; expected") as refused:
        model.fit(X, Y)
    told = str(refused.value)
    assert told.startswith(f"{kind.__name__}: {name}={got!r} came; expected ")
    assert f"\nNext: pass such a value, or leave {name} out: it is then {kind().get_params()[name]!r}." in told


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (KPrototypesSegmenter(2.5), r"n_clusters=2\.5 came; expected a whole number from 1 up"),
        (KMeansSegmenter(0), r"n_clusters=0 came; expected a whole number from 1 up"),
        (KMeansSegmenter(True), "n_clusters=True came"),
        (KMeansSegmenter(random_state=2**32), r"expected a whole number from 0 to 4,294,967,295, or None"),
        (ValueTreeSegmenter(0), r"max_leaves=0 came; expected a whole number from 1 up"),
        (ValueTreeSegmenter(smallest_share=2), r"smallest_share=2 came; expected a number from 0 to 1"),
        (ValueTreeSegmenter(pruned=1), "pruned=1 came; expected True or False"),
        (HDBSCANSegmenter(smallest_share=-0.1), r"smallest_share=-0\.1 came; expected a number from 0 to 1"),
        (GaussianMixtureSegmenter(covariance="round"), "covariance='round' came; expected one of 'full', 'tied', "),
        (AgglomerativeSegmenter(linkage="single"), "linkage='single' came; expected one of 'ward', 'average'"),
        (KPrototypesSegmenter(categorical="1"), "categorical='1' came; expected a sequence of positions of columns"),
        (KPrototypesSegmenter(categorical=[-1]), r"categorical=\[-1\] came"),
        (KPrototypesSegmenter(gamma=float("inf")), "gamma=inf came; expected a number from 0 up, or None"),
        (QuantileScorer(0), r"n_scores=0 came; expected a whole number from 1 up"),
        (SurrogateRules(max_leaves=1), "max_leaves=1 came; expected a whole number from 2 up"),
        (CumulativeValueTiers((0.8, 0.5)), r"shares=\(0\.8, 0\.5\) came; expected shares that ascend"),
        (CumulativeValueTiers((0.5, 0.5)), r"shares=\(0\.5, 0\.5\) came"),
        (CumulativeValueTiers((0.0, 0.5)), r"shares=\(0\.0, 0\.5\) came"),
        (CumulativeValueTiers((0.5, 1.2)), r"shares=\(0\.5, 1\.2\) came"),
        (PercentileValueTiers((5, 20, 50)), r"shares=\(5, 20, 50\) came"),
        (PercentileValueTiers(()), r"shares=\(\) came"),
    ],
)
def test_what_is_expected_is_said(model, expected):
    with pytest.raises(ValueError, match=f"^{type(model).__name__}: .*{expected}"):
        model.fit(X, Y)


@pytest.mark.parametrize(
    "model",
    [
        KMeansSegmenter(np.int64(2), random_state=np.int32(0)),
        KPrototypesSegmenter(2, categorical=np.array([1]), gamma=0),
        ValueTreeSegmenter(1, smallest_share=np.float64(0.5), pruned=np.bool_(True)),
        CumulativeValueTiers(np.array([0.5, 1.0])),
        PercentileValueTiers([0.5]),
        QuantileScorer(1),
    ],
)
def test_numbers_of_numpy_and_the_limits_themselves_are_allowed(model):
    assert model.fit(X, Y).n_features_in_ == X.shape[1]
