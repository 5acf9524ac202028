"""Whether forecasts are right on average: in total, and among customers who were told about the same number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from patron.measures.arrays import FloatArray, outcomes


@dataclass(frozen=True, slots=True)
class CalibrationTable:
    """One row per bin of the prediction, lowest predictions first; every array has shape (n_bins,)."""

    mean_predicted: FloatArray
    mean_actual: FloatArray
    count: NDArray[np.int64]


def calibration_table(actual: ArrayLike, predicted: ArrayLike, n_bins: int = 10) -> CalibrationTable:
    """Cut customers into `n_bins` equal-count bins of the prediction and compare means.

    Customers tied in the prediction share their mean outcome, so the table does not depend on the order of rows.
    With fewer customers than bins there is one bin per customer.

    >>> table = calibration_table([0, 1, 2, 3], [0.0, 0.5, 2.5, 3.5], n_bins=2)
    >>> table.mean_predicted.tolist(), table.mean_actual.tolist()
    ([0.25, 3.0], [0.5, 2.5])
    """
    y, p = outcomes(actual, predicted)
    values, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    sorted_p = np.repeat(values, counts)
    sorted_y = np.repeat(np.bincount(inverse, weights=y) / counts, counts)
    edges = np.linspace(0, y.size, min(n_bins, y.size) + 1).round().astype(np.int64)
    size = np.diff(edges)
    return CalibrationTable(
        mean_predicted=np.add.reduceat(sorted_p, edges[:-1]) / size,
        mean_actual=np.add.reduceat(sorted_y, edges[:-1]) / size,
        count=size,
    )


def decile_mape(actual: ArrayLike, predicted: ArrayLike, n_bins: int = 10) -> float:
    """Return the mean over bins of |mean predicted − mean actual| ÷ mean actual.

    Bins whose mean outcome is not above zero cannot be compared in percent and are left out; NaN when none remains.

    >>> decile_mape([1, 1, 2, 2], [2, 2, 3, 3], n_bins=2)
    0.75
    """
    table = calibration_table(actual, predicted, n_bins)
    usable = table.mean_actual > 0
    gap = np.abs(table.mean_predicted - table.mean_actual)[usable] / table.mean_actual[usable]
    return float(gap.mean()) if usable.any() else float("nan")


def sum_ratio(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return sum predicted ÷ sum actual: 1 is the right level. NaN when the total outcome is not above zero.

    >>> sum_ratio([1, 3], [1, 1])
    0.5
    """
    y, p = outcomes(actual, predicted)
    total = float(y.sum())
    return float(p.sum()) / total if total > 0 else float("nan")


def expected_calibration_error(happened: ArrayLike, probability: ArrayLike, n_bins: int = 10) -> float:
    """Return the mean gap between stated probability and observed rate over equal-count bins, weighted by size.

    References:
        Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning, AAAI.

    >>> expected_calibration_error([0, 0, 1, 1], [0.0, 0.0, 1.0, 1.0], n_bins=2)
    0.0
    """
    table = calibration_table(happened, probability, n_bins)
    gap = np.abs(table.mean_predicted - table.mean_actual)
    return float(np.average(gap, weights=table.count))
