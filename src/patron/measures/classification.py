"""How good stated probabilities are, and what follows from acting above a threshold.

Equal to scikit-learn's metrics of the same names (a test compares them), without its checks of every argument:
a bootstrap calls these thousands of times.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from patron.ground.errors import InputError
from patron.measures.arrays import FloatArray, pair


@dataclass(frozen=True, slots=True)
class ThresholdScores:
    """What happens when everyone with a probability of at least `threshold` is called positive."""

    threshold: float
    accuracy: float
    precision: float
    recall: float
    f1: float


def roc_auc(happened: ArrayLike, probability: ArrayLike) -> float:
    """Return the chance that someone to whom it happened was ranked above someone to whom it did not.

    Ties count half. NaN when all outcomes are the same.

    >>> roc_auc([0, 1, 0, 1], [0.1, 0.9, 0.2, 0.6])
    1.0
    """
    y, p = _events(happened, probability)
    yes, no = float(y.sum()), float(y.size - y.sum())
    if yes == 0 or no == 0:
        return float("nan")
    _, inverse, counts = np.unique(p, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2.0
    return float((mean_rank[inverse] @ y - yes * (yes + 1) / 2.0) / (yes * no))


def average_precision(happened: ArrayLike, probability: ArrayLike) -> float:
    """Return the area under the precision-recall steps; NaN when it happened to nobody.

    >>> average_precision([0, 1], [0.2, 0.9])
    1.0
    """
    y, p = _events(happened, probability)
    if y.sum() == 0:
        return float("nan")
    _, inverse, counts = np.unique(-p, return_inverse=True, return_counts=True)
    found = np.bincount(inverse, weights=y)
    precision = np.cumsum(found) / np.cumsum(counts)
    return float(precision @ found / y.sum())


def log_losses(happened: ArrayLike, probability: ArrayLike) -> FloatArray:
    """Return each customer's negative log-likelihood in nats; 0 and 1 are moved in by machine precision.

    >>> log_losses([0, 1], [0.5, 0.5]).round(4).tolist()
    [0.6931, 0.6931]
    """
    y, p = _events(happened, probability)
    p = np.clip(p, np.finfo(float).eps, 1.0 - np.finfo(float).eps)
    return -np.log(np.where(y == 1.0, p, 1.0 - p))


def log_loss(happened: ArrayLike, probability: ArrayLike) -> float:
    """Return the mean of `log_losses`.

    >>> round(log_loss([0, 1], [0.5, 0.5]), 4)
    0.6931
    """
    return float(log_losses(happened, probability).mean())


def brier_score(happened: ArrayLike, probability: ArrayLike) -> float:
    """Return the mean squared gap between the probability and the outcome (0 or 1).

    >>> brier_score([0, 1], [0.5, 1.0])
    0.125
    """
    y, p = _events(happened, probability)
    return float(np.square(p - y).mean())


def threshold_scores(happened: ArrayLike, probability: ArrayLike, threshold: float = 0.5) -> ThresholdScores:
    """Return accuracy, precision, recall and F1 of calling positive everyone at or above `threshold`.

    Precision is 0 when nobody is called positive, recall is 0 when it happened to nobody, F1 is 0 when both are.

    >>> threshold_scores([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1]).f1
    0.5
    """
    y, p = _events(happened, probability)
    called = p >= threshold
    right, yes, positive = float(y[called].sum()), float(y.sum()), float(called.sum())
    return ThresholdScores(
        threshold,
        accuracy=float((called == (y == 1.0)).mean()),
        precision=right / positive if positive else 0.0,
        recall=right / yes if yes else 0.0,
        f1=2.0 * right / (positive + yes) if positive + yes else 0.0,
    )


def _events(happened: ArrayLike, probability: ArrayLike) -> tuple[FloatArray, FloatArray]:
    y, p = pair(("happened", happened), ("probability", probability))
    odd = (y != 0.0) & (y != 1.0)
    if odd.any():
        raise InputError(f"'happened' holds values other than 0 and 1, such as {y[odd][0]}.\nCode it as 0 or 1.")
    if p.min() < 0 or p.max() > 1:
        raise InputError(f"'probability' runs from {p.min()} to {p.max()}.\nProbabilities lie between 0 and 1.")
    return y, p
