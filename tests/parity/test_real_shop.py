"""Of a real shop, Online Retail, a run, Spark and the live fold know the same of every customer on several days."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import patron
from flow.shops import QUICK_FORECASTS, QUICK_SEGMENTS
from parity.agreement import differing
from parity.as_messages import disturbed, messages_of
from parity.spark_shops import by_pair
from patron import features, flow
from patron.contracts.facts import FACTS
from patron.features import Tiles
from patron.records import RecordSpec
from patron.streaming import SHAPES, Live, Messages, Reading, State, StreamSpec, features_of, seed, settle

FILE = Path(__file__).parents[2] / "data" / "online_retail" / "online_retail.parquet"
SEEDED, LATER = date(2011, 3, 1), date(2011, 8, 1)
ONE_IN = 64  # customers; a power of two
AT_ONCE = StreamSpec(batch_rows=150, reread_seconds=1e-9)
PLAN = flow.Plan(
    name="Online Retail",
    sources=(flow.Source(path=FILE.name, profile="online-retail"),),
    records=RecordSpec(currency="GBP", zone="Europe/London"),
    segments=QUICK_SEGMENTS.model_copy(update={"k_max": 2}),
    forecasts=QUICK_FORECASTS.model_copy(update={"horizons_days": (30,), "models": ("naive",)}),
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The shop of a sample of the customers, with everything that they did, run as of two days and at the end."""
    home = tmp_path_factory.mktemp("real")
    flow.write_plan(PLAN, home / flow.PLAN_FILE)
    lines = pq.read_table(FILE)
    number = pc.cast(lines["CustomerID"], pa.int64())
    pq.write_table(lines.filter(pc.equal(pc.bit_wise_and(number, ONE_IN - 1), 0)), home / FILE.name)
    return [patron.open(home).run(day) for day in (SEEDED, LATER, None)]


@pytest.fixture(scope="module")
def facts(runs):
    """The fact tables that the run's import made."""
    [folder] = (runs[0].folder.parents[1] / "facts").iterdir()
    return {path.stem: pq.read_table(path) for path in folder.glob("*.parquet") if path.stem in FACTS}


def known(run):
    return by_pair(run.table("features").to_arrow())


@pytest.mark.spark
def test_every_feature_of_a_real_shop_on_spark(spark, runs, facts):
    wanted = {pair: row for run in runs for pair, row in known(run).items()}
    there = {name: spark.table(table, f"real_{name}") for name, table in facts.items()}
    made = features.tile(there, features.capabilities(there, spark))
    kept = Tiles({name: spark.keep(table) for name, table in made.tables.items()}, made.capabilities)
    spine = pa.table({"customer_id": [who for who, _ in wanted], "as_of": [day for _, day in wanted]})
    assert not differing(by_pair(spark.arrow(features.build(kept, spark.table(spine)))), wanted)


def test_every_feature_of_a_real_shop_in_the_live_fold(runs, facts, tmp_path):
    """What came before the first day is imported; the rest comes late, repeated, in any order, and corrected."""
    key = (runs[0].folder.parents[1] / "pseudonym.key").read_bytes()
    told = messages_of(by_own_ids(facts))
    wanted = {pair: row for run in runs for pair, row in known(run).items()}
    with seeded(facts, tmp_path) as state:
        assert not differing(by_pair(features_of(state)), known(runs[0]))
        live, at_once = Live(state, Reading("Europe/London", "GBP", key), AT_ONCE), {}
        for before, run in pairwise(runs):
            since, until = (date.fromisoformat(one.manifest["as_of"]) for one in (before, run))
            news = disturbed([one for one in told if str(since) <= day_of(one) < str(until)], 7, until.year)
            progress = live.run([Messages(news, name=str(until))], lambda rows: at_once.update(by_pair(rows)))
            assert progress.kept_aside == 0 < progress.repeated
            settle(state, until)
            assert not differing(by_pair(features_of(state)), known(run))
    newest = {pair: row for pair, row in at_once.items() if pair in wanted}
    assert not differing(newest, {pair: wanted[pair] for pair in newest})


def by_own_ids(facts):
    """The same facts, of customers by the ids that the shop itself knows them by."""
    own = dict(zip(*(facts["contacts"][name].to_pylist() for name in ("customer_id", "external_id")), strict=True))
    named = {}
    for name in {*SHAPES, "order_lines"} & facts.keys():
        whose = pa.array([own[who] for who in facts[name]["customer_id"].to_pylist()])
        at = facts[name].schema.get_field_index("customer_id")
        ordered = facts[name].set_column(at, "customer_id", whose)
        named[name] = ordered.sort_by([(column, "ascending") for column in FACTS[name].key])
    return named


def day_of(message):
    return message.get(SHAPES[message["table"]].at, "")[:10]


def seeded(facts, folder):
    files = {}
    for name in {*SHAPES, "order_lines"} & facts.keys():
        table = facts[name]
        files[name] = folder / f"{name}.parquet"
        pq.write_table(
            table.filter(pc.less(table["day"], SEEDED)) if "day" in table.column_names else table, files[name]
        )
    state = State(folder / "live", threads=1)
    seed(state, files)
    settle(state, SEEDED)
    return state
