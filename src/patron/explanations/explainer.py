"""A forecast that is ready to be explained: what its contributions are, and how they were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.contracts.protocols import FittedForecast
from patron.explanations.groups import is_helped, numbered, plain_name
from patron.explanations.methods.exact_shapley import MOST_FEATURES, distinct_rows, exact_shapley
from patron.explanations.methods.sampled_shapley import sampled_shapley
from patron.explanations.spec import ExplanationSpec
from patron.ground.seeds import derive

FloatArray = NDArray[np.float64]
How = Literal["model", "coalitions", "sampled"]
_HISTORY = ("btyd_frequency", "btyd_recency_days", "btyd_T_days")
_LEAST_SHARE = 1e-3  # of the mean forecast: nothing is told as less, because zero has no logarithm


@dataclass(frozen=True, slots=True)
class Attribution:
    """What each feature adds to the log of the forecast; `numbers` are the features' own values."""

    names: tuple[str, ...]
    values: FloatArray
    numbers: FloatArray
    base: float
    standard_error: float  # mean over features; 0: exact

    def first(self, n: int) -> Attribution:
        """Return that of the first n customers."""
        return replace(self, values=self.values[:n], numbers=self.numbers[:n])


@dataclass(frozen=True, slots=True)
class Sample:
    """Customers drawn from everyone, and what each feature adds to the forecasts of those that can be asked about."""

    as_of: date
    matrix: FloatArray
    said: Attribution

    def __len__(self) -> int:
        return int(self.said.values.shape[0])


@dataclass(frozen=True, slots=True)
class Explainer:
    """A fitted forecast, the customers who stand for "not known", and the least that is told as a forecast."""

    forecast: FittedForecast
    background: FloatArray
    least: float
    how: How
    helped: bool  # by a purchase process
    spec: ExplanationSpec
    seed: int

    @property
    def most_customers(self) -> int:
        """How many customers can be explained: sampling costs many forecasts a customer."""
        return min(self.spec.most_customers, self._affordable)

    @property
    def sample_size(self) -> int:
        """How many customers the importances can be read off; sampling leaves most of its budget to explanations."""
        return min(self.spec.sample_customers, max(self._affordable // 4, self.spec.checked_customers))

    @property
    def _affordable(self) -> int:
        if self.how != "sampled":
            return max(self.spec.most_customers, self.spec.sample_customers * 4)
        return self.spec.most_predictions // (self.spec.permutations * len(self.forecast.features))

    @property
    def groups(self) -> tuple[tuple[str, ...], NDArray[np.intp]]:
        """The groups of the forecast's features, and per feature the number of its group."""
        return numbered(self.forecast.features, helped=self.helped)

    def ask(self, matrix: FloatArray) -> FloatArray:
        """Return the forecast, `least` at least; histories that cannot be are made possible first."""
        asked = _possible(matrix, self.forecast.features)
        if self.how != "coalitions":
            return np.maximum(np.nan_to_num(self.forecast.predict(asked)), self.least)
        first, back = distinct_rows(asked)  # mixtures of customers repeat, and purchase processes can be slow
        return np.maximum(np.nan_to_num(self.forecast.predict(asked[first]))[back], self.least)

    def log_forecast(self, matrix: FloatArray) -> FloatArray:
        """Return the log of `ask`."""
        return np.log(self.ask(matrix))

    def sample(self, customers: pa.Table) -> Sample:
        """Attribute customers drawn from everyone, once for all that is read off them.

        Args:
            customers: one row each, `as_of` and the forecast's features; `sample_size` of them are attributed.
        """
        matrix = matrix_of(customers, self.forecast.features)
        return Sample(customers["as_of"][0].as_py(), matrix, self.attribute(matrix[: self.sample_size]))

    def attribute_again(self, others: Sequence[FittedForecast], sample: Sample) -> tuple[Attribution, ...]:
        """Attribute the sample by the same forecast as others learned it; none where it does not split itself.

        Args:
            others: the forecast, learned under other seeds.
            sample: from `sample`.
        """
        if self.how != "model":
            return ()
        return tuple(replace(self, forecast=other).attribute(sample.matrix[: len(sample)]) for other in others)

    def attribute(self, matrix: FloatArray) -> Attribution:
        """Return every feature's contribution; base and contributions add up to the log of the forecast."""
        match self.how:
            case "model":
                return self._by_the_model(matrix)
            case "coalitions":
                values, base = exact_shapley(self.ask, matrix, self.background)
                values = _told_once(values, matrix, self.forecast.features)
                return _merged(self.forecast.features, values, matrix, base, 0.0)
            case "sampled":
                values, base, error = sampled_shapley(
                    self.log_forecast,
                    matrix,
                    self.background,
                    permutations=self.spec.permutations,
                    seed=derive(self.seed, "orders"),
                )
                return _merged(self.forecast.features, values, matrix, base, float(error.mean()))

    def _by_the_model(self, matrix: FloatArray) -> Attribution:
        said = self.forecast.contributions(matrix)
        if said is None:
            raise AssertionError(f"{self.forecast.model} split its forecast of some customers and not of others")
        numbers = said.inputs if said.inputs is not None else _looked_up(said.names, matrix, self.forecast.features)
        return _merged(said.names, said.values, numbers, said.base, 0.0)


def prepare(forecast: FittedForecast, sample: pa.Table, spec: ExplanationSpec, *, seed: int) -> Explainer:
    """Make a forecast ready to be explained.

    Args:
        forecast: the fitted forecast.
        sample: customers drawn from everyone, one row each, with the forecast's features.
        spec: the knobs.
        seed: the Plan's seed.
    """
    matrix = matrix_of(sample, forecast.features)
    own = derive(seed, "explanations", forecast.model)
    chosen = np.random.default_rng(derive(own, "background")).permutation(matrix.shape[0])[: spec.background_customers]
    mean = float(np.nanmean(forecast.predict(matrix)))
    least = max(mean, 1e-6) * _LEAST_SHARE
    said = forecast.contributions(matrix[:1])
    few: How = "coalitions" if len(forecast.features) <= MOST_FEATURES else "sampled"
    helped = said is not None and is_helped(said.names)
    return Explainer(forecast, matrix[chosen], least, "model" if said else few, helped, spec, own)


def matrix_of(table: pa.Table, names: Sequence[str]) -> FloatArray:
    """Return columns as a matrix of numbers, NaN where a value is absent."""
    columns = [pc.cast(table[name], pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64) for name in names]
    matrix = np.column_stack(columns) if columns else np.empty((table.num_rows, 0))
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix


def _possible(matrix: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Mixing two customers can put the last order after today, or on another day than the only one there is."""
    if not set(_HISTORY) <= set(names):
        return matrix
    at = [names.index(name) for name in _HISTORY]
    history = np.maximum(matrix[:, at], 0.0)
    history[:, 1] = np.minimum(history[:, 1], np.where(history[:, 0] > 0, history[:, 2], 0.0))
    mended = matrix.copy()
    mended[:, at] = history
    return mended


def _told_once(values: FloatArray, matrix: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Without a repeat order there are no days between first and last order: one fact, told as the number of orders."""
    if not set(_HISTORY) <= set(names):
        return values
    frequency, recency = (names.index(name) for name in _HISTORY[:2])
    once = matrix[:, frequency] == 0
    told = values.copy()
    told[once, frequency] += values[once, recency]
    told[once, recency] = 0.0
    return told


def _looked_up(names: tuple[str, ...], matrix: FloatArray, columns: tuple[str, ...]) -> FloatArray:
    at = {plain_name(name): i for i, name in enumerate(columns)}
    absent = np.full(matrix.shape[0], np.nan)
    return np.column_stack([matrix[:, at[plain]] if (plain := plain_name(name)) in at else absent for name in names])


def _merged(
    names: tuple[str, ...], values: FloatArray, numbers: FloatArray, base: float, standard_error: float
) -> Attribution:
    """Add up the contributions of features that tell the same number, such as orders and their logarithm."""
    plain = [plain_name(name) for name in names]
    kept = tuple(dict.fromkeys(plain))
    at = np.array([kept.index(name) for name in plain], dtype=np.intp)
    summed = np.zeros((values.shape[0], len(kept)))
    np.add.at(summed.T, at, values.T)
    own = [plain.index(name) if name not in names else names.index(name) for name in kept]
    return Attribution(kept, summed, numbers[:, own], base, standard_error)
