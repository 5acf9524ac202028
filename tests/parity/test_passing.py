"""Day after day: what arrives is added to a row and what leaves a window is taken away, to the last bit of a run's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from parity.agreement import differing
from parity.as_messages import KEY, messages_of
from parity.test_stream import by_pair, facts_of
from patron.streaming import SHAPES, Live, Messages, Reading, State, StreamSpec, features_of, settle
from worlds import AS_OF, SIGNALS, random_shop, shape_capabilities

SHOP = Reading("UTC", "GBP", KEY)
FIRST = AS_OF - timedelta(days=420)


def by_day(world):
    """Return the shop's messages by the day on which they come."""
    days = {}
    for message in messages_of(world):
        at = message.get(SHAPES[message["table"]].at) or str(FIRST)
        days.setdefault(datetime.fromisoformat(at).date(), []).append(message)
    return dict(sorted(days.items()))


def lived(state, days, workbench, known):
    """Let every day come by itself, then time alone; hold every snapshot against one of the facts, and return a count.

    Of rows that had something added or taken away, and of rows that were read again.
    """
    n_moved = n_read_again = 0
    live = Live(state, SHOP, StreamSpec())

    def settled(day=None):
        nonlocal n_moved, n_read_again
        done = settle(state, day)
        n_moved += done.moved
        n_read_again += 0 if done.rebuilt else done.read_again
        facts, day = facts_of(state), state.settled_as_of
        paid = [order for order in facts["orders"].to_pylist() if order["status"] == "paid" and order["day"] < day]
        pairs = [(customer, day) for customer in sorted({order["customer_id"] for order in paid})]
        assert not differing(by_pair(features_of(state)), workbench.features(facts, pairs, known))

    for day, messages in days.items():
        assert live.fold(Messages(messages, name=str(day)))
        if state.as_of:  # whoever only has an account has not come on any day
            settled()
    for days_later in (1, 2, 6, 30, 100, 400):
        settled(state.as_of + timedelta(days=days_later))
    return n_moved, n_read_again


@pytest.mark.parametrize("shape", ["everything", "no_money"])
def test_every_snapshot_of_a_shop_that_lives_day_by_day(tmp_path, workbench, shape):
    known = shape_capabilities(shape)
    with State(tmp_path, threads=1) as state:
        state.say("capabilities", sorted(known))
        state.say("signals", SIGNALS if "signals" in known else [])
        n_moved, n_read_again = lived(state, by_day(random_shop(4, shape)), workbench, known)
    assert n_moved > n_read_again
