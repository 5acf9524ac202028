"""MiniBatch K-Means: the centres of K-Means learned from small draws, for very many customers."""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn.cluster import MiniBatchKMeans

from patron.segments.methods.k_means import FloatArray, KMeansSegmenter
from patron.segments.methods.settings import SEED, Settings, settings, whole


class MiniBatchKMeansSegmenter(KMeansSegmenter):
    """Cut customers into K groups by K-Means on draws of `batch_size` customers (Sculley 2010).

    Centres are running means of the draws, so W_K is a little above that of K-Means; everything else is as in
    `KMeansSegmenter`. A group that keeps no member is dropped: fewer than K segments may come out.

    Cost: rounds · batch_size · K · n_features to learn, n · K · n_features once to assign; past 20,000 customers
    learning costs no more than before.

    Args:
        n_clusters: K; fewer come out where fewer customers differ.
        n_init: starts compared on a draw; the best one is learned from.
        max_iter: most passes over the customers.
        batch_size: customers in a draw.
        random_state: seed of the starts and draws.

    References:
        Sculley (2010), Web-scale k-means clustering, WWW.

    >>> MiniBatchKMeansSegmenter(2, random_state=0).fit_predict([[0.0], [0.1], [9.0], [9.1]]).tolist()
    [0, 0, 1, 1]
    """

    SETTINGS: ClassVar[Settings] = settings(
        n_clusters=whole(1), n_init=whole(1), max_iter=whole(1), batch_size=whole(1), random_state=SEED
    )

    def __init__(
        self,
        n_clusters: int = 4,
        *,
        n_init: int = 10,
        max_iter: int = 100,
        batch_size: int = 4096,
        random_state: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.random_state = random_state

    def _learned(self, matrix: FloatArray, k: int) -> Any:
        model = MiniBatchKMeans(
            k,
            n_init=self.n_init,
            max_iter=self.max_iter,
            batch_size=self.batch_size,
            random_state=self.random_state,
        )
        return model.fit(matrix)
