"""A day passes: what a reduced row becomes by what arrives and what leaves its windows, without its other tiles.

A sum of exact numbers over the days ``[as_of - days, as_of)`` gains what arrives and loses what leaves; an extreme over
a lifetime only gains:

    f(as_of) = f(since) + sum of the tiles that arrived - sum of the tiles that left
    f(as_of) = extreme(f(since), the tiles that arrived)

Whoever's row cannot be had that way is read again. Cost: linear in the tiles that arrived or left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from patron.contracts.features import Affinity, Windowed
from patron.features import reduction, tiles
from patron.features.recipe import Tiles, by_dimension

_EXACT = ("int", "money", "exact")


@dataclass(frozen=True, slots=True)
class Passing:
    """What time does to reduced rows.

    Attributes:
        known: what features there are; its order lines are those that affinities are counted over.
    """

    known: Tiles

    def gains(self, source: str) -> tuple[Windowed, ...]:
        """Return the features that gain from a tile of a source that arrives."""
        return tuple(f for f in self.known.features if isinstance(f, Windowed) and f.tile.source == source)

    def loses(self, source: str) -> tuple[Windowed, ...]:
        """Return the features that can be had by taking away what leaves their window."""
        return tuple(f for f in self.gains(source) if f.days is not None and _can_lose(f))

    @property
    def affinities(self) -> tuple[Affinity, ...]:
        """The features that are counted over order lines as they are, and always read again."""
        return tuple(f for f in self.known.features if isinstance(f, Affinity))

    @property
    def zeros(self) -> Sequence[str]:
        """The columns that are zero, not absent, where nothing has happened yet."""
        return [f.name for f in self.known.features if reduction.counts(f)]

    def arrived(self, source: str, parts: ir.Table, before: ir.Table, spine: ir.Table) -> ir.Table:
        """Reduce day parts that arrived to what their customers' features gain.

        Args:
            source: of the parts.
            parts: that arrived; in a source that looks back, later than all earlier days of their customers.
            before: reduced rows.
            spine: `customer_id` and `as_of`: whose gains are asked for, and as of when.
        """
        back = tiles.LOOKS_BACK.get(source)
        whole = parts if back is None else parts.union(_seen(back, parts, before), distinct=False)
        made = tiles.from_day_parts(source, whole, self.known.capabilities)
        fresh = made if back is None else made.semi_join(parts, list(tiles.KEY))
        return reduction.windowed(reduction.known_before(spine, fresh), self.gains(source), ["customer_id"])

    def left(self, source: str, parts: ir.Table) -> ir.Table:
        """Sum what leaves each customer's windows; parts have `age_before` and `age_days`, as of the two days."""
        features = self.loses(source)
        cells = {f.tile.name: _cell(parts, f.tile.name) for f in features}
        aged = parts.select("customer_id", "age_before", "age_days", **cells)
        lost = {f.name: ibis.ifelse(_leaves(aged, f.days), aged[f.tile.name], None).sum() for f in features}
        return aged.group_by("customer_id").agg(**lost)

    def unsure(self, source: str, parts: ir.Table) -> ir.Table | None:
        """Return whom parts leave, aged as in `left`, in ways that nothing can be taken away for; None: nobody."""
        others = [f for f in self.gains(source) if f.days is not None and not _can_lose(f)]
        gone = [_leaves(parts, f.days) & _says(parts, f) for f in others]
        return parts.filter(ibis.or_(*gone)).select("customer_id").distinct() if gone else None

    def late(self, source: str, parts: ir.Table, before: ir.Table) -> ir.Table | None:
        """Return those for whom a part arrived that cannot just be added; None: there is nobody such in this source."""
        if any(f.tile.merge == "sum" and f.tile.kind not in _EXACT for f in self.gains(source)):
            return parts.select("customer_id").distinct()
        if source not in tiles.LOOKS_BACK:
            return None
        newest = before.select("customer_id", newest=before[tiles.LOOKS_BACK[source].newest])
        both = parts.select(*tiles.KEY).inner_join(newest, "customer_id")
        return both.filter(both.day <= both.newest).select("customer_id").distinct()

    def affinity(self, spine: ir.Table) -> ir.Table:
        """Return the features that are counted over order lines as they are, one row a pair of the spine."""
        whole = reduction.join_all(spine, by_dimension(self.known, spine))
        return reduction.fill_zeros(whole, self.affinities)


def _seen(back: tiles.LookBack, parts: ir.Table, before: ir.Table) -> ir.Table:
    """Return, of everyone with parts, one part that stands for all earlier ones."""
    theirs = before.filter(before[back.seen].notnull()).semi_join(parts, "customer_id")
    cells = {name: ibis.literal(back.cells.get(name), kind) for name, kind in parts.schema().items()}
    return theirs.select(**cells | {"customer_id": theirs.customer_id, "day": theirs[back.seen]})


def _can_lose(feature: Windowed) -> bool:
    return feature.tile.merge == "sum" and feature.tile.kind in _EXACT and not _looks_back(feature)


def _looks_back(feature: Windowed) -> bool:
    back = tiles.LOOKS_BACK.get(feature.tile.source)
    return back is not None and feature.tile.name in back.columns


def _says(parts: ir.Table, feature: Windowed) -> ir.BooleanValue:
    if _looks_back(feature):
        return tiles.LOOKS_BACK[feature.tile.source].speaks(parts)
    return _cell(parts, feature.tile.name).notnull()


def _cell(parts: ir.Table, name: str) -> ir.Value:
    return tiles.FOLLOWING[name](parts) if name in tiles.FOLLOWING else parts[name]


def _leaves(parts: ir.Table, days: int | None) -> ir.BooleanValue:
    return (parts.age_before <= days) & (parts.age_days > days)
