"""The sentence on a handful of orders that outweigh the shop: what to check before any amount is believed."""

from __future__ import annotations

from patron.reports.numbers import percent
from patron.reports.reading import Reading


def heavy(reading: Reading) -> str:
    """Say which rows to check where a handful of orders far from the usual hold much of the revenue; else nothing."""
    found, voice = reading.story.heavy, reading.voice
    if found is None:
        return ""
    facts = {"orders": voice.counted("order", found.orders), "share": percent(found.share)}
    if not found.rows:
        return voice.say("headline.heavy", **facts)
    files = sorted({file for file, _ in found.rows})
    rows = [[str(row) for name, row in found.rows if name == file] for file in files]
    places = [
        voice.say(f"headline.rows_{'one' if len(mine) == 1 else 'other'}", rows=voice.listed(mine), file=file)
        for mine, file in zip(rows, files, strict=True)
    ]
    return voice.say("headline.heavy_rows", places=voice.listed(places), **facts)
