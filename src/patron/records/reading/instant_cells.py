"""Times as systems write them, as instants in UTC; a column has one order of day and month, found from its cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from patron.engines.duck_functions import INSTANT, instant_from_microseconds, local_to_instant, try_strptime
from patron.ground.errors import UnreadableFile
from patron.records.spec import Layout

TIMESTAMP = "timestamp(6)"
_UNITS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
_UNAMBIGUOUS = (
    *(day + clock for day in ("%Y/%m/%d", "%Y.%m.%d", "%Y-%m-%d") for clock in _CLOCKS),
    *("%Y%m%d", "%Y%m%d%H%M%S", "%Y-%m-%d %H", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H时%M分%S秒"),
    *(day + clock for day in ("%d.%m.%Y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y") for clock in _CLOCKS),
)
_MONTH_FIRST = tuple(day + clock for day in ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y") for clock in _CLOCKS)
_OFFSET = r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$"


@dataclass(frozen=True, slots=True)
class TimeStyle:
    """How one column writes its times: formats in the order in which they are tried."""

    formats: tuple[str, ...]
    zone: str
    epoch: str = ""


def is_native(cell: ir.Value) -> bool:
    """Return whether the source already stores times."""
    return bool(cell.type().is_timestamp() or cell.type().is_date())


def twins(layout: Layout) -> tuple[str, ...]:
    """Return the formats in which day and month could be swapped: the layout's own, else all usual ones."""
    own = tuple(name for name in layout.time_formats if swapped(name) != name)
    return own or tuple(name for month_first in _MONTH_FIRST for name in (month_first, swapped(month_first)))


def swapped(text_format: str) -> str:
    """Return the format with day and month exchanged; itself where they cannot be mixed up.

    >>> swapped("%m/%d/%Y %H:%M"), swapped("%Y-%m-%d")
    ('%d/%m/%Y %H:%M', '%Y-%m-%d')
    """
    if not text_format.startswith(("%d/%m", "%m/%d", "%d-%m", "%m-%d")):
        return text_format
    return text_format[3:5].join(("", text_format[2:3])) + text_format[:2] + text_format[5:]


def is_unclear(cell: ir.StringValue) -> ir.BooleanValue:
    """Return whether day and month of this cell could be either way round."""
    return cell.re_search(r"^\d{1,2}[/-]\d{1,2}[/-]\d")


def order_evidence(cell: ir.StringValue, layout: Layout) -> dict[str, ir.Value]:
    """Return what to count over a column to find in which order it writes day and month."""
    unclear = ibis.ifelse(is_unclear(cell), cell, ibis.null("string"))
    return {name: try_strptime(unclear, ibis.literal([name])).count() for name in twins(layout)}


def style(found: Mapping[str, object], first: Iterable[str], layout: Layout, zone: str, where: str) -> TimeStyle:
    """Return the formats in the order in which they are tried.

    Args:
        found: how many cells each format of `order_evidence` reads.
        first: some cells; what reads them is tried first, since a format that fails costs as much as one that reads.
        layout: the layout, whose own formats come before the usual ones.
        zone: IANA time zone of times without one.
        where: the column, for the error.

    Raises:
        UnreadableFile: day and month could be either way round in every cell, and the layout does not say.
    """
    names = twins(layout)
    counts = {name: int(str(found.get(name, 0))) for name in names}
    ranked = sorted(names, key=lambda name: (-counts[name], names.index(name)))
    read = [name for name in ranked if counts[name]]
    if read and not layout.time_formats and counts.get(swapped(read[0])) == counts[read[0]]:
        raise UnreadableFile(
            f"{where}: its dates fit both {read[0]!r} and {swapped(read[0])!r}.\n"
            "Next: say which, as `time_formats` in a profile of your own (`patron init SHOP` writes one)."
        )
    # Once one order of day and month has won, the other would read the leftovers as wrong days, silently.
    won = [name for name in read if name.startswith("%m") == read[0].startswith("%m")]
    own = [name for name in layout.time_formats if swapped(name) == name]
    cells = list(first)
    usual = sorted(_UNAMBIGUOUS, key=lambda name: -sum(_reads(name, cell) for cell in cells))
    return TimeStyle(tuple(dict.fromkeys((*won, *own, *usual))), zone, layout.epoch)


def _reads(text_format: str, cell: str) -> bool:
    try:
        datetime.strptime(cell, text_format)
    except ValueError:
        return False
    return True


def read(cell: ir.Value, style: TimeStyle) -> ir.Value:
    """Return the instant in each cell; NULL where there is none."""
    if is_native(cell):
        return _native(cell, style.zone)
    if style.epoch:
        return _since_1970(cell, _UNITS[style.epoch])
    text = cell.cast("string")
    return ibis.coalesce(_iso(text, style.zone), _by_formats(text, style), _by_size(text))


def _native(cell: ir.Value, zone: str) -> ir.Value:
    if cell.type().is_timestamp() and cell.type().timezone:
        return cell.cast(INSTANT)
    return local_to_instant(zone, cell.cast(TIMESTAMP))


def _since_1970(cell: ir.Value, scale: int) -> ir.Value:
    if cell.type().is_integer():
        # Bounds are those of the years 1 to 9999: outside them DuckDB has no calendar to show.
        whole = cell.cast("int64")
        sound = whole.between(-62_135_596_800_000_000 // scale, 253_402_300_799_999_999 // scale)
        return instant_from_microseconds(ibis.ifelse(sound, whole, ibis.null("int64")) * scale)
    number = cell.cast("string").try_cast("decimal(38, 6)") * scale
    sound = number.between(-62_135_596_800_000_000, 253_402_300_799_999_999)
    return instant_from_microseconds(ibis.ifelse(sound, number, ibis.null("decimal(38, 6)")).cast("int64"))


def _iso(text: ir.StringValue, zone: str) -> ir.Value:
    starts = text.re_search(r"^\d{4}-")
    local = ibis.ifelse(starts, text, ibis.null("string")).try_cast(TIMESTAMP)
    # An offset makes the cast to a local time either fail or forget it, so offsets are looked for first.
    has_offset = ibis.ifelse(starts & (text.length() > 16), text.re_search(_OFFSET), False)
    tidy = text.re_replace(r"\s*(Z|UTC|GMT)$", "+00:00").re_replace(r"\s*([+-]\d{2}):?(\d{2})$", r"\1:\2")
    exact = ibis.ifelse(has_offset, tidy, ibis.null("string")).try_cast(INSTANT)
    return ibis.ifelse(has_offset, exact, local_to_instant(zone, local))


def _by_formats(text: ir.StringValue, style: TimeStyle) -> ir.Value:
    # DuckDB takes words such as 'epoch' and 'infinity' for times, whatever the format asks for.
    text = ibis.ifelse(text.re_search(r"\d"), text, ibis.null("string"))
    zoned = [name for name in style.formats if "%z" in name]
    local = [name for name in style.formats if "%z" not in name]
    candidates: Sequence[ir.Value] = [try_strptime(text, ibis.literal([name])).cast(INSTANT) for name in zoned]
    return ibis.coalesce(*candidates, local_to_instant(style.zone, try_strptime(text, ibis.literal(local))))


def _by_size(text: ir.StringValue) -> ir.Value:
    """Read a bare number of 10, 13 or 16 digits as seconds, milliseconds or microseconds since 1970."""
    digits = text.try_cast("int64")
    units = {10: 1_000_000, 13: 1_000, 16: 1}
    scale = ibis.cases(*((text.length() == size, scale) for size, scale in units.items()))
    return instant_from_microseconds((digits * scale).cast("int64"))
