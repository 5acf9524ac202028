"""Dates: local days, sources that know no time of day, and days that cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from patron.engines.duck import DuckEngine
from patron.engines.duck_functions import clock_to_instant, instant_to_local
from patron.ground.dates import parse_day
from patron.ground.dates import zone as checked_zone
from patron.records.cleaning.verdicts import Rule
from patron.records.spec import RecordSpec

_QUARTER_HOUR = 900  # every zone's offset since 1972 is a multiple of 15 minutes


@dataclass(frozen=True, slots=True)
class Calendar:
    """The shop's zone, and the days between which a date can be true: [earliest, latest)."""

    zone: str
    earliest: date
    latest: date

    @classmethod
    def of(cls, spec: RecordSpec, imported_on: date) -> Calendar:
        """Read the spec; without `latest`, the day after the import is the future."""
        checked_zone(spec.zone)
        latest = parse_day(spec.latest) if spec.latest else imported_on + timedelta(days=1)
        return cls(spec.zone, parse_day(spec.earliest), latest)

    def day(self, at: ir.Value) -> ir.Value:
        """Return the local day of an instant."""
        return instant_to_local(self.zone, at).date()

    def hour(self, at: ir.Value, is_date_only: ir.Value) -> ir.Value:
        """Return the local hour of an instant, empty where the source knows only days."""
        return ibis.ifelse(is_date_only, ibis.null("int64"), instant_to_local(self.zone, at).hour().cast("int64"))

    def rules(self, at: ir.Value) -> Sequence[Rule]:
        """Return the rules a row's instant must pass."""
        first, last = (
            clock_to_instant(self.zone, ibis.literal(day).cast("timestamp")) for day in (self.earliest, self.latest)
        )
        return (
            Rule(at.isnull(), "missing date"),
            Rule(at < first, "impossible date"),
            Rule(at >= last, "date in the future"),
        )


def is_date_only(table: ir.Table, column: str, zone: str, engine: DuckEngine) -> bool:
    """Say whether every time of the column is a local midnight: then the source knows days, not hours."""
    at = table[column].cast("timestamp('UTC', 6)")
    if engine.rows(table.agg(off=(at.epoch_seconds() % _QUARTER_HOUR != 0).any()))[0]["off"]:
        return False
    local = instant_to_local(zone, at)
    seconds = local.hour() * 3600 + local.minute() * 60 + local.second()
    return not engine.rows(table.agg(off=(seconds != 0).any()))[0]["off"]


def moved(at: ir.Value, from_zone: str, to_zone: str) -> ir.Value:
    """Return the instants at which clocks in `to_zone` show what clocks in `from_zone` showed."""
    return clock_to_instant(to_zone, instant_to_local(from_zone, at))
