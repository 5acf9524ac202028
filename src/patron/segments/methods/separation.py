"""Is there really nothing between two clusters? A look along the line that joins their centres.

K-Means cuts anything, a uniform cloud too. Project the members of two clusters on the line through their centres: the
cluster index CI = (within variance after the cut) / (variance before) is 1/4 for a uniform segment cut in its middle,
0.36 for a single normal cut in its middle, and 1 / (1 + D²/4) for two equal normals D standard deviations apart. Two
clusters count as separate when CI is well below the uniform segment's 1/4: nobody would call a segment two groups.

The cluster index: Liu, Hayes, Nobel and Marron (2008), Statistical significance of clustering (SigClust), JASA 103.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from patron.segments.methods.internal_indices import centres_of

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

UNIFORM_INDEX = 0.25
SEPARATE_BELOW = 0.2


def worst_cluster_index(X: FloatArray, labels: IntArray) -> float:
    """Return the largest cluster index over all pairs of clusters: how doubtful is the least separate pair?

    >>> two = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]])
    >>> worst_cluster_index(two, np.array([0, 0, 0, 1, 1, 1])) < 0.001
    True
    """
    centres = centres_of(X, labels)
    members = [X[labels == k] for k in range(centres.shape[0])]
    worst = 0.0
    for i in range(len(members)):
        for j in range(i):
            worst = max(worst, _cluster_index(members[i], members[j], centres[i] - centres[j]))
    return worst


def _cluster_index(left: FloatArray, right: FloatArray, direction: FloatArray) -> float:
    a, b = left @ direction, right @ direction
    both = np.concatenate([a, b])
    total = float(((both - both.mean()) ** 2).sum())
    within = float(((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum())
    return within / total if total > 0 else 1.0
