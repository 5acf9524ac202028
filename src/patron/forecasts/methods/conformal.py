"""Intervals that hold: Mondrian split-conformal bands for skewed amounts with many zeros.

Customers are cut into bands of equal count by their *predicted* value. Within a band, the ratio of outcome to
prediction on customers who took no part in learning gives the interval: new customers of that band fall inside at
the stated level, whatever the model, as long as they resemble the calibration customers (exchangeability).

Two customers of the same expected value are not alike: one orders for certain and spends a little, the other orders
perhaps, and then a lot. In one band they would share an interval: where a tenth of the band orders nothing, that of
80 % would begin at zero for the sure ones, too. So customers are cut by the chance of an order first, where given.

A shop whose season moves breaks that premise: the next window moves all customers at once. Where windows are named, the
effect of each on all its customers is taken out of the ratios first; where a `SharedEffect` is given, the interval is
that of the mixture of a customer's own spread and of what the next window may do to everyone. It then covers the
stated level over customers *and* windows: any one window covers more or less.

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

from patron.forecasts.methods.interval_ends import cut
from patron.forecasts.methods.shared_effect import SharedEffect, effect_of, under_effects

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
_CHANCES = (0.5, 0.9, 0.975)  # even odds; and where no order is what an interval of 80 %, or of 95 %, leaves out below


class MondrianConformal(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Lower and upper ends for forecasts of an amount, calibrated within bands of the forecast.

    The interval of a band leaves half of 1 − level on each side. Where more than that half bought nothing, the lower
    end is zero and all of 1 − level lies above the upper end; where more than that half lost money, it lies below zero.
    An interval always holds its own forecast. Where more than `level` of a band bought nothing, the interval covers
    more than asked: zero is one value, and cannot be cut.

    Args:
        level: the share of outcomes that should fall inside, such as 0.8.
        n_bands: most bands to cut where no chance is given; else about so many, each part of the chance its share.
        min_band: fewest calibration customers in a band; with fewer customers there are fewer bands.
        shared: what the next window may do to all customers at once; None: nothing.

    >>> import numpy as np
    >>> random = np.random.default_rng(0)
    >>> predicted = random.uniform(1, 10, 2000)
    >>> actual = predicted * random.exponential(size=2000)
    >>> model = MondrianConformal(level=0.8).fit(predicted[:1000], actual[:1000])
    >>> round(model.coverage(predicted[1000:], actual[1000:]), 1)
    0.8
    """

    def __init__(
        self, *, level: float = 0.8, n_bands: int = 10, min_band: int = 50, shared: SharedEffect | None = None
    ) -> None:
        self.level = level
        self.n_bands = n_bands
        self.min_band = min_band
        self.shared = shared

    def fit(self, X: ArrayLike, y: ArrayLike, windows: ArrayLike | None = None) -> Self:
        """Learn the bands.

        Args:
            X: forecasts made without looking at `y`, shape (n_customers,), or forecasts and chances of an order, shape
                (n_customers, 2).
            y: what happened, shape (n_customers,).
            windows: which window each row is of, shape (n_customers,); the effect of each is taken out. None: one
                window, left as it is.

        Returns:
            Itself, with `cuts_` (of the chance, inner), `edges_` (of the forecast, inner, for each part of the chance),
            `floor_`, and per band `lower_ratios_`, `upper_ratios_` and `promises_`, the share of outcomes that should
            fall inside.
        """
        if not 0.0 < self.level < 1.0:
            raise ValueError(
                f"MondrianConformal: level is {self.level}.\nExpected a share between 0 and 1, such as 0.8."
            )
        (predicted, chance), actual = _told(X), _vector(y)
        check_consistent_length(predicted, actual)
        self.n_features_in_ = 1 if chance is None else 2
        chance = np.zeros(predicted.size) if chance is None else chance
        self.cuts_ = _cuts(chance, self.min_band)
        part = np.searchsorted(self.cuts_, chance, side="right")
        self.edges_ = [self._edges(predicted[part == i], predicted.size) for i in range(self.cuts_.size + 1)]
        self.floor_ = max(0.01 * float(np.abs(predicted).mean()), float(np.finfo(np.float32).tiny))
        band = self._band(predicted, chance)
        ratio = actual / np.maximum(predicted, self.floor_)
        window, effects = _effects(predicted, actual, windows)
        n_bands = sum(edges.size + 1 for edges in self.edges_)
        ends = [self._ends(ratio[band == i], window[band == i], effects) for i in range(n_bands)]
        self.lower_ratios_, self.upper_ratios_, self.promises_ = (np.array(side) for side in zip(*ends, strict=True))
        return self

    def predict_interval(self, X: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the lower and the upper end for each row of `X`, as `fit` takes it: two arrays, (n_customers,)."""
        predicted, chance = self._asked(X)
        band = self._band(predicted, chance)
        base = np.maximum(predicted, self.floor_)
        lower, upper = base * self.lower_ratios_[band], base * self.upper_ratios_[band]
        return np.minimum(lower, predicted), np.maximum(upper, predicted)

    def promised(self, X: ArrayLike) -> FloatArray:
        """Return the share of outcomes that should fall inside the interval of each row of `X`, shape (n_customers,).

        It is `level`, or more where more than `level` of a band buys nothing.
        """
        shares: FloatArray = self.promises_[self._band(*self._asked(X))]
        return shares

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
            "features": self.n_features_in_,
            "cuts": self.cuts_.tolist(),
            "edges": [edges.tolist() for edges in self.edges_],
            "lower_ratios": self.lower_ratios_.tolist(),
            "upper_ratios": self.upper_ratios_.tolist(),
            "promises": self.promises_.tolist(),
            "floor": self.floor_,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls(level=float(parts["level"]))
        model.n_features_in_ = int(parts["features"])
        model.cuts_ = np.array(parts["cuts"], dtype=np.float64)
        model.edges_ = [np.array(edges, dtype=np.float64) for edges in parts["edges"]]
        model.lower_ratios_ = np.array(parts["lower_ratios"], dtype=np.float64)
        model.upper_ratios_ = np.array(parts["upper_ratios"], dtype=np.float64)
        model.promises_ = np.array(parts["promises"], dtype=np.float64)
        model.floor_ = float(parts["floor"])
        return model

    def _asked(self, X: ArrayLike) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self, "edges_")
        predicted, chance = _told(X)
        given = 1 if chance is None else 2
        if given != self.n_features_in_:
            raise ValueError(
                f"X has {given} features, but MondrianConformal is expecting {self.n_features_in_} features as input."
            )
        return predicted, np.zeros(predicted.size) if chance is None else chance

    def _edges(self, predicted: FloatArray, n_customers: int) -> FloatArray:
        """Return the inner edges of the bands of one part of the chance."""
        share = round(self.n_bands * predicted.size / n_customers)
        bands = max(1, min(share, predicted.size // self.min_band))
        return np.unique(np.quantile(predicted, np.arange(1, bands) / bands)) if bands > 1 else np.empty(0)

    def _band(self, predicted: FloatArray, chance: FloatArray) -> IntArray:
        part = np.searchsorted(self.cuts_, chance, side="right")
        band, first = np.zeros(predicted.size, dtype=np.intp), 0
        for i, edges in enumerate(self.edges_):
            band[part == i] = first + np.searchsorted(edges, predicted[part == i], side="right")
            first += edges.size + 1
        return band

    def _ends(self, ratio: FloatArray, window: IntArray, effects: FloatArray) -> tuple[float, float, float]:
        """Return the two ends of one band, as shares of the forecast, and the share that should fall inside."""
        if ratio.size == 0:
            return 0.0, 0.0, self.level
        values, weights = _without(ratio, window, effects)
        if self.shared is not None:
            values, weights = under_effects(values, weights, self.shared.nodes())
        order = np.argsort(values, kind="stable")
        values, below = values[order], np.cumsum(weights[order])
        lower, upper = cut(values, below / below[-1], self.level, (ratio.size + 1) / ratio.size)
        inside = (values >= min(lower, 1.0)) & (values <= max(upper, 1.0))
        return lower, upper, float(weights[order][inside].sum() / weights.sum())


def _cuts(chance: FloatArray, least: int) -> FloatArray:
    """Return the cuts of the chance that leave so many customers in each part; a smaller part joins its neighbour."""
    cuts: list[float] = []
    for chance_cut in _CHANCES:
        below = int(np.count_nonzero((chance >= (cuts[-1] if cuts else -np.inf)) & (chance < chance_cut)))
        if min(below, int(np.count_nonzero(chance >= chance_cut))) >= least:
            cuts.append(chance_cut)
    return np.array(cuts)


def _effects(predicted: FloatArray, actual: FloatArray, windows: ArrayLike | None) -> tuple[IntArray, FloatArray]:
    """Return the number of each row's window and the effect of each window."""
    if windows is None:
        return np.zeros(predicted.size, dtype=np.intp), np.zeros(1)
    names, window = np.unique(np.asarray(windows), return_inverse=True)
    check_consistent_length(predicted, window)
    return window, np.array([effect_of(predicted[window == i], actual[window == i]) for i in range(names.size)])


def _without(ratio: FloatArray, window: IntArray, effects: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the ratios, weighted, as they would have been without the effects of their windows."""
    parts = [
        under_effects(own, np.ones(own.size), np.array([-effects[i]]))
        for i in np.unique(window)
        if (own := ratio[window == i]).size
    ]
    values, weights = zip(*parts, strict=True)
    return np.concatenate(values), np.concatenate(weights)


def _told(X: ArrayLike) -> tuple[FloatArray, FloatArray | None]:
    """Return the forecasts and the chances of an order, None where `X` has none."""
    array: FloatArray = check_array(X, ensure_2d=False, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] == 2:
        return array[:, 0], array[:, 1]
    return _vector(array), None


def _vector(values: ArrayLike) -> FloatArray:
    array: FloatArray = check_array(values, ensure_2d=False, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"X has shape {array.shape}, but MondrianConformal expects a forecast per customer, perhaps with a chance."
        )
    return array
