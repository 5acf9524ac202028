"""The script that `patron compile` writes gives a database the same tiles, features and segments as a run has."""

from __future__ import annotations

from datetime import date
from functools import cache

import pyarrow.parquet as pq
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

import patron
from flow.shops import QUICK_SEGMENTS, make
from parity.agreement import differing
from patron import flow
from patron.contracts.facts import FACTS
from patron.contracts.published import FORECASTS
from patron.engines.dialects import DIALECTS, create_table
from patron.flow.warehouse import Answers, known_tables
from patron.ground.errors import PlanError
from patron.segments import RuleSpec
from worlds import AS_OF, SHAPES, SIGNALS, crooked_shop, effort, random_shop, shape_capabilities, tiny_shop

SCHEMES = ("classic11", "cn8", "community10", "putler11", "shopify11", "klaviyo6", "pymc5")
LADDERS = ("lifecycle", "value_tiers", "value_percentiles")
WITH_ORDERS = [shape for shape in sorted(SHAPES) if "orders" in shape_capabilities(shape)]
DATES = (AS_OF, date(2024, 3, 11))


@cache
def script(shape, dialect, as_of):
    signals = SIGNALS if "signals" in shape_capabilities(shape) else ()
    tables = known_tables(Answers(shape_capabilities(shape), signals), as_of)
    return "\n".join(create_table(name, steps, dialect) for name, steps in tables.items())


def known_in(database, world, shape, as_of):
    database.hold_facts(world)
    database.run(script(shape, database.dialect, as_of))
    return {(row.pop("customer_id"), row.pop("as_of")): row for row in database.rows("features")}


@pytest.mark.parametrize("as_of", DATES, ids=str)
@pytest.mark.parametrize("make_shop", [tiny_shop, crooked_shop])
def test_every_feature_of_small_shops(database, workbench, as_of, make_shop):
    shop = make_shop()
    wanted = workbench.snapshot(shop, as_of, shape_capabilities("everything"))
    assert not differing(known_in(database, shop, "everything", as_of), wanted)


@effort(1)
@given(seed=st.integers(0, 2**32 - 1), shape=st.sampled_from(WITH_ORDERS))
def test_every_feature_of_random_shops(database, workbench, seed, shape):
    shop = random_shop(seed, shape)
    wanted = workbench.snapshot(shop, AS_OF, shape_capabilities(shape))
    assert not differing(known_in(database, shop, shape, AS_OF), wanted)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Everyone's own rhythm, capped one-order customers, and a learned cut by centres."""
    rules = RuleSpec(schemes=(*SCHEMES, *LADDERS), one_order_cap=True, personal_cadence=True)
    spec = QUICK_SEGMENTS.model_copy(update={"rules": rules})
    home = make(tmp_path_factory.mktemp("warehouse"), segments=spec)
    return patron.open(home).run()


@pytest.fixture(scope="module")
def loaded(database, run):
    """The database with the run's facts and forecasts, and the run's tiles and features made in it."""
    folder = run.folder.parents[1] / "facts"
    [facts] = [path for path in folder.iterdir() if path.is_dir()]
    database.hold_facts({name: pq.read_table(facts / f"{name}.parquet") for name in FACTS if _is_there(facts, name)})
    database.hold(FORECASTS, run.forecasts.to_arrow())
    database.run(flow.compile_run(run.folder, database.dialect, parts=("tiles", "features")))
    return database


def _is_there(facts, name):
    return (facts / f"{name}.parquet").exists()


def test_a_run_has_the_same_features(loaded, run):
    wanted = {row.pop("customer_id"): row for row in run.table("features").to_arrow().to_pylist()}
    got = {row.pop("customer_id"): row for row in loaded.rows("features")}
    assert not differing(got, wanted)


@pytest.mark.parametrize("scheme", [*SCHEMES, *LADDERS, "learned"])
def test_a_run_has_the_same_segments(loaded, run, scheme):
    loaded.run(flow.compile_run(run.folder, loaded.dialect, scheme=scheme, parts=("segments",)))
    asked = ("customer_id", "scheme", "segment_key", "segment_name", "r_score", "f_score", "m_score")
    rows = [row for row in run.segments.to_arrow().to_pylist() if row["scheme"].rsplit("-", 1)[0] == scheme]
    wanted = sorted(tuple(row[name] for name in asked) for row in rows)
    assert len({row[2] for row in wanted}) > 1
    assert sorted(tuple(row[name] for name in asked) for row in loaded.rows("segments")) == wanted


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_can_read_its_own_script(run, dialect):
    script = flow.compile_run(run.folder, dialect)
    assert len(sqlglot.parse(script, dialect=dialect)) == 6


def test_what_is_not_there_is_said_with_what_is(run):
    with pytest.raises(PlanError, match="duckdb"):
        flow.compile_run(run.folder, "oracle")
    with pytest.raises(PlanError, match="classic11-1"):
        flow.compile_run(run.folder, "duckdb", scheme="classic12")
    with pytest.raises(PlanError, match="features"):
        flow.compile_run(run.folder, "duckdb", parts=("feature",))
