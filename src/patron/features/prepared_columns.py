"""A fitted preparation as expressions: the same columns, for any engine that Ibis compiles to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from sklearn.decomposition import PCA

from patron.features.methods import Preparation
from patron.features.methods.absence import AbsenceEncoder
from patron.features.methods.correlation_selection import CorrelationSelector
from patron.features.methods.mutual_information_selection import MutualInformationSelector
from patron.features.methods.scaling import ColumnScaler
from patron.features.methods.skewness import LOG1P, POWER, SkewnessReducer
from patron.features.methods.variance_selection import VarianceSelector
from patron.features.methods.winsorising import Winsoriser
from patron.ground.errors import InputError

Columns = list[ir.FloatingValue]


def prepared_columns(preparation: Preparation, table: ir.Table) -> dict[str, ir.FloatingValue]:
    """Return each prepared column as an expression over a feature table, by its name and in order.

    Args:
        preparation: fitted.
        table: holds the columns that it reads; NULL means absent.

    Raises:
        InputError: a step is not a formula of one row's columns, as LDA's projection is not.
    """
    columns: Columns = [table[name].cast("float64") for name in preparation.columns_]
    for step in preparation.steps_.values():
        if type(step) not in _FORMULAS:
            raise InputError(
                f"The preparation's step {type(step).__name__} has no formula that a database can run.\n"
                'Next: prepare with projection = "none" or "pca".'
            )
        columns = _FORMULAS[type(step)](step, columns)
    return dict(zip(preparation.feature_names_out_, columns, strict=True))


def _absence(step: Any, columns: Columns) -> Columns:
    filled = [columns[i].fill_null(float(fill)) for i, fill in zip(step.kept_, step.fills_, strict=True)]
    return [*filled, *(columns[i].isnull().ifelse(1.0, 0.0) for i in step.marked_)]


def _selected(step: Any, columns: Columns) -> Columns:
    return [columns[i] for i in step.kept_]


def _clipped(step: Any, columns: Columns) -> Columns:
    return [_between(*one) for one in zip(columns, step.lower_, step.upper_, strict=True)]


def _between(column: ir.FloatingValue, lower: float, upper: float) -> ir.FloatingValue:
    raised = ibis.greatest(column, float(lower)) if np.isfinite(lower) else column
    return ibis.least(raised, float(upper)) if np.isfinite(upper) else raised


def _straightened(step: Any, columns: Columns) -> Columns:
    return [_power(*one) for one in zip(step.kinds_, columns, step.lambdas_, strict=True)]


def _power(kind: str, x: ir.FloatingValue, power: float) -> ir.FloatingValue:
    if kind == LOG1P:
        return (ibis.greatest(x, -1.0 + 1e-9) + 1.0).ln()
    if kind == POWER:
        up, down = ibis.greatest(x, 0.0) + 1.0, 1.0 - ibis.least(x, 0.0)
        return ibis.ifelse(x >= 0.0, _box_cox(up, float(power)), -_box_cox(down, 2.0 - float(power)))
    return x


def _box_cox(x: ir.FloatingValue, power: float) -> ir.FloatingValue:
    """Return (x^λ - 1) / λ, and ln x where λ is 0."""
    return x.ln() if abs(power) < np.finfo(float).eps else (x**power - 1.0) / power


def _scaled(step: Any, columns: Columns) -> Columns:
    learned = zip(columns, step.centres_, step.units_, strict=True)
    return [(column - float(centre)) / float(unit) for column, centre, unit in learned]


def _projected(step: Any, columns: Columns) -> Columns:
    centred = [column - float(mean) for column, mean in zip(columns, step.mean_, strict=True)]
    return [_weighed(centred, axis) for axis in step.components_]


def _weighed(columns: Columns, weights: Any) -> ir.FloatingValue:
    first, *rest = (column * float(weight) for column, weight in zip(columns, weights, strict=True))
    for one in rest:
        first = first + one
    return first


_FORMULAS: Mapping[type, Callable[[Any, Columns], Columns]] = {
    AbsenceEncoder: _absence,
    VarianceSelector: _selected,
    Winsoriser: _clipped,
    SkewnessReducer: _straightened,
    ColumnScaler: _scaled,
    CorrelationSelector: _selected,
    MutualInformationSelector: _selected,
    PCA: _projected,
}
