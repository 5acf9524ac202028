"""From tiles to features: one compiled reduction for every engine, every snapshot and the live fold.

Everything here is strict: a tile counts for a pair (customer, as_of) only if its day lies before as_of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir

from patron.contracts.catalogue import inputs
from patron.contracts.features import (
    Affinity,
    Copy,
    DaysBetween,
    DaysSince,
    Derived,
    Deviation,
    Difference,
    Feature,
    Log1p,
    Ratio,
    Social,
    Windowed,
)
from patron.features.exact import entropy, logarithm

PAIR = ("customer_id", "as_of")


def keys(spine: ir.Table | date) -> tuple[str, ...]:
    """Return what tells two rows of an answer apart: the pair, or on one date the customer alone, which is faster."""
    return ("customer_id",) if isinstance(spine, date) else PAIR


def paired(spine: ir.Table | date, rows: ir.Table) -> ir.Table:
    """Pair every (customer, as_of) with the customer's rows; a date stands for everyone, so nobody is looked up."""
    if isinstance(spine, date):
        return rows.mutate(as_of=ibis.literal(spine))
    return spine.select(*PAIR).inner_join(rows, "customer_id")


def known_before(spine: ir.Table | date, tiles: ir.Table) -> ir.Table:
    """Pair every (customer, as_of) with the customer's tiles of earlier days; `age_days` counts back from as_of."""
    both = paired(spine, tiles)
    strict = both.filter(both.day < both.as_of)
    return strict.mutate(age_days=strict.as_of.delta(strict.day, unit="day"))


def windowed(known: ir.Table, features: Sequence[Windowed], by: Sequence[str]) -> ir.Table:
    """Reduce known tiles of one source to its windowed features, one row per key `by` that has any tile."""
    reduced = {feature.name: _reduce(known, feature) for feature in features}
    return known.group_by(list(by)).agg(**reduced)


def affinities(known: ir.Table, features: Sequence[Affinity], by: Sequence[str]) -> ir.Table:
    """Reduce one dimension's values, a row an order line, to how many there are, share of the largest and entropy."""
    spans = {feature.days for feature in features}
    counts = {_lines(days): _rows(known, days) for days in spans}
    by_value = known.group_by([*by, "value"]).agg(**counts)
    return by_value.group_by(list(by)).agg(**{f.name: _spread(by_value, f) for f in features})


def counts(feature: Feature) -> bool:
    """Return whether a feature is zero, and not absent, where nothing happened."""
    match feature:
        case Windowed(tile=tile):
            return tile.merge == "sum"
        case Affinity(statistic=spread):
            return spread == "distinct"
        case Social(statistic=statistic):
            return not statistic.startswith("neighbour")
        case _:
            return False


def fill_zeros(table: ir.Table, features: Iterable[Feature]) -> ir.Table:
    """Make counts and sums zero where nothing happened; extremes, shares and days stay absent."""
    zeros = {f.name: table[f.name].fill_null(0) for f in features if counts(f)}
    return table.mutate(**zeros) if zeros else table


def derive(table: ir.Table, features: Sequence[Derived]) -> ir.Table:
    """Add derived features, those that feed others first."""
    pending = list(features)
    while pending:
        there = set(table.columns)
        ready = [feature for feature in pending if set(inputs(feature)) <= there]
        table = table.mutate(**{feature.name: _formula(table, feature) for feature in ready})
        pending = [feature for feature in pending if feature not in ready]
    return table


def as_real(table: ir.Table, features: Iterable[Feature]) -> ir.Table:
    """Select the pair and the features as float64, the type in which they leave the room."""
    return table.select(*PAIR, **{f.name: table[f.name].cast("float64") for f in features})


def join_all(spine: ir.Table | date, parts: Mapping[str, ir.Table], *, left: ir.Table | None = None) -> ir.Table:
    """Left join every part to `left` on the keys: the spine's pairs, or on a date whoever has a part of orders."""
    by = keys(spine)
    whole = left if left is not None else parts["orders"] if isinstance(spine, date) else spine.select(*PAIR)
    names = list(whole.columns)
    for name, part in parts.items():
        if part is whole:
            continue
        keyed = part.rename({f"{key} {name}": key for key in by})  # keys of their own keep it one flat query
        whole = whole.left_join(keyed, [whole[key] == keyed[f"{key} {name}"] for key in by])
        names += [column for column in part.columns if column not in by]
    whole = whole.select(*names)
    return whole.mutate(as_of=ibis.literal(spine)) if isinstance(spine, date) else whole


def _inside(known: ir.Table, days: int | None) -> ir.BooleanValue | None:
    return None if days is None else known.age_days <= days


def _reduce(known: ir.Table, feature: Windowed) -> ir.Value:
    return getattr(_only(_inside(known, feature.days), known[feature.tile.name]), feature.tile.merge)()


def _rows(known: ir.Table, days: int | None) -> ir.IntegerValue:
    inside = _inside(known, days)
    return known.count() if inside is None else ibis.ifelse(inside, 1, None).count()


def _only(inside: ir.BooleanValue | None, value: ir.Value) -> ir.Value:
    # CASE inside an aggregate, not FILTER behind it: DuckDB computes it in half the time
    return value if inside is None else ibis.ifelse(inside, value, None)


def _lines(days: int | None) -> str:
    return f"lines_{days or 'lifetime'}"


def _spread(by_value: ir.Table, feature: Affinity) -> ir.Value:
    n = by_value[_lines(feature.days)]
    bought = n > 0
    match feature.statistic:
        case "distinct":
            return _only(bought, by_value.value).count()
        case "top_share":
            return _only(bought, n).max().cast("float64") / _only(bought, n).sum().cast("float64")
        case "entropy":
            return entropy(n, bought)


def _formula(table: ir.Table, feature: Derived) -> ir.Value:
    def real(name: str) -> ir.FloatingValue:
        return table[name].cast("float64")

    match feature.formula:
        case Ratio(top, bottom, scale):
            return real(top) * scale / real(bottom).nullif(0.0)
        case Difference(left, right):
            return table[left] - table[right] if right in table.columns else table[left]
        case Deviation(total, squares, count):
            n = real(count)
            spread = (real(squares) - real(total) * real(total) / n.nullif(0.0)) / (n - 1.0).nullif(0.0)
            return ibis.ifelse(n >= 2, ibis.greatest(spread, 0.0).sqrt(), None)
        case DaysSince(day):
            return table.as_of.delta(table[day], unit="day")
        case DaysBetween(start, end):
            return table[end].delta(table[start], unit="day")
        case Log1p(name):
            return logarithm(ibis.greatest(real(name), 0.0) + 1.0)
        case Copy(name):
            return table[name]
