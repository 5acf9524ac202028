"""How far the predicted numbers are from what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from patron.measures.arrays import FloatArray, outcomes


def mean_absolute_error(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean of |predicted − actual|, in the unit of `actual`.

    On zero-heavy outcomes it rewards forecasting the median, which is often zero: read it beside `sum_ratio`.

    >>> mean_absolute_error([0, 2, 4], [1, 2, 2])
    1.0
    """
    y, p = outcomes(actual, predicted)
    return float(np.abs(p - y).mean())


def root_mean_squared_error(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Return the root of the mean of (predicted − actual)², in the unit of `actual`.

    >>> root_mean_squared_error([0, 0], [3, 3])
    3.0
    """
    y, p = outcomes(actual, predicted)
    return float(np.sqrt(np.square(p - y).mean()))


def tweedie_deviances(
    actual: ArrayLike, predicted: ArrayLike, *, power: float = 1.5, floor: float = 0.01
) -> FloatArray:
    """Return each customer's Tweedie deviance: an error whose mean is least at the true mean, whatever the tail.

    For 1 < `power` < 2 it fits outcomes that are zero for many customers and skewed for the rest; `power` 1 is the
    Poisson deviance. Negative outcomes count as zero, and forecasts below `floor` times the mean outcome are raised
    to it, because a forecast of exactly zero for someone who buys would be infinitely wrong.

    With y = actual, m = predicted, p = power: 2·(y^(2−p)/((1−p)(2−p)) − y·m^(1−p)/(1−p) + m^(2−p)/(2−p)).

    References:
        Jørgensen (1987), Exponential dispersion models, JRSS B 49; Gneiting (2011), Making and evaluating point
        forecasts, JASA 106 (why an error must be consistent for the mean to judge forecasts of a mean).

    >>> tweedie_deviances([1.0, 4.0], [1.0, 1.0]).round(12).tolist()
    [0.0, 4.0]
    """
    y, m = outcomes(actual, predicted)
    y = np.maximum(y, 0.0)
    m = np.maximum(m, max(floor * float(y.mean()), np.finfo(float).tiny))
    if power == 1.0:
        ratio = np.log(np.where(y > 0, y, 1.0) / np.where(y > 0, m, 1.0))
        return 2.0 * (y * ratio - y + m)
    gap = (
        y ** (2 - power) / ((1 - power) * (2 - power))
        - y * m ** (1 - power) / (1 - power)
        + m ** (2 - power) / (2 - power)
    )
    return 2.0 * gap


def tweedie_deviance(actual: ArrayLike, predicted: ArrayLike, *, power: float = 1.5, floor: float = 0.01) -> float:
    """Return the mean of `tweedie_deviances`.

    >>> round(tweedie_deviance([1.0, 4.0], [1.0, 4.0]), 12)
    0.0
    """
    return float(tweedie_deviances(actual, predicted, power=power, floor=floor).mean())
