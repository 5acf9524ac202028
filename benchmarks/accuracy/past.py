"""What a run's backtest is given: the windows of the past, and what the year before leads to expect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from patron.features import Tiles
from patron.flow.desk import Desk, Made
from patron.flow.stages import known, seasons
from patron.flow.stages.history import History
from patron.forecasts import LastYear
from patron.ground.dates import origins


@dataclass(frozen=True, slots=True)
class Past:
    """Rows of windows that are over by today, and what is expected at their origins and today."""

    labelled: pa.Table
    seasons: Mapping[date, LastYear]


def past(desk: Desk, tiled: tuple[Made, Tiles], history: History, horizon_days: int, most_origins: int) -> Past:
    """Return the past of one horizon as the stages of a run make it."""
    starts = origins(history.as_of, history.first_day, horizon_days, most_origins)
    asked = known.windows(starts, history.as_of, history.first_day, horizon_days)
    trained = known.training(desk, tiled, asked, horizon_days)
    taken = seasons.ledger(desk.engine, tiled[1], history.first_day, history.as_of)
    expected = seasons.expected(desk.engine, tiled[1], taken, (*starts, history.as_of), horizon_days)
    return Past(known.read(trained, "labelled"), expected)
