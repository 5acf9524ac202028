"""Forecasts to explanations: why each is what it is, for those who matter most, and how sure the reasons are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from patron import explanations, forecasts
from patron.contracts.published import EXPLANATIONS, IMPORTANCES, QUALITY
from patron.explanations import Explainer
from patron.flow.desk import Desk, Made
from patron.flow.stages import known
from patron.forecasts import ForecastModel
from patron.ground.seeds import derive

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
TABLES = {"explanations": EXPLANATIONS, "importances": IMPORTANCES, "quality": QUALITY}
_RECENT = ("net_revenue_sum_365d", "orders_count_365d")
_HAS_ORDERED = "btyd_T_days"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every horizon's explanation begins with; `sample` are the customers that `drawn` draws."""

    desk: Desk
    snapshot: Made
    forecast: Made
    sample: pa.Table
    currency: str

    @property
    def features(self) -> Path:
        return self.snapshot.folder / "features.parquet"


def make(desk: Desk, snapshot: Made, forecast: Made, currency: str) -> Made:
    """Explain every horizon's forecast: of the customers who matter most, where not of everyone."""
    spec, seed = desk.plan.explanations, desk.plan.seed

    def fill(folder: Path) -> int:
        sample = drawn(snapshot.folder / "features.parquet", spec.sample_customers, seed)
        asked = _Asked(desk, snapshot, forecast, sample, currency)
        found = [_one(asked, home) for home in sorted((forecast.folder / "models").glob("*d"))]
        for name, contract in TABLES.items():
            table = pa.concat_tables([contract.empty(), *(part[name] for part in found if part)])
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        return sum(part["explanations"].num_rows for part in found if part)

    inputs = (snapshot.key, forecast.key, spec.model_dump(mode="json"), currency, seed)
    return desk.stage("stages/explanations", ("explanations", "forecasts"), inputs, fill)


def explainer_of(
    model: ForecastModel, sample: pa.Table, spec: explanations.ExplanationSpec, seed: int
) -> Explainer | None:
    """Return what explains a run's forecast, prepared on the customers that `drawn` draws; None: nothing to."""
    seen = forecasts.explainable(model, sample.column_names)
    if seen is None or sample.num_rows == 0:
        return None
    return explanations.prepare(seen, sample, spec, seed=seed)


def _one(asked: _Asked, home: Path) -> dict[str, pa.Table] | None:
    """Explain one horizon: judge the reasons first, and tell them where the judgement allows it."""
    desk, model = asked.desk, ForecastModel.load(home)
    explainer = explainer_of(model, asked.sample, desk.plan.explanations, desk.plan.seed)
    seen = forecasts.explainable(model, asked.sample.column_names)
    if explainer is None or seen is None:
        return None
    days = model.horizon_days
    desk.watch.note(f"checking the reasons of {days} days")
    sample = explainer.sample(asked.sample)
    again = explainer.attribute_again(forecasts.learned_again(seen), sample)
    judged = explanations.evaluate(explainer, sample, again)
    said = known.read(asked.forecast, "forecasts")
    chosen, n = _who(asked.features, said.filter(pc.equal(said["horizon_days"], days)), explainer.most_customers)
    ruled = explanations.ruling(judged, customers=n, published=seen.is_published, learned=seen.is_learned)
    chosen &= ruled.status != "refused"
    desk.watch.note(f"explaining {days} days")
    counted = explanations.coverage(explainer, explained=int(chosen.sum()), customers=n)
    gate = QUALITY.check(pa.Table.from_pylist([ruled.row("explanations", f"{days}d/")], schema=QUALITY.schema))
    return {
        "explanations": _told(asked, explainer, chosen),
        "importances": explanations.importances(explainer, sample, again),
        "quality": pa.concat_tables([counted, judged, gate]),
    }


def _told(asked: _Asked, explainer: Explainer, chosen: BoolArray) -> pa.Table:
    names = dict.fromkeys(("customer_id", "as_of", *explainer.forecast.features, *explanations.READ))
    columns = [name for name in names if name in known.columns_of(asked.snapshot, "features")]
    parts = _chosen(asked.features, columns, chosen)
    told = [explanations.explain(explainer, part, currency=asked.currency) for part in parts]
    return pa.concat_tables([EXPLANATIONS.empty(), *told])


def _who(features: Path, said: pa.Table, most: int) -> tuple[BoolArray, int]:
    """Return which rows of the features are explained, and how many customers have ordered.

    Turn by turn the customer with the most predicted and the one with the most at risk: what they brought in the last
    year times the chance that they will not order.
    """
    columns = [name for name in (*_RECENT, _HAS_ORDERED) if name in pq.read_schema(features).names]
    table = pq.read_table(features, columns=["customer_id", *columns])
    if not table["customer_id"].equals(said["customer_id"]):
        raise AssertionError("forecasts and features do not hold the same customers in the same order")
    ordered = np.asarray(pc.is_valid(table[_HAS_ORDERED]))
    money = said["predicted_clv"].null_count < said.num_rows
    predicted = _numbers(said["predicted_clv" if money else "predicted_number_of_orders"])
    recent = _numbers(table[next(name for name in _RECENT if name in columns)])
    at_risk = recent * _numbers(said["churn_probability"])
    turn = np.minimum(_place(np.where(ordered, predicted, -np.inf)), _place(np.where(ordered, at_risk, -np.inf)))
    chosen = np.zeros(ordered.size, dtype=np.bool_)
    chosen[np.argsort(turn, kind="stable")[:most]] = True
    return chosen & ordered, int(ordered.sum())


def _place(values: NDArray[np.float64]) -> IntArray:
    place = np.empty(values.size, dtype=np.int64)
    place[np.argsort(-values, kind="stable")] = np.arange(values.size)
    return place


def _chosen(features: Path, columns: list[str], chosen: BoolArray, rows: int = 50_000) -> list[pa.Table]:
    """Read the chosen rows, batch by batch: a million customers with every feature would not fit in memory."""
    parts, start = [], 0
    for batch in pq.ParquetFile(features).iter_batches(rows, columns=columns):
        mask = chosen[start : start + batch.num_rows]
        start += batch.num_rows
        if mask.any():
            parts.append(pa.Table.from_batches([batch.filter(pa.array(mask))]))
    return parts


def drawn(features: Path, most: int, seed: int) -> pa.Table:
    """Draw customers who have ordered, the same for the same seed."""
    has = np.asarray(pc.is_valid(pq.read_table(features, columns=[_HAS_ORDERED])[_HAS_ORDERED]))
    there = np.flatnonzero(has)
    chosen = np.zeros(has.size, dtype=np.bool_)
    chosen[np.random.default_rng(derive(seed, "explanations", "sample")).permutation(there)[:most]] = True
    names = pq.read_schema(features).names
    parts = _chosen(features, names, chosen)
    return pa.concat_tables(parts) if parts else pq.read_schema(features).empty_table()


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.nan_to_num(pc.cast(column, pa.float64()).to_numpy().astype(np.float64))
    return values
