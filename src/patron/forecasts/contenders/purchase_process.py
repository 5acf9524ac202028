"""The purchase process as a contender: (M)BG/NBD or Pareto/NBD for orders, Gamma-Gamma for their value.

It learns from the histories at the origin alone, so it needs no outcome windows and works on young shops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np

from patron.forecasts.contenders.contender import Learn, Lesson, Prediction, Target
from patron.forecasts.methods.beta_geo import BetaGeoNBD, ModifiedBetaGeoNBD
from patron.forecasts.methods.count_distribution import chance_of_spend_below
from patron.forecasts.methods.gamma_gamma import GammaGamma
from patron.forecasts.methods.pareto_nbd import ParetoNBD
from patron.forecasts.methods.staying import NOTICED, log_likelihood_of_staying
from patron.forecasts.rows import HISTORY, BoolArray, FloatArray, Rows
from patron.ground.errors import NotEnoughData

Buying = BetaGeoNBD | ModifiedBetaGeoNBD | ParetoNBD
KINDS: Mapping[str, type[Buying]] = {
    "bg_nbd": BetaGeoNBD,
    "mbg_nbd": ModifiedBetaGeoNBD,
    "pareto_nbd": ParetoNBD,
}
_VALUE = "btyd_monetary_mean"
_REST, _MOST_ORDERS = 1e-4, 1_000  # chances of more orders are left out where they add up to so little
_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class PurchaseProcess:
    """A fitted purchase model with, where there is money, a fitted value model; time in days."""

    kind: str
    horizon_days: int
    buying: Buying
    spending: GammaGamma | None
    leaving_gain: float  # of log-likelihood, over the process in which nobody leaves

    def predict(self, rows: Rows) -> Prediction:
        """Predict orders, money and activity of each row's horizon; NaN for rows without a history."""
        histories, known = _histories(rows)
        orders = _spread(self.buying.expected_purchases(histories, self.horizon_days), known)
        active = _spread(self.buying.probability_of_purchase(histories, self.horizon_days), known)
        value = self.expected_value(rows)
        return Prediction(None if value is None else orders * value, orders, active)

    def probability_alive(self, rows: Rows) -> FloatArray:
        """Return the probability that each row's customer has not left for good; NaN without a history.

        NaN for everyone when the histories do not show that anybody leaves: 1 for a customer not seen for a year would
        be an assumption, not a finding.
        """
        if not self.sees_leaving:
            return np.full(len(rows), np.nan)
        histories, known = _histories(rows)
        return _spread(self.buying.probability_alive(histories), known)

    @property
    def sees_leaving(self) -> bool:
        """Whether the histories show that customers leave: a likelihood-ratio test at 5 % (`methods.staying`)."""
        return self.leaving_gain > NOTICED

    def expected_value(self, rows: Rows) -> FloatArray | None:
        """Return the expected value of the next order; None when the data hold no money."""
        return None if self.spending is None else self.spending.expected_value(_spending(rows))

    def chance_of_spend_below(self, rows: Rows, amount: FloatArray) -> FloatArray:
        """Return the chance that each row's customer spends `amount` or less in the horizon; NaN without a history.

        Raises:
            NotEnoughData: the data hold no money, or too little for a value model.
        """
        if self.spending is None:
            raise NotEnoughData(
                f"{self.kind} has no value model: the data hold no money, or too few repeat orders with an amount.\n"
                "Next: ask for orders alone, or collect more repeat orders."
            )
        histories, known = _histories(rows)
        chances = [self.buying.probability_of_count(histories, self.horizon_days, 0)]
        reached = chances[0]
        while reached.min() < 1.0 - _REST and len(chances) < _MOST_ORDERS:
            chances.append(self.buying.probability_of_count(histories, self.horizon_days, len(chances)))
            reached = reached + chances[-1]
        value, spent = _spending(rows)[known], amount[known]
        return _spread(chance_of_spend_below(np.column_stack(chances), self.spending, value, spent), known)

    def chance_within(self, rows: Rows, days: float) -> FloatArray:
        """Return the chance of an order within so many days, up to any horizon; NaN without a history."""
        histories, known = _histories(rows)
        return _spread(self.buying.probability_of_purchase(histories, days), known)

    def reads(self, target: Target) -> tuple[str, ...]:
        """Return the purchase history and, for money, the mean value of an order."""
        return (*HISTORY, _VALUE) if target == "net_revenue" and self.spending is not None else HISTORY

    def to_parts(self) -> dict[str, Any]:
        """Return parameters and horizon."""
        spending = None if self.spending is None else {**self.spending.params_, "mean_value": self.spending.mean_value_}
        return {
            "kind": self.kind,
            "horizon_days": self.horizon_days,
            "buying": dict(self.buying.params_),
            "spending": spending,
            "leaving_gain": self.leaving_gain,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the contender that `to_parts` described."""
        spending = None if parts["spending"] is None else GammaGamma.from_params(**parts["spending"])
        buying = KINDS[parts["kind"]].from_params(**parts["buying"])
        return cls(str(parts["kind"]), int(parts["horizon_days"]), buying, spending, float(parts["leaving_gain"]))


def process_learner(kind: str) -> Learn:
    """Return the function that fits one kind of purchase process on the histories at the origin."""

    def learn(lesson: Lesson) -> PurchaseProcess:
        return learn_process(kind, lesson.now, lesson.horizon_days, lesson.spec.least_buyers)

    return learn


def learn_process(kind: str, rows: Rows, horizon_days: int, least_buyers: int) -> PurchaseProcess:
    """Fit one purchase process on the histories of rows that share a date.

    Raises:
        NotEnoughData: fewer repeat buyers than `least_buyers`, or the likelihood has no usable maximum.
    """
    histories, _ = _histories(rows)
    repeat = int((histories[:, 0] > 0).sum())
    if repeat < least_buyers:
        raise NotEnoughData(
            f"{kind} needs at least {least_buyers} customers who came back, and {repeat} of {histories.shape[0]} did.\n"
            "Refused: probability_alive and expected_date_of_next_order. Next: collect more repeat orders.",
            "few_repeaters",
            needed=least_buyers,
            found=repeat,
            customers=histories.shape[0],
        )
    buying = _fitted(kind, histories.tobytes())
    if not buying.converged_:
        raise NotEnoughData(
            f"{kind} found no stable parameters on {histories.shape[0]} customers: {buying.params_}.",
            "not_stable",
            customers=histories.shape[0],
        )
    gain = buying.log_likelihood_ - _staying(histories.tobytes())
    return PurchaseProcess(kind, horizon_days, buying, _learn_spending(rows, least_buyers), gain)


def _learn_spending(rows: Rows, least_buyers: int) -> GammaGamma | None:
    spending = _spending(rows)
    if not rows.has_money or int((spending[:, 0] > 0).sum()) < least_buyers:
        return None
    model = _fitted_spending(spending.tobytes())
    return model if model.converged_ else None


@lru_cache(maxsize=_REMEMBERED)
def _fitted(kind: str, histories: bytes) -> Buying:
    """Fit a process once for the same histories: every later origin learns from the windows of the earlier ones."""
    return KINDS[kind]().fit(np.frombuffer(histories).reshape(-1, len(HISTORY)))


@lru_cache(maxsize=_REMEMBERED)
def _staying(histories: bytes) -> float:
    frequency, _, age = np.frombuffer(histories).reshape(-1, len(HISTORY)).T
    return log_likelihood_of_staying(frequency, age)


@lru_cache(maxsize=_REMEMBERED)
def _fitted_spending(spending: bytes) -> GammaGamma:
    return GammaGamma().fit(np.frombuffer(spending).reshape(-1, 2))


def _histories(rows: Rows) -> tuple[FloatArray, BoolArray]:
    known = rows.has_history
    histories = np.column_stack([rows.column(name) for name in HISTORY])[known]
    return histories, known


def _spending(rows: Rows) -> FloatArray:
    value = rows.column(_VALUE, absent=0.0)
    frequency = np.where(value > 0, rows.column(HISTORY[0], absent=0.0), 0.0)
    return np.column_stack([frequency, np.maximum(value, 0.0)])


def _spread(values: FloatArray, known: BoolArray) -> FloatArray:
    spread = np.full(known.shape[0], np.nan)
    spread[known] = values
    return spread
