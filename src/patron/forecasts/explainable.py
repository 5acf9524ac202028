"""A fitted forecast as whoever explains it sees it: a matrix of features in, one number a customer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from patron.forecasts.contenders import Additive, Contender, Contributions, Prediction, Selective, Target
from patron.forecasts.fitted import ForecastModel
from patron.forecasts.levels import Level
from patron.forecasts.rows import HISTORY, ORDERS, FloatArray, Rows, read_rows

_LEVEL = "forecast_level"
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ExplainableForecast:
    """The champion of the money, or of the orders where there is none, at its level.

    `predict` and `contributions` take a matrix with one column per name of `features`, in that order, NaN where a
    value is absent.
    """

    fitted: ForecastModel
    target: Target
    features: tuple[str, ...]

    @property
    def model(self) -> str:
        """The champion's name."""
        return self.fitted.champions[self.target]

    @property
    def horizon_days(self) -> int:
        """How far the forecast looks."""
        return self.fitted.horizon_days

    def predict(self, matrix: FloatArray) -> FloatArray:
        """Return the expected net revenue, or orders where there is no money, after the level."""
        said = self._levelled(self._contender.predict(self._rows(matrix))).of(self.target)
        return said if said is not None else np.full(matrix.shape[0], np.nan)

    def contributions(self, matrix: FloatArray) -> Contributions | None:
        """Return what each feature adds to the log of `predict`; None where the champion cannot say.

        What the level adds belongs to the base; where it differs from customer to customer, the rest of it is a
        contribution of its own, `forecast_level`.
        """
        rows, contender = self._rows(matrix), self._contender
        said = contender.contributions(rows, self.target) if isinstance(contender, Additive) else None
        raw = contender.predict(rows).of(self.target)
        if said is None or raw is None:
            return None
        after = self.predict(matrix)
        both = (raw > 0) & (after > 0)
        shift = np.log(np.where(both, after, 1.0)) - np.log(np.where(both, raw, 1.0))
        common = float(np.median(shift[both])) if both.any() else 0.0
        rest = np.where(both, shift - common, 0.0)
        if not (np.abs(rest) > _ROUNDING).any():
            return Contributions(said.names, said.values, said.base + common, said.inputs)
        inputs = None if said.inputs is None else np.column_stack([said.inputs, np.exp(rest)])
        values = np.column_stack([said.values, rest])
        return Contributions((*said.names, _LEVEL), values, said.base + common, inputs)

    @property
    def _contender(self) -> Contender:
        return self.fitted.contenders[self.model]

    def _levelled(self, said: Prediction) -> Prediction:
        return self.fitted.levels.get(self.model, Level()).apply(said)

    def _rows(self, matrix: FloatArray) -> Rows:
        n = matrix.shape[0]
        absent = [name for name in (*HISTORY, ORDERS) if name not in self.features]
        return read_rows(
            pa.table(
                {
                    "customer_id": pa.repeat("", n),
                    "as_of": pa.repeat(pa.scalar(self.fitted.learned_as_of, pa.date32()), n),
                    **{name: np.ascontiguousarray(matrix[:, i]) for i, name in enumerate(self.features)},
                    **{name: np.full(n, np.nan) for name in absent},
                }
            ),
            where="a forecast that is explained",
            labelled=False,
        )


def explainable(fitted: ForecastModel, columns: Sequence[str]) -> ExplainableForecast | None:
    """Return the forecast that people look at first: of the money, or of the orders where there is no money.

    Args:
        fitted: from `fit`.
        columns: the features of the table that is explained; a champion that does not say what it reads gets all.
    """
    target: Target = "net_revenue" if "net_revenue" in fitted.champions else "orders"
    if target not in fitted.champions:
        return None
    champion = fitted.contenders[fitted.champions[target]]
    reads = champion.reads(target) if isinstance(champion, Selective) else tuple(columns)
    return ExplainableForecast(fitted, target, tuple(name for name in reads if name in set(columns)))
