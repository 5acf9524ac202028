"""What the segments of the report are like: customers who stand for them, what they buy, how they answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import features, segments
from patron.contracts.cards import SchemeCard
from patron.contracts.segment_tables import SEGMENT_CATEGORIES, SEGMENT_RESPONSES
from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages import cards
from patron.flow.stages.facts import Facts

_PLACES = ["customer_id", "scheme", "segment_key"]


def make(desk: Desk, imported: Facts, tiled: tuple[Made, Tiles], segmented: Made, as_of: date) -> Made:
    """Tell categories and answers of the Plan's own scheme and of the learned segments; schemes beside them are not."""
    told = _told(desk, segmented)

    def fill(folder: Path) -> int:
        placed = _placed(desk, segmented, told)
        categories, responses = _categories(desk, tiled[1], placed, told, as_of), SEGMENT_RESPONSES.empty()
        facts = imported.tables(desk.engine)
        if "touches" in facts:
            counted = desk.engine.rows(segments.answered_by(placed, facts["touches"], facts["orders"], as_of))
            rows = segments.response_rows(counted, told, as_of)
            responses = SEGMENT_RESPONSES.check(pa.Table.from_pylist(rows, schema=SEGMENT_RESPONSES.schema))
        desk.engine.drop(placed)
        pq.write_table(categories, folder / "segment_categories.parquet")
        pq.write_table(responses, folder / "segment_responses.parquet")
        return int(categories.num_rows + responses.num_rows)

    inputs = (imported.made.key, tiled[0].key, segmented.key, [card.key for card in told], str(as_of))
    return desk.stage("stages/segment_stories", ("segments", "features"), inputs, fill)


def _told(desk: Desk, segmented: Made) -> tuple[SchemeCard, ...]:
    first = cards.first_scheme(desk.plan, segmented)
    every = cards.schemes(desk.plan, segmented)
    return tuple(card for card in every if card.key in (first, segments.LEARNED))


def _placed(desk: Desk, segmented: Made, told: tuple[SchemeCard, ...]) -> ir.Table:
    keys = pa.array([card.key for card in told])
    table = pq.read_table(segmented.folder / "segments.parquet", columns=_PLACES, filters=pc.field("scheme").isin(keys))
    return desk.engine.keep(desk.engine.table(table))


def _categories(desk: Desk, tiles: Tiles, placed: ir.Table, told: tuple[SchemeCard, ...], as_of: date) -> pa.Table:
    if not features.has_categories(tiles):
        return SEGMENT_CATEGORIES.empty()
    counted = desk.engine.rows(segments.bought_by(placed, features.category_days(tiles), as_of))
    rows = segments.category_rows(counted, told, as_of)
    return SEGMENT_CATEGORIES.check(pa.Table.from_pylist(rows, schema=SEGMENT_CATEGORIES.schema))
