"""Shapley values of a function of few features: every coalition is asked.

A coalition's value is the log of the function's mean over background customers whose features in the coalition are
replaced by those of the customer explained (interventional). Then

    phi_j = sum over coalitions S without j of |S|! (d - |S| - 1)! / d! · (v(S + j) - v(S))

and the base v(no feature), the log of the mean over the background, plus all phi is the log of the function, exactly.

References:
    Shapley (1953), A value for n-person games;
    Janzing, Minorics and Bloebaum (2020), Feature relevance quantification in explainable AI, AISTATS (interventional).
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Function = Callable[[FloatArray], FloatArray]
MOST_FEATURES = 10
_ROWS_AT_ONCE = 200_000


def exact_shapley(function: Function, rows: FloatArray, background: FloatArray) -> tuple[FloatArray, float]:
    """Return the contributions to the log of the function, shape of `rows`, and the base.

    Args:
        function: takes a matrix of features, returns one number above zero a row.
        rows: the customers to explain, shape (n_customers, n_features), at most 10 features.
        background: customers who stand for "not known", shape (n_background, n_features).

    >>> values, base = exact_shapley(lambda X: X[:, 0] * X[:, 1], np.array([[4.0, 3.0]]), np.array([[1.0, 1.0]]))
    >>> bool(np.allclose(np.exp(values), [[4.0, 3.0]])), base
    (True, 0.0)
    """
    n_features = rows.shape[1]
    if n_features > MOST_FEATURES:
        raise ValueError(f"exact_shapley takes at most {MOST_FEATURES} features, and got {n_features}.")
    first, back = distinct_rows(rows)
    distinct = rows[first]
    known = (np.arange(2**n_features)[:, None] >> np.arange(n_features)) & 1 == 1
    said = np.log(np.stack([_coalition(function, distinct, background, which) for which in known]))
    values = np.zeros(distinct.shape)
    for j in range(n_features):
        for i in np.flatnonzero(~known[:, j]):
            weight = 1.0 / (n_features * comb(n_features - 1, int(known[i].sum())))
            values[:, j] += weight * (said[i | (1 << j)] - said[i])
    return values[back], float(said[0, 0])


def distinct_rows(rows: FloatArray) -> tuple[IntArray, IntArray]:
    """Return where each distinct row stands first, and which of them every row is; gaps (NaN) are alike.

    >>> first, back = distinct_rows(np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 2.0]]))
    >>> first.tolist(), back.tolist()
    ([0, 1], [0, 1, 0])
    """
    code = np.zeros(rows.shape[0], dtype=np.int64)
    for column in rows.T:
        _, own = np.unique(column, return_inverse=True, equal_nan=True)
        _, code = np.unique(code * (int(own.max(initial=0)) + 1) + own, return_inverse=True)
    _, first, back = np.unique(code, return_index=True, return_inverse=True)
    return first, back


def _coalition(function: Function, rows: FloatArray, background: FloatArray, known: NDArray[np.bool_]) -> FloatArray:
    if not known.any():
        return np.full(rows.shape[0], function(background).mean())
    if known.all():
        return function(rows)
    first, back = distinct_rows(rows[:, known])
    own = rows[first][:, known]
    n_background = background.shape[0]
    step = max(1, _ROWS_AT_ONCE // n_background)
    parts = []
    for start in range(0, own.shape[0], step):
        some = own[start : start + step]
        mixed = np.repeat(background[None, :, :], some.shape[0], axis=0)
        mixed[:, :, known] = some[:, None, :]
        parts.append(function(mixed.reshape(-1, rows.shape[1])).reshape(-1, n_background).mean(axis=1))
    return np.concatenate(parts)[back]
