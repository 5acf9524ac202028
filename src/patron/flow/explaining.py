"""One customer of a finished run: why the forecast is what it is, and what it would be if something were different."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import explanations, forecasts
from patron.contracts.gates import MEASURE
from patron.explanations import CustomerStory, ExplanationSpec
from patron.flow.stages.explanations import drawn, explainer_of
from patron.forecasts import ForecastModel
from patron.ground.errors import NotEnoughData, PlanError, RunMissing

_SHOWN = ("predicted_clv", "predicted_number_of_orders", "repurchase_probability")
_LOOKED_THROUGH = 5_000


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The forecast and both ends of its interval before and after a change, and every feature that moved."""

    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    moved: Mapping[str, tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class CustomerExplanation:
    """One customer's explanation of a run; `what_if` only where something was set."""

    run_id: str
    customer_id: str
    as_of: str
    currency: str
    story: CustomerStory
    what_if: WhatIf | None


def explain_customer(
    run: Path, customer_id: str, *, horizon_days: int, to: Mapping[str, float] | None = None
) -> CustomerExplanation:
    """Explain one customer of a finished run.

    Args:
        run: the run's folder.
        customer_id: the pseudonym, as in the run's tables.
        horizon_days: one of the run's horizons.
        to: features to set, by name; what is tied to them moves with them (see `patron.explanations.changed`).

    Raises:
        PlanError: there is no such horizon, customer or feature; what is near is named.
        NotEnoughData: the customer has not ordered before the run's as_of, or the reasons may not be told (`gates`).
    """
    features = run / "tables" / "features.parquet"
    said = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    model = _model(run, horizon_days)
    _insist_on_reasons(run, horizon_days)
    customer = _customer(features, customer_id)
    spec, seed = ExplanationSpec(**said["plan"].get("explanations", {})), int(said["plan"]["seed"])
    others = drawn(features, spec.sample_customers, seed)
    explainer = explainer_of(model, others, spec, seed)
    if explainer is None or not customer["btyd_T_days"][0].is_valid:
        raise NotEnoughData(f"Customer {customer_id!r} has not ordered before {said['as_of']}: nothing is forecast.")
    story = explanations.tell(explainer, customer, others, currency=said["currency"])
    asked = _what_if(model, customer, to) if to else None
    return CustomerExplanation(run.name, customer_id, said["as_of"], said["currency"], story, asked)


def _model(run: Path, horizon_days: int) -> ForecastModel:
    there = {path.name.removesuffix("d"): path for path in (run / "models").glob("*d") if path.name[:-1].isdigit()}
    if not there:
        raise RunMissing(f"Run {run.name} holds no forecast: its data were too thin.\nNext: `patron show` says why.")
    if str(horizon_days) not in there:
        raise PlanError.unknown_choice(f"Run {run.name}, horizon in days", str(horizon_days), there)
    return ForecastModel.load(there[str(horizon_days)])


def _insist_on_reasons(run: Path, horizon_days: int) -> None:
    """Refuse where the run's own gate refused the reasons of that horizon."""
    quality = pq.read_table(run / "tables" / "quality.parquet", columns=["measure", "slice", "verdict"])
    for row in quality.filter(pc.equal(quality["slice"], f"{horizon_days}d/reasons")).to_pylist():
        if row["measure"] == MEASURE and row["verdict"].startswith("refused"):
            raise NotEnoughData(
                f"Run {run.name}, {horizon_days} days: the reasons of its forecast may not be told.\n"
                f"{row['verdict'].capitalize()}.\nNext: the report's chapter on the forecast says what to collect."
            )


def _customer(features: Path, customer_id: str) -> pa.Table:
    found = pq.read_table(features, filters=[("customer_id", "==", customer_id)])
    if found.num_rows:
        return found
    ids = pq.read_table(features, columns=["customer_id"])["customer_id"]
    alike = ids.filter(pc.starts_with(ids, customer_id[:2])) if customer_id else ids
    near = get_close_matches(customer_id, alike.slice(0, _LOOKED_THROUGH).to_pylist(), n=3)
    guess = f" Did you mean {', '.join(repr(name) for name in near)}?" if near else ""
    raise PlanError(
        f"Customer {customer_id!r} is not among the {len(ids):,} of this run.{guess}\n"
        "Next: `patron tables explanations` lists the customer_id of those who were explained."
    )


def _what_if(model: ForecastModel, customer: pa.Table, to: Mapping[str, float]) -> WhatIf:
    names = [field.name for field in customer.schema if _is_number(field.type)]
    row = {name: _number(customer[name][0]) for name in names}
    after = explanations.changed(row, to)
    moved = {name: value for name, value in after.items() if not _same(value, row[name])}
    other = customer
    for name, value in moved.items():
        column = pa.array([value], pa.float64(), from_pandas=True)
        other = other.set_column(other.column_names.index(name), name, column)
    sides = [forecasts.apply(model, table).to_pylist()[0] for table in (customer, other)]
    before, then = ({name: side[name] for name in side if name.startswith(_SHOWN)} for side in sides)
    return WhatIf(before, then, {name: (_plain(row[name]), _plain(value)) for name, value in moved.items()})


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or kind == pa.bool_()
    )


def _number(cell: Any) -> float:
    value = cell.as_py()
    return float("nan") if value is None else float(value)


def _same(left: float, right: float) -> bool:
    return left == right or (np.isnan(left) and np.isnan(right))


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else value
