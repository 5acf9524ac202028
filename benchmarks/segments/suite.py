"""Gagolewski's clustering suite: the K chosen, and adjusted Rand against known labels beside scikit-learn's defaults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from patron.segments.methods import KChoice, KLimits, choose_k

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SEED = 7
MOST_ROWS = 2_000
LIMITS = KLimits(k_min=1, k_max=12, smallest_share=0.005, gap_rows=1_000, n_references=10)
DEFAULT = "scikit-learn's KMeans()"
TRUE = "K-Means, true K given"


def look(data: Path) -> list[dict[str, Any]]:
    """Choose K on every set of the suite whose points are there."""
    return [_looked(name, X, labels) for name, X, labels in sets(data / "clustering_benchmark")]


def sets(folder: Path) -> Iterator[tuple[str, FloatArray, list[IntArray]]]:
    """Yield each set's name, standardised points and reference partitions (0 is noise); a draw of the large ones."""
    for path in sorted(folder.glob("*/*.data.gz")):
        name = f"{path.parent.name}/{path.name.removesuffix('.data.gz')}"
        X = np.loadtxt(path, ndmin=2)
        labels = [np.loadtxt(one).astype(np.int64) for one in sorted(path.parent.glob(f"{path.name[:-8]}.labels*.gz"))]
        rows = np.sort(np.random.default_rng(SEED).permutation(X.shape[0])[:MOST_ROWS])
        yield name, (X[rows] - X.mean(axis=0)) / X.std(axis=0), [one[rows] for one in labels]


def _looked(name: str, X: FloatArray, references: list[IntArray]) -> dict[str, Any]:
    print(name, flush=True)
    choice = choose_k(X, LIMITS, seed=SEED)
    cuts = {1: np.zeros(X.shape[0], dtype=np.int64)} | {cut.k: cut.model.labels_ for cut in choice.cuts}
    true_k = [int(np.unique(one[one > 0]).size) for one in references]
    default = KMeans(random_state=SEED).fit(X).labels_
    told = {"Patron": _agreement(cuts[choice.k], references), DEFAULT: _agreement(default, references)}
    told |= {index: _agreement(cuts[k], references) for index, k in _by_index(choice).items()}
    told[TRUE] = max(_agreement(_of_k(X, k, cuts), [one]) for k, one in zip(true_k, references, strict=True))
    return {"set": name, "n": X.shape[0], "true_k": true_k, "k": choice.k, "natural": choice.is_natural, "rand": told}


def _by_index(choice: KChoice) -> dict[str, int]:
    """Return what each index would choose alone, among all cuts."""
    cuts = choice.cuts
    return {
        **{f"gap ({gap.reference})": gap.k for gap in choice.gaps},
        "silhouette": max(cuts, key=lambda cut: cut.silhouette.value).k,
        "Davies–Bouldin": min(cuts, key=lambda cut: cut.davies_bouldin).k,
        "Calinski–Harabasz": max(cuts, key=lambda cut: cut.calinski_harabasz).k,
    }


def _of_k(X: FloatArray, k: int, cuts: dict[int, IntArray]) -> IntArray:
    found = cuts.get(k)
    return KMeans(k, n_init=10, random_state=SEED).fit(X).labels_ if found is None else found


def _agreement(labels: IntArray, references: list[IntArray]) -> float:
    """Return the adjusted Rand index with the reference it agrees with most; noise is left out."""
    return max(float(adjusted_rand_score(one[one > 0], labels[one > 0])) for one in references)
