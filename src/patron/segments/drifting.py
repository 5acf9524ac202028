"""How well a cut still fits the customers of a later day: who lies outside its segments, which features have moved."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from patron.segments.fitted import SegmentModel
from patron.segments.judgement import Judgement
from patron.segments.learned import LEARNED
from patron.segments.methods.drift import LITTLE, MUCH

DRIFT_MEASURES = ("share_outside", "population_stability")
_AT_FIRST, _LITTLE_OUTSIDE, _MUCH_OUTSIDE = 0.01, 0.02, 0.05


def drifted(
    model: SegmentModel, labels: NDArray[np.int64], distances: NDArray[np.float64], stability: Mapping[str, float]
) -> tuple[Judgement, ...]:
    """Judge an earlier cut on today's customers; none where it is no cut.

    Args:
        model: the earlier model.
        labels: where it places each of today's customers, shape (n_customers,).
        distances: from the centres of those segments, shape (n_customers,).
        stability: per prepared feature, its population stability index since the cut was learned.
    """
    if model.learned.segmenter is None:
        return ()
    since = {"since": str(model.cut_as_of)}
    outside = float(1.0 - model.learned.population.fits(labels, distances).mean())
    word = "good" if outside <= _LITTLE_OUTSIDE else "fair" if outside <= _MUCH_OUTSIDE else "poor"
    told = f"{word}: of today's customers, those who fit no segment of the cut of {model.cut_as_of}"
    reason = json.dumps({"key": f"outside_{word}"} | since)
    found = [Judgement("share_outside", LEARNED, outside, told, baseline=_AT_FIRST, reason=reason)]
    for name, index in stability.items():
        word, how = ("good", "little") if index < LITTLE else ("fair", "some") if index < MUCH else ("poor", "much")
        told = f"{word}: {how} drift since the cut of {model.cut_as_of}"
        reason = json.dumps({"key": f"stability_{word}"} | since)
        found.append(Judgement("population_stability", f"{LEARNED}/{name}", index, told, baseline=MUCH, reason=reason))
    return tuple(found)
