"""Where every customer stands: segments and forecasts by the models of the current run, and every change of segment.

A change is written with what made it, and has a number; whoever passes changes on keeps the number up to which they are
passed, so that after a crash none is missing (some may come again).
"""

from __future__ import annotations

import pyarrow as pa

from patron.contracts.published import FORECASTS
from patron.streaming.state import State

_KEY = "(customer_id, scheme)"
_SEGMENTS = "customer_id, scheme, segment_key, segment_name, as_of"
_FORECASTS = ", ".join(f'"{name}"' for name in FORECASTS.names)


def begin_standing(state: State, run_id: str, segments: pa.Table, forecasts: pa.Table, *, is_up_to_date: bool) -> None:
    """Let everyone stand where a run has put them, if its models are not those that placed them so far.

    Unless the run knew the same facts as of the same day (`is_up_to_date`), everyone is to be scored: they wait.
    """
    if state.said("run") == run_id:
        return
    engine = state.engine
    engine.table(segments, "placed")
    engine.table(forecasts, "said")
    with state.change():
        engine.execute("DELETE FROM segments_now")
        engine.execute("DELETE FROM forecasts_now")
        engine.execute(f"INSERT INTO segments_now SELECT {_SEGMENTS} FROM placed")
        engine.execute(f"INSERT INTO forecasts_now ({_FORECASTS}) SELECT {_FORECASTS} FROM said")
        engine.execute("DELETE FROM waiting")
        if not is_up_to_date and state.settled_as_of is not None:
            engine.execute("INSERT INTO waiting SELECT customer_id FROM reduced")
        state.say("run", run_id)


def stand(state: State, segments: pa.Table, forecasts: pa.Table) -> int:
    """Put customers where they stand now, note who changed a segment, and let them wait no longer.

    Returns:
        How many changes there were.
    """
    engine = state.engine
    engine.table(segments, "placed")
    engine.table(forecasts, "said")
    with state.change():
        before = engine.column("SELECT count(*) FROM changes")[0]
        engine.execute(
            "INSERT INTO changes SELECT row_number() OVER () + (SELECT coalesce(max(number), 0) FROM changes), "
            "p.customer_id, p.scheme, n.segment_key, n.segment_name, p.segment_key, p.segment_name, p.as_of "
            f"FROM placed p LEFT JOIN segments_now n USING {_KEY} WHERE n.segment_key IS DISTINCT FROM p.segment_key"
        )
        engine.execute(f"DELETE FROM segments_now WHERE {_KEY} IN (SELECT {_KEY} FROM placed)")
        engine.execute(f"INSERT INTO segments_now SELECT {_SEGMENTS} FROM placed")
        engine.execute("DELETE FROM forecasts_now WHERE customer_id IN (SELECT customer_id FROM said)")
        engine.execute(f"INSERT INTO forecasts_now ({_FORECASTS}) SELECT {_FORECASTS} FROM said")
        engine.execute("DELETE FROM waiting WHERE customer_id IN (SELECT customer_id FROM placed)")
        changed = engine.column("SELECT count(*) FROM changes")[0] - before
    return int(changed)


def next_waiting(state: State, most: int) -> int:
    """Choose some of those who wait to be scored, as the table `next_in_turn`, and return how many."""
    chosen = f"SELECT DISTINCT customer_id FROM waiting LIMIT {int(most)}"
    state.engine.execute(f"CREATE OR REPLACE TEMP TABLE next_in_turn AS {chosen}")
    return int(state.engine.column("SELECT count(*) FROM next_in_turn")[0])


def wait_no_longer(state: State) -> None:
    """Let those who were chosen wait no longer: who is not a buyer any more was not scored."""
    state.engine.execute("DELETE FROM waiting WHERE customer_id IN (SELECT customer_id FROM next_in_turn)")


def changes_since(state: State, number: int) -> pa.Table:
    """Return the changes of segment after a number, oldest first."""
    return state.engine.answer(f"FROM changes WHERE number > {int(number)} ORDER BY number")
