"""Shapley values of a function of many features, by sampling the orders in which features become known.

Each order starts from a background customer and makes one feature after the other known; what the function gains is
the feature's contribution. Every order is also walked backwards (antithetic), which cancels much of the noise. Each
walk ends at the customer, so base and contributions add up exactly; the contributions have a standard error.

References:
    Strumbelj and Kononenko (2014), Explaining prediction models and individual predictions with feature contributions;
    Mitchell, Cooper, Frank and Holmes (2022), Sampling permutations for Shapley value estimation, JMLR 23.
"""

from __future__ import annotations

import numpy as np

from patron.explanations.methods.exact_shapley import FloatArray, Function


def sampled_shapley(
    function: Function, rows: FloatArray, background: FloatArray, *, permutations: int, seed: int
) -> tuple[FloatArray, float, FloatArray]:
    """Return the contributions, the base, and the standard error of each contribution.

    Args:
        function: takes a matrix of features, returns one number a row.
        rows: the customers to explain, shape (n_customers, n_features).
        background: customers who stand for "not known".
        permutations: orders to walk, rounded down to an even number, at least 4.
        seed: of the orders.
    """
    random = np.random.default_rng(seed)
    pairs = max(2, permutations // 2)
    total, squares, base = np.zeros(rows.shape), np.zeros(rows.shape), 0.0
    chosen = background[random.permutation(background.shape[0])]
    for i in range(pairs):
        start = chosen[i % chosen.shape[0]]
        order = random.permutation(rows.shape[1])
        gained = (_walk(function, rows, start, order) + _walk(function, rows, start, order[::-1])) / 2.0
        total += gained
        squares += gained**2
        base += float(function(start[None, :])[0]) / pairs
    mean = total / pairs
    variance = np.maximum(squares / pairs - mean**2, 0.0) * pairs / (pairs - 1)
    return mean, base, np.sqrt(variance / pairs)


def _walk(
    function: Function, rows: FloatArray, start: FloatArray, order: np.ndarray[tuple[int], np.dtype[np.intp]]
) -> FloatArray:
    now = np.repeat(start[None, :], rows.shape[0], axis=0)
    before = np.repeat(function(start[None, :]), rows.shape[0])
    gained = np.zeros(rows.shape)
    for j in order:
        now[:, j] = rows[:, j]
        after = function(now)
        gained[:, j] = after - before
        before = after
    return gained
