"""What the stack reads: logs of a purchase history for its regression, and what the purchase processes say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders.purchase_process import PurchaseProcess, learn_process
from patron.forecasts.rows import HISTORY, MONEY, FloatArray, Rows
from patron.ground.errors import NotEnoughData

PROCESSES = ("pareto_nbd", "bg_nbd", "mbg_nbd")
_LEAST = 1e-6
_A_WEEK, _START_DAYS = 7.0, 10.0
_FREQUENCY, _RECENCY, _AGE = HISTORY
_SILENCE = "days_since_last_order"


def _frequency(rows: Rows) -> FloatArray:
    return rows.column(_FREQUENCY, absent=0.0)


def _age(rows: Rows) -> FloatArray:
    return rows.column(_AGE, absent=0.0)


def _silence(rows: Rows) -> FloatArray:
    days: FloatArray = np.maximum(_age(rows) - rows.column(_RECENCY, absent=0.0), 0.0)
    return days


def _gap(rows: Rows) -> FloatArray:
    gap: FloatArray = rows.column(_RECENCY, absent=0.0) / np.maximum(_frequency(rows), 1.0)
    return gap


def _once(rows: Rows) -> FloatArray:
    once: FloatArray = (_frequency(rows) == 0).astype(np.float64)
    return once


def _amount(rows: Rows, name: str) -> FloatArray:
    logs: FloatArray = np.log1p(np.maximum(rows.column(name, absent=0.0), 0.0))
    return logs


def _overdue(rows: Rows) -> FloatArray:
    return np.where(_once(rows) > 0, 0.0, np.log((_silence(rows) + 1.0) / (_gap(rows) + 1.0)))


def _amount_reader(name: str) -> Callable[[Rows], FloatArray]:
    return lambda rows: _amount(rows, name)


# What the regression reads: the feature that people know it by, and how it is read.
_LINEAR: Sequence[tuple[str, Callable[[Rows], FloatArray]]] = (
    (_FREQUENCY, lambda rows: np.log1p(_frequency(rows))),
    (_SILENCE, lambda rows: np.log1p(_silence(rows))),
    (_SILENCE, lambda rows: _silence(rows) / np.maximum(_age(rows), 1.0)),
    (_AGE, lambda rows: np.log(_age(rows) + _A_WEEK)),
    ("order_overdue_ratio", _overdue),
    ("orders_per_year_lifetime", lambda rows: np.log((_frequency(rows) + 0.5) / (_age(rows) + _START_DAYS))),
    (_FREQUENCY, _once),
    *((name, _amount_reader(name)) for name in ("orders_count_7d", "orders_count_30d", "orders_count_90d")),
    ("orders_count_180d", _amount_reader("orders_count_180d")),
)
_LINEAR_MONEY: Sequence[tuple[str, Callable[[Rows], FloatArray]]] = (
    ("order_value_mean_lifetime", _amount_reader("order_value_mean_lifetime")),
    ("revenue_max_lifetime", _amount_reader("revenue_max_lifetime")),
    (MONEY, _amount_reader(MONEY)),
    ("net_revenue_sum_90d", _amount_reader("net_revenue_sum_90d")),
    ("order_value_mean_lifetime", lambda rows: _once(rows) * _amount(rows, MONEY)),
)


def linear_names(*, money: bool) -> tuple[str, ...]:
    """Return which feature each column of `linear_features` is read from."""
    return tuple(name for name, _ in _readers(money=money))


def linear_features(rows: Rows, *, money: bool) -> FloatArray:
    """Return the logs that the regression reads, shape (n_rows, n_columns), every one known."""
    return np.column_stack([read(rows) for _, read in _readers(money=money)])


def _readers(*, money: bool) -> list[tuple[str, Callable[[Rows], FloatArray]]]:
    return [*_LINEAR, *(_LINEAR_MONEY if money else ())]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the purchase processes expect of each row's window: orders, the chance of any, and the value of one."""

    orders: FloatArray
    any_order: FloatArray  # on the complementary log-log scale
    value: FloatArray | None


@dataclass(frozen=True, slots=True)
class Guide:
    """The purchase processes fitted on the histories of one date; their mean in logs is what guides the stack."""

    processes: tuple[PurchaseProcess, ...]

    def expect(self, rows: Rows) -> Expected:
        """Return what the processes expect of rows of their date."""
        said = [process.predict(rows) for process in self.processes]
        orders = np.exp(np.mean([np.log(np.maximum(one.orders, _LEAST)) for one in said], axis=0))
        chance = [np.clip(one.active, _LEAST, 1.0 - _LEAST) for one in said]
        any_order = np.mean([np.log(-np.log1p(-one)) for one in chance], axis=0)
        return Expected(orders, any_order, self.value(rows))

    def value(self, rows: Rows) -> FloatArray | None:
        """Return what an order of each row's customer is worth; None where the shop has no money."""
        return self.processes[0].expected_value(rows)

    def to_parts(self) -> dict[str, Any]:
        """Return every process by its kind."""
        return {process.kind: process.to_parts() for process in self.processes}

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the guide that `to_parts` described."""
        return cls(tuple(PurchaseProcess.from_parts(parts[kind]) for kind in PROCESSES if kind in parts))


def learn_guide(rows: Rows, window_days: int, least_buyers: int) -> Guide:
    """Fit the processes on rows of one date, for windows of that length; those without a usable maximum stay out.

    Raises:
        NotEnoughData: none of them could be fitted.
    """
    fitted: list[PurchaseProcess] = []
    refused: NotEnoughData | None = None
    for kind in PROCESSES:
        try:
            fitted.append(learn_process(kind, rows, window_days, least_buyers))
        except NotEnoughData as error:
            refused = error
    if not fitted:
        raise refused or NotEnoughData("stack: no purchase process could be fitted.")
    return Guide(tuple(fitted))
