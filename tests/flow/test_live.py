"""A shop that is followed message by message knows the same of its customers as one that imports everything."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import patron
from flow import shops
from parity.agreement import differing
from patron import flow, settings
from patron.contracts.protocols import Silent
from patron.engines.shelf import Shelf
from patron.features import FeatureSpec
from patron.ground.dates import stopwatch
from patron.ground.errors import InputError, ShelfBusy
from patron.streaming import Messages, StreamSpec, features_of

LIGHT = {"features": FeatureSpec(most_origins=2), "segments": shops.QUICK_SEGMENTS.model_copy(update={"k_max": 3})}
OFTEN = StreamSpec(batch_rows=50, reread_seconds=1e-9, score_seconds=1e-9)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The shop that imports everything, run once."""
    home = shops.make(tmp_path_factory.mktemp("whole") / "shop", **LIGHT)
    return patron.open(home).run()


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    return shops.early(tmp_path_factory.mktemp("early") / "shop", **LIGHT)


@pytest.fixture
def early(ran, tmp_path):
    """The shop as it was on a day, run then, and what came after as messages."""
    home, later = ran
    return patron.open(shutil.copytree(home, tmp_path / "shop")), later


def prepared(shop):
    profiles = flow.profiles_folder(shop.home)
    chosen = settings.read()
    key = settings.pseudonym_key(chosen, shop.home / "shelf")
    return flow.read_plan(shop.home / flow.PLAN_FILE, profiles), flow.Place(home=shop.home, pseudonym_key=key)


def by_customer(table):
    return {row.pop("customer_id"): row for row in table.to_pylist()}


def test_streamed_is_as_imported(early, whole):
    shop, later = early
    changes = []
    done = shop.stream([Messages(later)], on_change=changes.append, spec=OFTEN)
    assert done.progress.taken == len(later) == done.progress.messages
    with flow.live_state(*prepared(shop), Silent()) as state:
        live = by_customer(features_of(state))
        assert not state.is_unsettled
        assert not state.engine.column("SELECT count(*) FROM waiting")[0]
        stands = state.engine.answer("FROM segments_now")
    wanted = by_customer(pq.read_table(whole.folder / "tables" / "features.parquet"))
    assert not differing(live, wanted)
    assert stands.num_rows == len(live) * len(pc.unique(stands["scheme"]))
    assert done.changes == len(changes)
    assert {change["type"] for change in changes} == {"segment changed"}
    assert [change["number"] for change in changes] == list(range(1, len(changes) + 1))


def test_imports_that_the_live_shop_does_not_know_are_told_of(early):
    class Told(Silent):
        said = ""

        def tell(self, text):
            self.said += text

    shop, later = early
    watch = Told()
    shop.stream([Messages(later[:1])], watch=watch)
    assert not watch.said
    with flow.live_state(*prepared(shop), watch) as state:
        state.say("seeded_from", "what was imported then")
    shop.stream([Messages(later[:1])], watch=watch)
    assert "not those that the live shop began with" in watch.said
    assert "shelf/live" in watch.said


def test_the_same_source_again_changes_nothing(early):
    shop, later = early
    shop.stream([Messages(later)], spec=OFTEN)
    again = shop.stream([Messages(later)], spec=OFTEN)
    assert (again.progress.messages, again.changes) == (0, 0)
    told_twice = shop.stream([Messages(later, name="another broker")], spec=OFTEN)
    assert (told_twice.progress.repeated, told_twice.changes) == (len(later), 0)


def test_one_customer_is_known_by_features_segments_and_forecasts(early):
    shop, later = early
    [message] = later[:1]
    shop.stream([Messages([message])])
    with flow.live_state(*prepared(shop), Silent()) as state:
        [customer] = state.engine.column(
            f"SELECT customer_id FROM facts_orders WHERE order_id = '{message['order_id']}' AND source = 'stream'"
        )
    known = shop.live(customer)
    assert known["features"]["customer_id"] == customer
    assert {row["scheme"] for row in known["segments"]} >= {"classic11-1", "learned"}
    assert {row["horizon_days"] for row in known["forecasts"]} == {90}
    with pytest.raises(InputError, match="has not bought anything"):
        shop.live("nobody")


def test_a_shop_without_a_run_begins_from_nothing(tmp_path):
    shop = patron.open(shops.make(tmp_path / "shop"))
    done = shop.stream([Messages(shops.as_messages(shops.orders(20, 100)))])
    assert done.changes == done.scored == 0
    with flow.live_state(*prepared(shop), Silent()) as state:
        assert features_of(state).num_rows


def test_two_processes_do_not_stream_at_once(early, monkeypatch):
    shop, _ = early
    with flow.live_state(*prepared(shop), Silent()):
        pass
    held = Shelf(shop.home / "shelf").root / "live" / "state.duckdb"

    code = f"import duckdb, sys; c = duckdb.connect({str(held)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(ShelfBusy, match="open in another process"):
            shop.live("anybody")
        other.stdin.close()


class Quiet(Messages):
    """A source that falls silent, as brokers do, until somebody stops the process."""

    def read(self, position, most_rows):
        chunk = super().read(position, most_rows)
        if chunk is None and stopwatch() - self.begun > 9:
            raise KeyboardInterrupt
        self.begun = stopwatch() if chunk is not None else self.begun
        return chunk


def test_who_came_last_is_scored_when_it_falls_silent(early):
    shop, later = early
    changes = []
    spec = StreamSpec(reread_seconds=1e-9, score_seconds=6)
    with pytest.raises(KeyboardInterrupt):
        shop.stream([Quiet(later)], on_change=changes.append, spec=spec, follow=True)
    assert changes
