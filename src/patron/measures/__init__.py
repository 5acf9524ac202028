"""Measures: pure functions from arrays to numbers. No I/O, no tables, no state.

A measure says how far a forecast, a ranking or a distribution is from what happened. Every function takes arrays in
the same row order and returns plain numbers; `bootstrap` puts an interval around any of them. A measure that is not
defined on its input (no positive outcome to rank, one class only) returns NaN: the judgement belongs to the caller.
"""

from patron.measures.accuracy import mean_absolute_error, root_mean_squared_error, tweedie_deviance, tweedie_deviances
from patron.measures.bootstrap import (
    Interval,
    interval,
    interval_of_mean,
    interval_of_ratio,
    intervals,
    paired_difference,
)
from patron.measures.calibration import (
    CalibrationTable,
    calibration_table,
    decile_mape,
    expected_calibration_error,
    sum_ratio,
)
from patron.measures.classification import (
    ThresholdScores,
    average_precision,
    brier_score,
    log_loss,
    log_losses,
    roc_auc,
    threshold_scores,
)
from patron.measures.inequality import LorenzCurve, gini_coefficient, lorenz_curve, top_share
from patron.measures.lateness import late_not_lost, lateness_limits
from patron.measures.ranking import gain_curve, gini_of_gain, normalised_gini, spearman, top_capture
from patron.measures.recommendation import hits, reciprocal_ranks
from patron.measures.survival import concordance, concordance_interval, integrated_brier_scores

__all__ = [
    "CalibrationTable",
    "Interval",
    "LorenzCurve",
    "ThresholdScores",
    "average_precision",
    "brier_score",
    "calibration_table",
    "concordance",
    "concordance_interval",
    "decile_mape",
    "expected_calibration_error",
    "gain_curve",
    "gini_coefficient",
    "gini_of_gain",
    "hits",
    "integrated_brier_scores",
    "interval",
    "interval_of_mean",
    "interval_of_ratio",
    "intervals",
    "late_not_lost",
    "lateness_limits",
    "log_loss",
    "log_losses",
    "lorenz_curve",
    "mean_absolute_error",
    "normalised_gini",
    "paired_difference",
    "reciprocal_ranks",
    "roc_auc",
    "root_mean_squared_error",
    "spearman",
    "sum_ratio",
    "threshold_scores",
    "top_capture",
    "top_share",
    "tweedie_deviance",
    "tweedie_deviances",
]
