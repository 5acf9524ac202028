"""Every measure of one forecast against what happened, each with an interval and beside the naive formula's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from patron import measures
from patron.forecasts.contenders import NAIVE, Target
from patron.forecasts.rows import FloatArray, Rows
from patron.forecasts.spec import ForecastSpec
from patron.forecasts.trials import Trial
from patron.ground.seeds import derive

MOST_ROWS = 10_000  # customers per bootstrap draw
THRESHOLD = 0.5
_POWER: Mapping[Target, float] = {"net_revenue": 1.5, "orders": 1.0}

# +1: higher is better; -1: lower is better; 0: nearer to `IDEAL` is better.
BETTER: Mapping[str, int] = {
    "normalised_gini": 1,
    "spearman": 1,
    "top_decile_capture": 1,
    "sum_ratio": 0,
    "decile_mape": -1,
    "mean_absolute_error": -1,
    "root_mean_squared_error": -1,
    "deviance": -1,
    "roc_auc": 1,
    "average_precision": 1,
    "log_loss": -1,
    "brier_score": -1,
    "expected_calibration_error": -1,
    "accuracy": 1,
    "precision": 1,
    "recall": 1,
    "f1": 1,
    "integrated_brier_score": -1,
    "concordance": 1,
    "ordered_by_lower_date": 0,
    "ordered_by_expected_date": 0,
    "ordered_by_upper_date": 0,
    "date_calibration_error": -1,
}
# Where nearer is better: to what.
IDEAL: Mapping[str, float] = {
    "sum_ratio": 1.0,
    "ordered_by_lower_date": 0.1,
    "ordered_by_expected_date": 0.5,
    "ordered_by_upper_date": 0.9,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One measure of one model on one target at one origin, with its 95 % interval and the naive formula's value."""

    target: Target
    model: str
    origin: date
    measure: str
    value: float
    lower: float
    upper: float
    baseline: float


def judge(trial: Trial, target: Target, spec: ForecastSpec, seed: int) -> tuple[Judgement, ...]:
    """Return every measure of every contender on one target of one trial."""
    actual = outcome(trial.rows, target)
    if actual is None:
        return ()
    found: dict[str, dict[str, measures.Interval]] = {}
    for name, prediction in trial.said.items():
        predicted = prediction.of(target)
        if predicted is not None:
            known = np.isfinite(actual) & np.isfinite(predicted)
            found[name] = measures.intervals(
                _STATISTICS[target],
                actual[known],
                predicted[known],
                draws=spec.bootstrap_draws,
                seed=derive(seed, "judge", target),
                most_rows=MOST_ROWS,
            )
    return tuple(
        Judgement(target, name, trial.origin, measure, it.value, it.lower, it.upper, found[NAIVE][measure].value)
        for name, intervals in found.items()
        for measure, it in intervals.items()
    )


def outcome(rows: Rows, target: Target) -> FloatArray | None:
    """Return what happened, for one target; None when the labels do not hold it."""
    if target == "net_revenue":
        return rows.future_revenue if rows.has_money else None
    if rows.future_orders is None:
        return None
    if target == "orders":
        return rows.future_orders
    ordered: FloatArray = (rows.future_orders > 0).astype(np.float64)
    return 1.0 - ordered if target == "churn" else ordered


def losses(target: Target, actual: FloatArray, predicted: FloatArray) -> FloatArray:
    """Return each customer's error, of the kind that decides between models: least in the mean at the truth.

    Mean absolute error would crown whoever forecasts zero for a shop where most customers do not return.
    """
    if target in ("active", "churn"):
        return measures.log_losses(actual, predicted)
    return measures.tweedie_deviances(actual, predicted, power=_POWER[target])


def _amount(power: float) -> Callable[..., Mapping[str, float]]:
    def statistics(actual: FloatArray, predicted: FloatArray) -> Mapping[str, float]:
        return {
            "normalised_gini": measures.normalised_gini(actual, predicted),
            "spearman": measures.spearman(actual, predicted),
            "top_decile_capture": measures.top_capture(actual, predicted, 0.1),
            "sum_ratio": measures.sum_ratio(actual, predicted),
            "decile_mape": measures.decile_mape(actual, predicted),
            "mean_absolute_error": measures.mean_absolute_error(actual, predicted),
            "root_mean_squared_error": measures.root_mean_squared_error(actual, predicted),
            "deviance": measures.tweedie_deviance(actual, predicted, power=power),
        }

    return statistics


def _event(happened: FloatArray, probability: FloatArray) -> Mapping[str, float]:
    at_half = measures.threshold_scores(happened, probability, THRESHOLD)
    return {
        "roc_auc": measures.roc_auc(happened, probability),
        "average_precision": measures.average_precision(happened, probability),
        "log_loss": measures.log_loss(happened, probability),
        "brier_score": measures.brier_score(happened, probability),
        "expected_calibration_error": measures.expected_calibration_error(happened, probability),
        "accuracy": at_half.accuracy,
        "precision": at_half.precision,
        "recall": at_half.recall,
        "f1": at_half.f1,
    }


_STATISTICS: Mapping[Target, Callable[..., Mapping[str, float]]] = {
    "net_revenue": _amount(_POWER["net_revenue"]),
    "orders": _amount(_POWER["orders"]),
    "active": _event,
    "churn": _event,
}
