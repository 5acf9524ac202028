"""What the past says of a learned cut: whether it earns its keep, and what a cut by value learns from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from patron import segments
from patron.decisions import MONEY_READ, hindsight_margins
from patron.flow.desk import Desk, Made
from patron.flow.stages import decisions, known
from patron.flow.stages.forecasts import HELD_OUT
from patron.flow.stages.known import Past
from patron.ground.seeds import derive
from patron.segments import HeldOutWorth, Scheme, SegmentSpec

FloatArray = NDArray[np.float64]
Prepared = Callable[[pa.Table], FloatArray]
Priced = Callable[[pa.Table, pa.Table], tuple[FloatArray, FloatArray]]

_AFTER = ("future_net_revenue", "future_order_count", "window_days")
_FORECAST = "held_out_forecast"


@dataclass(frozen=True, slots=True)
class Judging:
    """What a learned cut is judged with.

    Args:
        trained: by horizon, past customers with what came.
        forecast: the stage that says what the champion would have said of the held-out ones.
        own: the shop's own schemes.
        gap_days: as segments are fitted with.
    """

    trained: Mapping[int, Past]
    forecast: Made
    own: tuple[Scheme, ...]
    gap_days: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class PastOfCuts:
    """The customers of past days with what came.

    Args:
        latest: those of the newest day whose window is over; None where the history holds no whole window.
        labelled: those of all days of the longest horizon that can be held out; None where none can.
    """

    latest: pa.Table | None
    labelled: pa.Table | None


def read(desk: Desk, judging: Judging, columns: Sequence[str]) -> PastOfCuts:
    """Read the longest horizon whose past holds a window to learn from and a later one to judge by."""
    latest = None
    wanted = (*columns, *decisions.playbook(desk).columns_read, *MONEY_READ)
    for days in sorted(judging.trained, reverse=True):
        labelled = _labelled(judging, days, wanted)
        origins = segments.held_out_origins(labelled)
        if origins is not None:
            return PastOfCuts(segments.at_origin(labelled, origins[1]), labelled)
        if latest is None:
            latest = segments.at_origin(labelled, judging.trained[days].origins[-1])
    return PastOfCuts(latest, None)


def judge(
    desk: Desk,
    judging: Judging,
    past: PastOfCuts,
    spec: SegmentSpec,
    prepare: Callable[[pa.Table], Prepared],
    k: int | None = None,
) -> HeldOutWorth | None:
    """Judge the learned cut on held-out time; None where there is none.

    Args:
        desk: the run's.
        judging: the past.
        past: what was read of it.
        spec: how the cut is learned.
        prepare: learns a preparation from past customers.
        k: how many segments the cut has that is to be published.
    """
    if past.labelled is None:
        return None
    desk.watch.note("judging the learned segments on held-out time")
    seed = derive(desk.plan.seed, "segments", "worth")
    priced = _priced(desk, judging, spec, past.labelled)
    return segments.judge_on_held_out(past.labelled, spec, prepare, k=k, forecast=_FORECAST, priced=priced, seed=seed)


def _priced(desk: Desk, judging: Judging, spec: SegmentSpec, labelled: pa.Table) -> Priced | None:
    """Say what the playbook's actions would have brought; None for a shop without money."""
    if "future_net_revenue" not in labelled.column_names:
        return None

    def priced(then: pa.Table, later: pa.Table) -> tuple[FloatArray, FloatArray]:
        book, chosen = decisions.playbook(desk), desk.plan.decisions
        by_rule = segments.place_by_rules(then, [then, later], spec, gap_days=judging.gap_days, own_schemes=judging.own)
        spoken_of = set(by_rule[0]["scheme"].unique().to_pylist())
        scheme = next((key for key in sorted(spoken_of) if desk.plan.scheme in (key, key.rsplit("-", 1)[0])), "")
        first, second = (
            hindsight_margins(decisions.in_scheme(table, placed, scheme or min(spoken_of)), book, chosen)
            for table, placed in zip((then, later), by_rule, strict=True)
        )
        return first, second

    return priced


def _labelled(judging: Judging, days: int, columns: Sequence[str]) -> pa.Table:
    past, forecast = judging.trained[days], judging.forecast
    there = known.columns_of(past.made, "labelled")
    table = known.read(past.made, "labelled", [name for name in dict.fromkeys((*columns, *_AFTER)) if name in there])
    said = forecast.folder / f"{HELD_OUT}_{days}d.parquet"
    if not said.exists():
        return table.append_column(_FORECAST, pa.nulls(table.num_rows, pa.float64()))
    keys = ["customer_id", "as_of"]
    return table.join(pq.read_table(said), keys, join_type="left outer").sort_by(
        [(name, "ascending") for name in ("as_of", "window_days", "customer_id")]
    )
