"""Who moved: up and down by the order of the segments, and neither where one of the cuts was of everyone."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.segments import Side, migrate, move_of

WORTH = pa.table({"customer_id": ["a", "b", "c"], "net_revenue_sum_365d": [1.0, 2.0, 3.0]})
SEVERAL = {"a": "group_2", "b": "group_3", "c": "group_3"}


def side(day, places, keys):
    cards = tuple(SegmentCard(key, key, key, "", "", "", i) for i, key in enumerate(keys))
    table = pa.table(
        {
            "customer_id": list(places),
            "segment_key": list(places.values()),
            "segment_name": list(places.values()),
            "scheme": ["learned"] * len(places),
        }
    )
    return Side(f"{day:%Y%m%d}-a1b2c3d4", day, table, (SchemeCard("learned", "", "", "", "", cards),))


EVERYONE = side(date(2025, 6, 1), {"a": "group_1", "b": "group_1"}, ["group_1"])
GROUPS = side(date(2025, 9, 1), SEVERAL, ["group_2", "group_3"])


@pytest.mark.parametrize("sides", [(EVERYONE, GROUPS), (GROUPS, EVERYONE)])
def test_from_everyone_into_several_or_back_is_neither_up_nor_down(sides):
    moves = migrate(*sides, WORTH)["move"].to_pylist()
    assert set(moves) - {"joined", "left"} == {"regrouped"}


def test_between_segments_that_stand_in_an_order_it_is_up_or_down():
    swapped = side(date(2025, 12, 1), {"a": "group_3", "b": "group_2", "c": "group_3"}, ["group_2", "group_3"])
    said = {
        (row["from_segment"], row["to_segment"]): row["move"] for row in migrate(GROUPS, swapped, WORTH).to_pylist()
    }
    assert said == {
        ("group_2", "group_3"): "down",
        ("group_3", "group_2"): "up",
        ("group_3", "group_3"): "stayed",
    }


def test_a_cut_of_everyone_in_both_runs_leaves_everyone_where_they_were():
    assert move_of("group_1", "group_1", EVERYONE.standing("learned")) == "stayed"
