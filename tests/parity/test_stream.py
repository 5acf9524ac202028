"""The live fold reads the same features as a run: late, repeated, shuffled and corrected messages included."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.agreement import differing
from parity.as_messages import KEY, disturbed, messages_of
from patron.contracts.facts import FACTS
from patron.streaming import SHAPES, Live, Messages, Reading, State, StreamSpec, features_of, seed, settle
from worlds import AS_OF, SIGNALS, effort, random_shop, shape_capabilities, tiny_shop

KNOWN = shape_capabilities("everything")
SHOP = Reading("UTC", "GBP", KEY)
AT_ONCE = StreamSpec(batch_rows=40, reread_seconds=1e-9)
FEW_CHUNKS = AT_ONCE.model_copy(update={"batch_rows": 80})  # three or four of a random shop


def by_pair(table):
    return {(row.pop("customer_id"), row.pop("as_of")): row for row in table.to_pylist()}


@pytest.fixture(scope="module")
def past():
    """Facts that were imported before the first message."""
    return {name: table for name, table in random_shop(11, "everything").items() if name in (*SHAPES, "order_lines")}


@pytest.fixture
def state(past, tmp_path):
    return seeded(past, tmp_path)


def seeded(past, folder):
    files = {}
    for name, table in past.items():
        files[name] = folder / f"{name}.parquet"
        pq.write_table(table, files[name])
    state = State(folder / "live", threads=1)
    seed(state, files)
    state.say("capabilities", sorted(KNOWN))  # one compiled definition serves every example
    state.say("signals", SIGNALS)
    settle(state)
    return state


def facts_of(state):
    return {name: FACTS[name].check(state.engine.answer(f"FROM facts_{name}")) for name in (*SHAPES, "order_lines")}


def folded(state, messages, workbench, spec=AT_ONCE):
    """Fold the messages, and hold every reading against the same features of the facts as they then were."""
    n_read = 0

    def compare(rows):
        nonlocal n_read
        pairs = list(zip(rows["customer_id"].to_pylist(), rows["as_of"].to_pylist(), strict=True))
        assert not differing(by_pair(rows), workbench.features(facts_of(state), pairs, KNOWN))
        n_read += len(pairs)

    progress = Live(state, SHOP, spec).run([Messages(messages)], compare)
    assert progress.messages == len(messages)
    assert n_read
    wanted = workbench.snapshot(facts_of(state), state.as_of, KNOWN)
    assert not differing(by_pair(features_of(state)), wanted)
    return progress


def test_every_feature_of_the_tiny_shop(state, workbench):
    progress = folded(state, disturbed(messages_of(tiny_shop()), seed=3), workbench)
    assert progress.kept_aside == 0
    assert progress.repeated


@effort(6)
@given(number=st.integers(0, 2**32 - 1))
def test_every_feature_of_random_shops(past, tmp_path_factory, workbench, number):
    with seeded(past, tmp_path_factory.mktemp("live")) as state:
        folded(state, disturbed(messages_of(random_shop(number, "everything")), number), workbench, FEW_CHUNKS)


def test_the_order_of_messages_changes_nothing(past, tmp_path_factory):
    """Only which of a key's versions comes last matters."""
    messages = messages_of(random_shop(5, "everything"))
    tables = []
    for told in (messages, messages[::-1], disturbed(messages, seed=1)):
        with seeded(past, tmp_path_factory.mktemp("live")) as state:
            Live(state, SHOP, FEW_CHUNKS).run([Messages(told)])
            tables.append({name: sorted_rows(table) for name, table in facts_of(state).items()})
    assert tables[0] == tables[1] == tables[2]


def sorted_rows(table):
    return sorted(table.to_pylist(), key=repr)


def test_time_that_passes_without_a_message_is_read_too(state, workbench):
    """Who leaves a window is read again; the days since something need no reading."""
    for day in (AS_OF.replace(month=10), AS_OF.replace(month=12), AS_OF.replace(year=2026)):
        settle(state, day)
        wanted = workbench.snapshot(facts_of(state), day, KNOWN)
        assert not differing(by_pair(features_of(state)), wanted)


def test_a_new_kind_of_fact_grows_the_definition(tmp_path, workbench):
    """From nothing: what comes first decides nothing."""
    orders = [message for message in messages_of(tiny_shop()) if message["table"] == "orders"]
    with State(tmp_path, threads=1) as state:
        live = Live(state, SHOP, AT_ONCE)
        live.run([Messages([order | {"lines": None} for order in orders], name="a")])
        assert "order_lines" not in state.capabilities
        live.run([Messages(orders, name="b")], list)
        assert "order_lines.unit_price" in state.capabilities
        known = state.capabilities
        wanted = workbench.snapshot(facts_of(state), state.as_of, known)
        assert not differing(by_pair(features_of(state)), wanted)


def test_readings_name_their_day(state):
    live = Live(state, SHOP, AT_ONCE)
    days = []
    message = {"customer_id": "x", "occurred_at": "2025-03-01T10:00:00Z", "type": "view"}
    live.run([Messages([message])], lambda rows: days.extend(rows["as_of"].to_pylist()))
    assert [str(day) for day in days] == ["2025-03-02"]
    assert isinstance(live.read(), pa.Table)


def test_whoever_is_let_go_of_is_read_all_the_same(state, workbench):
    """Few may be held: everything is settled after every reading, and whoever comes again is brought in from disk."""
    live = Live(state, SHOP, AT_ONCE.model_copy(update={"most_active_customers": 1}))
    settled = []

    def compare(rows):
        pairs = list(zip(rows["customer_id"].to_pylist(), rows["as_of"].to_pylist(), strict=True))
        assert not differing(by_pair(rows), workbench.features(facts_of(state), pairs, KNOWN))

    live.run([Messages(messages_of(tiny_shop()))], compare, on_settled=lambda: settled.append(1))
    assert len(settled) >= 2
