"""Intervals that hold: Mondrian split-conformal bands for skewed amounts with many zeros.

Customers are cut into bands of equal count by their *predicted* value. Within a band, the ratio of outcome to
prediction on customers who took no part in learning gives the interval: new customers of that band fall inside at
the stated level, whatever the model, as long as they resemble the calibration customers (exchangeability). A shop
whose season moves breaks that premise, which is why coverage is measured on a later window.

References:
    Vovk, Gammerman and Shafer (2005), Algorithmic learning in a random world, §4.5 (Mondrian conformal predictors);
    Lei et al. (2018), Distribution-free predictive inference for regression, JASA 113.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted

FloatArray = NDArray[np.float64]


class MondrianConformal(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Lower and upper ends for forecasts of an amount, calibrated within bands of the forecast.

    The interval of a band leaves half of 1 − level on each side. Where more than that half bought nothing, the lower
    end is zero and all of 1 − level lies above the upper end; where more than that half lost money, it lies below zero.
    An interval always holds its own forecast. Where more than `level` of a band bought nothing, the interval covers
    more than asked: zero is one value, and cannot be cut.

    Args:
        level: the share of outcomes that should fall inside, such as 0.8.
        n_bands: most bands to cut.
        min_band: fewest calibration customers in a band; with fewer customers there are fewer bands.

    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> predicted = random.uniform(1, 10, 2000)
    >>> actual = predicted * random.exponential(size=2000)
    >>> model = MondrianConformal(level=0.8).fit(predicted[:1000], actual[:1000])
    >>> round(model.coverage(predicted[1000:], actual[1000:]), 1)
    0.8
    """

    def __init__(self, *, level: float = 0.8, n_bands: int = 10, min_band: int = 50) -> None:
        self.level = level
        self.n_bands = n_bands
        self.min_band = min_band

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn the bands.

        Args:
            X: forecasts, shape (n_customers,), made without looking at `y`.
            y: what happened, shape (n_customers,).

        Returns:
            Itself, with `edges_` (inner band edges), `lower_ratios_`, `upper_ratios_` (per band) and `floor_`.
        """
        if not 0.0 < self.level < 1.0:
            raise ValueError(
                f"MondrianConformal: level is {self.level}.\nExpected a share between 0 and 1, such as 0.8."
            )
        predicted, actual = _vector(X), _vector(y)
        check_consistent_length(predicted, actual)
        bands = max(1, min(self.n_bands, predicted.size // self.min_band))
        self.edges_ = np.unique(np.quantile(predicted, np.arange(1, bands) / bands))
        self.floor_ = max(0.01 * float(np.abs(predicted).mean()), float(np.finfo(np.float32).tiny))
        band = np.searchsorted(self.edges_, predicted, side="right")
        ratio = actual / np.maximum(predicted, self.floor_)
        ends = [_ends(ratio[band == i], self.level) for i in range(self.edges_.size + 1)]
        self.lower_ratios_, self.upper_ratios_ = (np.array(side) for side in zip(*ends, strict=True))
        return self

    def predict_interval(self, X: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the lower and the upper end for each forecast, two arrays of shape (n_customers,)."""
        check_is_fitted(self, "edges_")
        predicted = _vector(X)
        band = np.searchsorted(self.edges_, predicted, side="right")
        base = np.maximum(predicted, self.floor_)
        lower, upper = base * self.lower_ratios_[band], base * self.upper_ratios_[band]
        return np.minimum(lower, predicted), np.maximum(upper, predicted)

    def coverage(self, X: ArrayLike, y: ArrayLike) -> float:
        """Return the share of outcomes `y` inside the intervals of the forecasts `X`."""
        lower, upper = self.predict_interval(X)
        actual = _vector(y)
        return float(((actual >= lower) & (actual <= upper)).mean())

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as plain numbers, for `from_parts`."""
        check_is_fitted(self, "edges_")
        return {
            "level": self.level,
            "edges": self.edges_.tolist(),
            "lower_ratios": self.lower_ratios_.tolist(),
            "upper_ratios": self.upper_ratios_.tolist(),
            "floor": self.floor_,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls(level=float(parts["level"]))
        model.edges_ = np.array(parts["edges"], dtype=np.float64)
        model.lower_ratios_ = np.array(parts["lower_ratios"], dtype=np.float64)
        model.upper_ratios_ = np.array(parts["upper_ratios"], dtype=np.float64)
        model.floor_ = float(parts["floor"])
        return model


def _ends(ratio: FloatArray, level: float) -> tuple[float, float]:
    if ratio.size == 0:
        return 0.0, 0.0
    miss, ordered = 1.0 - level, np.sort(ratio)
    if float((ratio <= 0).mean()) >= miss / 2.0 > float((ratio < 0).mean()):
        above = 1.0 - miss + float((ratio < 0).mean())
        return 0.0, max(0.0, _rank(ordered, np.ceil((ratio.size + 1) * min(above, 1.0))))
    return (
        _rank(ordered, np.floor((ratio.size + 1) * miss / 2.0)),
        _rank(ordered, np.ceil((ratio.size + 1) * (1.0 - miss / 2.0))),
    )


def _rank(ordered: FloatArray, one_based: float) -> float:
    return float(ordered[int(np.clip(one_based, 1, ordered.size)) - 1])


def _vector(values: ArrayLike) -> FloatArray:
    array: FloatArray = check_array(values, ensure_2d=False, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(f"X has shape {array.shape}, but MondrianConformal is expecting one forecast per customer.")
    return array
