"""One learned segmentation with everything but its size and its seed decided: what a choice of K is made among."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.segmenter import FIND_THEIR_OWN_K, NEED_VALUE, SEGMENTERS, Segmenter

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_HAVE_STARTS = frozenset({"k_means", "mini_batch_k_means", "bisecting_k_means", "gaussian_mixture", "k_prototypes"})


@dataclass(frozen=True, slots=True)
class Way:
    """How customers are cut: the method, and what it may learn from besides `X`.

    Args:
        method: one of `SEGMENTERS`.
        value: net revenue of the window after, one entry a row; only for methods that need it.
        smallest_share: least members of a segment, for methods that find their own K.
    """

    method: str = "k_means"
    value: FloatArray | None = None
    smallest_share: float = 0.02

    @property
    def finds_its_own_k(self) -> bool:
        """Whether there is one cut, not one per K."""
        return self.method in FIND_THEIR_OWN_K

    def sizes(self, X: FloatArray, k_max: int, seed: int) -> Sequence[int]:
        """Return the K that candidates are made for: 2 … k_max, or what the method itself finds to be the most.

        A value tree of fewer leaves than it found is a candidate too: its first splits are the same and hold stiller.
        """
        if self.method == "hdbscan":
            return [k_max]
        most = (
            int(self._made(k_max, seed, None, is_pruned=True).fit(X, self.value).labels_.max()) + 1
            if self._is_tree
            else k_max
        )
        return range(2, most + 1)

    def resample_rows(self, most: int, n_rows: int) -> int:
        """Return how many rows a resample draws: `most`, or all for a value tree.

        The smallest leaf is a share of the rows: of few rows it is too few customers to find its limits again, and a
        tree of all rows is quickly grown.
        """
        return n_rows if self._is_tree else most

    @property
    def _is_tree(self) -> bool:
        return self.method == "value_tree"

    def fit(
        self, X: FloatArray, k: int, seed: int, *, rows: IntArray | None = None, starts: int | None = None
    ) -> Segmenter:
        """Learn at most `k` segments.

        Args:
            X: prepared customers, shape (n, p).
            k: how many segments; the most, for methods that find their own K.
            seed: of the starts and draws.
            rows: indices of those to learn from; None: all.
            starts: how many compete, for methods that have starts; None: as many as the method likes.

        Raises:
            ValueError: the method learns from what customers brought, and there is no `value`.
        """
        model = self._made(k, seed, starts)
        part = X if rows is None else X[rows]
        if self.method not in NEED_VALUE:
            return model.fit(part)
        if self.value is None:
            raise ValueError(f"{self.method} learns from what customers brought, and no value came")
        return model.fit(part, self.value if rows is None else self.value[rows])

    def _made(self, k: int, seed: int, starts: int | None, *, is_pruned: bool = False) -> Segmenter:
        make = SEGMENTERS[self.method]
        if self.method == "hdbscan":
            return make(smallest_share=self.smallest_share, random_state=seed)
        if self._is_tree:
            return make(k, smallest_share=self.smallest_share, pruned=is_pruned, random_state=seed)
        if starts is None or self.method not in _HAVE_STARTS:
            return make(k, random_state=seed)
        return make(k, n_init=starts, random_state=seed)
