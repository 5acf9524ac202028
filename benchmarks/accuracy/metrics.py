"""Metrics by target: their short names, which way is better, and the function of `patron.measures`.

Normalised Gini is that of Wang, Liu and Miao (2019). Bins and ranks give customers tied in the prediction their mean
outcome, so that the order of rows decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks.accuracy.purchases import FloatArray
from patron import measures

Statistic = Callable[[FloatArray, FloatArray], float]


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that says how good a forecast is; `better` is +1 for more, −1 for less, 0 for nearer to 1."""

    short: str
    better: int
    of: Statistic

    def score(self, value: float) -> float:
        """Return the value so that more is better."""
        return -abs(value - 1.0) if self.better == 0 else self.better * value


def error_at_total(actual: FloatArray, predicted: FloatArray) -> float:
    """Return the MAE of the forecast scaled to the true total: what is left when no total is too low or too high.

    MAE is least at the median, which is zero where most buy nothing: a forecast that is too low in total gains by it.

    >>> import numpy as np
    >>> error_at_total(np.array([0.0, 2.0]), np.array([0.5, 0.5]))
    1.0
    """
    said = float(predicted.sum())
    return measures.mean_absolute_error(actual, predicted * (float(actual.sum()) / said)) if said > 0 else float("nan")


def _amount(power: float) -> Mapping[str, Metric]:
    return {
        "mean_absolute_error": Metric("MAE", -1, measures.mean_absolute_error),
        "spearman": Metric("Spearman", 1, measures.spearman),
        "normalised_gini": Metric("norm. Gini", 1, measures.normalised_gini),
        "decile_mape": Metric("decile MAPE", -1, measures.decile_mape),
        "top_decile_capture": Metric("top 10 %", 1, partial(measures.top_capture, share=0.1)),
        "sum_ratio": Metric("ratio", 0, measures.sum_ratio),
        "error_at_total": Metric("MAE at the true total", -1, error_at_total),
        "root_mean_squared_error": Metric("RMSE", -1, measures.root_mean_squared_error),
        "deviance": Metric("deviance", -1, partial(measures.tweedie_deviance, power=power)),
    }


def _at_half(name: str) -> Statistic:
    return lambda happened, chance: float(getattr(measures.threshold_scores(happened, chance, 0.5), name))


_EVENT = {
    "roc_auc": Metric("ROC-AUC", 1, measures.roc_auc),
    "brier_score": Metric("Brier", -1, measures.brier_score),
    "log_loss": Metric("log-loss", -1, measures.log_loss),
    "expected_calibration_error": Metric("ECE", -1, measures.expected_calibration_error),
    "average_precision": Metric("average precision", 1, measures.average_precision),
    **{name: Metric(name, 1, _at_half(name)) for name in ("accuracy", "precision", "recall", "f1")},
}
EVERY: Mapping[str, Mapping[str, Metric]] = {"orders": _amount(1.0), "net_revenue": _amount(1.5), "active": _EVENT}
TARGETS: Mapping[str, str] = {
    "orders": "Number of orders",
    "net_revenue": "Money",
    "active": "Will the customer buy at all?",
}


_IN_PROTOCOLS = (
    "mean_absolute_error",
    "spearman",
    "normalised_gini",
    "decile_mape",
    "top_decile_capture",
    "sum_ratio",
    "error_at_total",
    "roc_auc",
    "brier_score",
    "log_loss",
    "expected_calibration_error",
)
METRICS: Mapping[str, Mapping[str, Metric]] = {
    target: {name: metrics[name] for name in _IN_PROTOCOLS if name in metrics} for target, metrics in EVERY.items()
}


def figures(target: str, actual: FloatArray, predicted: FloatArray) -> dict[str, float]:
    """Return every metric of the protocols for one forecast of one target."""
    return {name: metric.of(actual, predicted) for name, metric in METRICS[target].items()}
