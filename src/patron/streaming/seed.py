"""Seeding: a live shop begins with the facts that imports have made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa

from patron import features
from patron.contracts.facts import FACTS
from patron.engines.duck import sql
from patron.ground.errors import InputError
from patron.streaming.fields import key_digest
from patron.streaming.known_keys import Entries
from patron.streaming.shapes import SHAPES
from patron.streaming.state import FACT_TABLES, State, columns

_BATCH_ROWS = 2_000_000


def seed(state: State, facts: Mapping[str, Path], called: str = "") -> None:
    """Take facts over into a state that has none, whole or not at all; `settle` then makes tiles of them.

    Args:
        state: an empty one.
        facts: Parquet files by the name of their fact table, as its contract says; others are left out.
        called: what the facts are called, kept as `seeded_from`.

    Raises:
        InputError: facts have come into the state already.
    """
    if state.as_of is not None:
        raise InputError("The live shop has facts already.\nNext: remove its folder to begin anew.")
    engine = state.engine
    there = {name: engine.parquet(path) for name, path in facts.items() if name in FACT_TABLES}
    known = features.capabilities(there, engine)
    with state.change():
        for name, table in there.items():
            dated = " ORDER BY day" if "day" in FACTS[name].names else ""
            cells = columns(name)
            engine.execute(f"INSERT INTO facts_{name} ({cells}) SELECT {cells} FROM ({sql(table)}){dated}")
            if name in SHAPES:
                _know_keys(state, name)
        state.say("capabilities", sorted(known))
        state.say("signals", features.signal_names(there, engine))
        newest = [
            engine.column(f"SELECT max(day) FROM facts_{name}")[0] for name in there if "day" in FACTS[name].names
        ]
        state.say("newest_day", str(max(day for day in newest if day is not None)))
        state.say("seeded_from", called)
        state.say("rebuild", True)


def _know_keys(state: State, name: str) -> None:
    table = state.engine.ibis.table(f"facts_{name}")
    day = table.day if "day" in table.columns else ibis.null("date")
    keyed = table.select(_key=key_digest(table, name), day=day)
    for batch in state.engine.batches(keyed, _BATCH_ROWS):
        keys, first = np.unique(batch["_key"].to_numpy(zero_copy_only=False), return_index=True)
        days = batch["day"].cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
        state.keys.add(Entries(keys, days[first], np.zeros(len(keys), np.uint32)))
