"""In words: how earlier forecasts came true."""

from __future__ import annotations

import pyarrow as pa

from patron.reports.voice import Voice

ROOM, _MEASURE = "realised", "forecast_check"


def realised_words(quality: pa.Table, lang: str) -> tuple[str, ...]:
    """Return a sentence for each earlier forecast that has come due; where none has, when the first will."""
    voice = Voice.of(lang, "")
    rows = [row for row in quality.to_pylist() if (row["room"], row["measure"]) == (ROOM, _MEASURE)]
    return tuple(voice.why(row["verdict"], row["reason"]) for row in rows)
