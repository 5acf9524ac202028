"""A fitted forecast as whoever explains it sees it: a matrix of features in, one number a customer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from patron.forecasts.contenders import FORMULAS, Additive, Contender, Contributions, Selective, Single, Target
from patron.forecasts.fitted import ForecastModel, explained_target
from patron.forecasts.levels import Level
from patron.forecasts.rows import HISTORY, ORDERS, FloatArray, Rows

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

    @property
    def is_published(self) -> bool:
        """Whether its gate lets the forecast be told."""
        output = "predicted_clv" if self.target == "net_revenue" else "predicted_number_of_orders"
        return all(one.status != "refused" for one in self.fitted.gates if one.output == output)

    @property
    def is_learned(self) -> bool:
        """Whether the champion learned anything: a plain formula did not."""
        return self.model not in FORMULAS

    def predict(self, matrix: FloatArray) -> FloatArray:
        """Return the expected net revenue, or orders where there is no money, after the level."""
        said = self._said(self._rows(matrix))
        return self._level.of(self.target, said) if said is not None else np.full(matrix.shape[0], np.nan)

    def contributions(self, matrix: FloatArray) -> Contributions | None:
        """Return what each feature adds to the log of `predict`; None where the champion cannot say.

        What the level adds belongs to the base; where it differs from customer to customer, the rest of it is a
        contribution of its own, `forecast_level`.
        """
        rows, contender = self._rows(matrix), self._contender
        said = contender.contributions(rows, self.target) if isinstance(contender, Additive) else None
        raw = self._said(rows)
        if said is None or raw is None:
            return None
        after = self._level.of(self.target, raw)
        both = (raw > 0) & (after > 0)
        shift = np.log(np.where(both, after, 1.0)) - np.log(np.where(both, raw, 1.0))
        common = float(np.median(shift[both])) if both.any() else 0.0
        rest = np.where(both, shift - common, 0.0)
        if not (np.abs(rest) > _ROUNDING).any():
            return Contributions(said.names, said.values, said.base + common, said.inputs)
        inputs = None if said.inputs is None else np.column_stack([said.inputs, np.exp(rest)])
        values = np.column_stack([said.values, rest])
        return Contributions((*said.names, _LEVEL), values, said.base + common, inputs)

    def _said(self, rows: Rows) -> FloatArray | None:
        contender = self._contender
        if isinstance(contender, Single):
            return contender.predict_one(rows, self.target)
        return contender.predict(rows).of(self.target)

    @property
    def _contender(self) -> Contender:
        return self.fitted.contenders[self.model]

    @property
    def _level(self) -> Level:
        return self.fitted.levels.get(self.model, Level())

    def _rows(self, matrix: FloatArray) -> Rows:
        n = matrix.shape[0]
        absent = tuple(name for name in (*HISTORY, ORDERS) if name not in self.features)
        return Rows(
            customer_id=pa.nulls(n, pa.string()),
            as_of=np.full(n, np.datetime64(self.fitted.learned_as_of, "D")),
            names=(*self.features, *absent),
            features=np.column_stack([matrix, np.full((n, len(absent)), np.nan)]) if absent else matrix,
            future_revenue=None,
            future_orders=None,
            window_days=np.full(n, float(self.horizon_days)),
        )


def explainable(fitted: ForecastModel, columns: Sequence[str]) -> ExplainableForecast | None:
    """Return the forecast that people look at first: of the money, or of the orders where there is no money.

    Args:
        fitted: from `fit`.
        columns: the features of the table that is explained; a champion that does not say what it reads gets all.
    """
    target = explained_target(fitted.champions)
    if target not in fitted.champions:
        return None
    champion = fitted.contenders[fitted.champions[target]]
    reads = champion.reads(target) if isinstance(champion, Selective) else tuple(columns)
    return ExplainableForecast(fitted, target, tuple(name for name in reads if name in set(columns)))


def learned_again(seen: ExplainableForecast) -> tuple[ExplainableForecast, ...]:
    """Return the same forecast as it was learned under other seeds; none where the champion is no learner of trees."""
    fitted = seen.fitted
    return tuple(
        replace(seen, fitted=replace(fitted, contenders={**fitted.contenders, seen.model: other}))
        for other in fitted.learned_again
    )
