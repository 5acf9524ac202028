"""A whole run on Spark publishes the tables that a run on DuckDB publishes: what is learned is the same too."""

from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import patron
from flow.shops import QUICK_FORECASTS, make
from parity.spark_shops import insist_on_spark
from patron import forecasts
from patron.contracts.published import FORECASTS
from patron.features import FeatureSpec
from patron.forecasts import ForecastModel

insist_on_spark()

pytestmark = pytest.mark.spark
KEYS = {
    "features": ("customer_id",),
    "segments": ("scheme", "customer_id"),
    "forecasts": ("horizon_days", "customer_id"),
    "cohorts": ("cohort_month", "age_months"),
    "quality": ("room", "measure", "slice"),
}
FORECAST = QUICK_FORECASTS.model_copy(update={"horizons_days": (60,)})  # four times as short as the history
LEARNED_FROM = FeatureSpec(training_customers=100, most_origins=2)  # fewer than there are: a sample is drawn


@pytest.fixture(scope="module")
def runs(spark, tmp_path_factory):
    """The same shop on both engines; the run on Spark uses the session that is there."""
    with pytest.MonkeyPatch.context() as patch:
        made = []
        for engine in ("duckdb", "spark"):
            patch.setenv("PATRON_ENGINE", engine)
            home = make(tmp_path_factory.mktemp(engine), features=LEARNED_FROM, forecasts=FORECAST)
            made.append(patron.open(home).run())
    return made


def published(run, name):
    table = run.table(name).to_arrow()
    return table.sort_by([(key, "ascending") for key in KEYS[name]])


def kinds(table):
    return {field.name: field.type for field in table.schema}


def close(got, wanted):
    """Floats to 1e-9, everything else to the last bit."""
    if got.equals(wanted) or not pa.types.is_floating(wanted.type):
        return got.equals(wanted)
    room = pc.add(pc.multiply(pc.abs(wanted), 1e-9), 1e-12)
    near = pc.less_equal(pc.abs(pc.subtract(got, wanted)), room)
    return got.is_null().equals(wanted.is_null()) and pc.all(near).as_py()


@pytest.mark.parametrize("name", KEYS)
def test_both_publish_the_same(runs, name):
    wanted, got = (published(run, name) for run in runs)
    assert kinds(got) == kinds(wanted)
    assert [column for column in wanted.column_names if not close(got[column], wanted[column])] == []
    assert wanted.num_rows > 50


def test_what_is_counted_and_paid_is_the_same_to_the_last_bit(runs):
    wanted, got = (published(run, "features") for run in runs)
    exact = [name for name in wanted.column_names if "_count_" in name or "revenue_sum" in name]
    assert len(exact) > 10
    assert got.select(exact).to_pylist() == wanted.select(exact).to_pylist()


def test_something_was_learned(runs):
    for run in runs:
        said = pq.read_table(run.folder / "tables" / "forecasts.parquet")
        assert len(set(said["predicted_clv"].to_pylist())) > 50
        assert any(scheme.startswith("learned") for scheme in run.segments.to_arrow()["scheme"].to_pylist())


def test_a_model_says_the_same_on_the_workers(runs, spark, engine):
    run = runs[0]
    [model] = (run.folder / "models").rglob("60d")

    def said(batches):
        fitted = ForecastModel.load(model)
        for batch in batches:
            made = forecasts.apply(fitted, batch).cast(FORECASTS.schema)
            yield from made.append_column("process", pa.array([os.getpid()] * made.num_rows)).to_batches()

    schema = FORECASTS.schema.append(pa.field("process", pa.int64()))
    path = run.folder / "tables" / "features.parquet"
    here, there = (where.map_batches(where.parquet(path), said, schema) for where in (engine, spark))
    assert set(here["process"].to_pylist()) == {os.getpid()}
    assert os.getpid() not in there["process"].to_pylist()
    assert there.drop_columns("process").sort_by("customer_id") == here.drop_columns("process").sort_by("customer_id")
