"""What every learned segmentation can do, and the list of them by name.

A method is fitted on prepared customers (rows × features), gives each a segment 0 … K-1, and places new customers in
the geometry it was learned in. Which features matter, how they are scaled and what a segment is called is decided
outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.agglomerative import AgglomerativeSegmenter
from patron.segments.methods.bisecting_k_means import BisectingKMeansSegmenter
from patron.segments.methods.gaussian_mixture import GaussianMixtureSegmenter
from patron.segments.methods.hdbscan import HDBSCANSegmenter
from patron.segments.methods.k_means import KMeansSegmenter
from patron.segments.methods.k_prototypes import KPrototypesSegmenter
from patron.segments.methods.mini_batch_k_means import MiniBatchKMeansSegmenter
from patron.segments.methods.spectral import SpectralSegmenter
from patron.segments.methods.value_tree import ValueTreeSegmenter

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Segmenter(Protocol):
    """One learned segmentation.

    `labels_` are 0 … K-1, never -1, in an order that depends neither on the starts nor on the order of the rows;
    `cluster_centers_` has shape (K, n_features) and serves for distances and for matching two cuts.

    K is the most. Equal customers share a segment, so where fewer different customers than K were learned from, there
    are no more segments than they are: methods that take K make each of them one where they lie apart, those that find
    their own K decide. A single customer is one segment. No draw is too small to learn from; only no row at all is
    refused.
    """

    labels_: IntArray
    cluster_centers_: FloatArray
    n_features_in_: int

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn segments from prepared customers, shape (n_rows, n_features); y only where a method says so."""
        ...

    def predict(self, X: Any) -> IntArray:
        """Return each row's segment, shape (n_rows,)."""
        ...

    def assign(self, X: Any) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, its membership in it (0-1) and its distance to the segment's centre."""
        ...

    def to_parts(self) -> dict[str, Any]:
        """Return what is needed to place new customers, as JSON-able values."""
        ...

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Rebuild from `to_parts` a segmenter that places customers as the first one did."""
        ...


SEGMENTERS: Mapping[str, Callable[..., Segmenter]] = MappingProxyType(
    {
        "k_means": KMeansSegmenter,
        "mini_batch_k_means": MiniBatchKMeansSegmenter,
        "bisecting_k_means": BisectingKMeansSegmenter,
        "agglomerative": AgglomerativeSegmenter,
        "gaussian_mixture": GaussianMixtureSegmenter,
        "hdbscan": HDBSCANSegmenter,
        "k_prototypes": KPrototypesSegmenter,
        "spectral": SpectralSegmenter,
        "value_tree": ValueTreeSegmenter,
    }
)


def restored(method: str, parts: Mapping[str, Any]) -> Segmenter:
    """Rebuild a fitted segmenter of `SEGMENTERS` from what its `to_parts` returned."""
    kind: Any = SEGMENTERS[method]
    model: Segmenter = kind.from_parts(parts)
    return model


FIND_THEIR_OWN_K = frozenset({"hdbscan", "value_tree"})  # the others take `n_clusters`
NEED_VALUE = frozenset({"value_tree"})  # `fit` needs y, the net revenue of the window after
