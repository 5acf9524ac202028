"""An interval around any measure, by drawing customers with replacement.

Percentile intervals (Efron and Tibshirani 1993, §13). Customers, not rows of other tables, are what is drawn: the
arrays hold one entry per customer. Above `most_rows` customers each draw takes `most_rows` of them and its distance
from the estimate is shrunk by √(most_rows / n), as the error of a mean-like measure shrinks
(Bickel, Götze and van Zwet 1997): a million customers then cost no more than fifty thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from patron.ground.errors import InputError
from patron.measures.arrays import FloatArray, pair, vector

Statistic = Callable[..., float]
Statistics = Callable[..., Mapping[str, float]]

_BLOCK_CELLS = 4_000_000  # cells of one block of drawn rows: about 32 MB


@dataclass(frozen=True, slots=True)
class Interval:
    """A number, and where it would lie in `level` of repeated samples of customers."""

    value: float
    lower: float
    upper: float
    level: float


def intervals(
    statistics: Statistics,
    *arrays: ArrayLike,
    draws: int = 200,
    level: float = 0.95,
    seed: int = 0,
    most_rows: int = 50_000,
) -> dict[str, Interval]:
    """Return several named statistics with their percentile intervals, all over the same draws.

    Draws on which a statistic is NaN (no buyer was drawn, say) are left out.

    >>> found = intervals(lambda values: {"mean": float(values.mean())}, [1.0, 2.0, 3.0, 4.0], seed=1)
    >>> found["mean"].value, found["mean"].lower < 2.5 < found["mean"].upper
    (2.5, True)
    """
    columns = _columns(arrays)
    estimate = statistics(*columns)
    rows, n = min(columns[0].size, most_rows), columns[0].size
    random = np.random.default_rng(seed)
    drawn = np.empty((draws, len(estimate)))
    for i in range(draws):
        index = random.integers(0, n, rows)
        drawn[i] = list(statistics(*(column[index] for column in columns)).values())
    shrink = float(np.sqrt(rows / n))
    return {name: _around(float(value), drawn[:, i], level, shrink) for i, (name, value) in enumerate(estimate.items())}


def interval(
    statistic: Statistic,
    *arrays: ArrayLike,
    draws: int = 200,
    level: float = 0.95,
    seed: int = 0,
    most_rows: int = 50_000,
) -> Interval:
    """Return `statistic(*arrays)` with its percentile interval over drawn customers.

    >>> found = interval(lambda values: float(values.mean()), [1.0, 2.0, 3.0, 4.0], seed=1)
    >>> found.value, found.lower < 2.5 < found.upper
    (2.5, True)
    """

    def named(*columns: FloatArray) -> dict[str, float]:
        return {"it": float(statistic(*columns))}

    return intervals(named, *arrays, draws=draws, level=level, seed=seed, most_rows=most_rows)["it"]


def interval_of_mean(values: ArrayLike, *, draws: int = 200, level: float = 0.95, seed: int = 0) -> Interval:
    """Return the mean of `values` with its percentile interval, all draws at once.

    >>> interval_of_mean([2.0, 2.0, 2.0])
    Interval(value=2.0, lower=2.0, upper=2.0, level=0.95)
    """
    column = vector("values", values)
    return interval_of_ratio(column, np.ones(column.size), draws=draws, level=level, seed=seed)


def interval_of_ratio(
    numerator: ArrayLike, denominator: ArrayLike, *, draws: int = 200, level: float = 0.95, seed: int = 0
) -> Interval:
    """Return sum(numerator) ÷ sum(denominator) with its percentile interval, all draws at once.

    >>> interval_of_ratio([1.0, 1.0], [2.0, 2.0]).value
    0.5
    """
    top, bottom = pair(("numerator", numerator), ("denominator", denominator))
    random = np.random.default_rng(seed)
    block = max(1, _BLOCK_CELLS // top.size)
    drawn = []
    for start in range(0, draws, block):
        index = random.integers(0, top.size, (min(block, draws - start), top.size))
        drawn.append(_ratio(top[index].sum(axis=1), bottom[index].sum(axis=1)))
    value = _ratio(np.array([top.sum()]), np.array([bottom.sum()]))[0]
    return _around(float(value), np.concatenate(drawn), level, shrink=1.0)


def paired_difference(
    statistic: Statistic,
    actual: ArrayLike,
    predicted: ArrayLike,
    rival: ArrayLike,
    *,
    draws: int = 200,
    seed: int = 0,
    most_rows: int = 50_000,
) -> Interval:
    """Return statistic(actual, predicted) − statistic(actual, rival) with a 95 % interval over the *same* draws.

    Two forecasts of the same customers err together, so the interval of the difference is far narrower than the two
    separate intervals suggest. When it does not contain zero, the difference is more than luck of the sample.

    >>> from patron.measures.accuracy import mean_absolute_error
    >>> paired_difference(mean_absolute_error, [1, 2, 3], [1, 2, 3], [2, 3, 4]).value
    -1.0
    """

    def difference(y: FloatArray, p: FloatArray, q: FloatArray) -> float:
        return float(statistic(y, p)) - float(statistic(y, q))

    return interval(difference, actual, predicted, rival, draws=draws, seed=seed, most_rows=most_rows)


def _columns(arrays: tuple[ArrayLike, ...]) -> list[FloatArray]:
    columns = [vector(f"array {i}", array) for i, array in enumerate(arrays)]
    if not columns or len({column.size for column in columns}) > 1:
        raise InputError(f"Arrays of {[column.size for column in columns]} rows cannot be drawn together.")
    return columns


def _around(value: float, drawn: FloatArray, level: float, shrink: float) -> Interval:
    usable = drawn[~np.isnan(drawn)]
    if usable.size == 0 or np.isnan(value):
        return Interval(value, float("nan"), float("nan"), level)
    tail = (1.0 - level) / 2.0
    lower, upper = (float(q) for q in np.quantile(usable, [tail, 1.0 - tail]))
    centre = float(np.median(usable)) if shrink < 1.0 else 0.0
    anchor = value if shrink < 1.0 else 0.0
    return Interval(value, anchor + (lower - centre) * shrink, anchor + (upper - centre) * shrink, level)


def _ratio(top: FloatArray, bottom: FloatArray) -> FloatArray:
    ratio: FloatArray = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return ratio
