"""The story of the features room: facts to tiles, tiles to features of any (customer, as_of) pairs, and labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import ibis
import ibis.expr.types as ir

from patron.contracts import tiles as declared_tiles
from patron.contracts.catalogue import available, is_published
from patron.contracts.facts import FACTS
from patron.contracts.features import Affinity, Attribute, Derived, Feature, Social, Windowed
from patron.engines.engine import Engine
from patron.features import reduction, rows, ties, tiles

F = TypeVar("F", Windowed, Derived, Affinity, Attribute, Social)


_LABELS = {
    "orders": {
        "future_order_count": "order_days_count",
        "revenue_": "revenue_sum",
        "margin_": "margin_sum",
        "costed_": "costed_revenue_sum",
    },
    "returns": {"refund_": "refund_sum"},
}


_DAYS_TO_ORDER = "future_days_to_order"


@dataclass(frozen=True, slots=True)
class Tiles:
    """What is kept of a shop's facts: tile tables by name, and what they can answer.

    `tables` holds one table per source ("orders", "events", …), and the fact tables that are read as they are: the
    order lines whose values affinities are counted over, "customers" and "links".
    """

    tables: Mapping[str, ir.Table]
    capabilities: frozenset[str]
    signals: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[Feature, ...]:
        """Every declared feature that these tiles can answer."""
        return available(self.capabilities, self.signals)


def capabilities(facts: Mapping[str, ir.Table], engine: Engine) -> frozenset[str]:
    """Return which fact tables have rows and which of their columns have values, as 'table' and 'table.column'."""
    found: set[str] = set()
    for name, table in facts.items():
        filled = engine.filled(table) & set(FACTS[name].names)
        found |= {name} | {f"{name}.{column}" for column in filled} if filled else set()
    if "orders" in found and engine.count(facts["orders"].filter(ibis._.status == "cancelled").limit(1)):
        found.add("orders.cancelled")
    return frozenset(found)


def signal_names(facts: Mapping[str, ir.Table], engine: Engine) -> tuple[str, ...]:
    """Return the names of the signals that exist, the most frequent first, at most as many as are declared."""
    if "signals" not in facts:
        return ()
    named = facts["signals"].mutate(name=rows.signal_name)
    counted = named.group_by("name").agg(n=ibis._.count()).order_by(ibis.desc("n"), "name").limit(20)
    return tuple(sorted(str(row["name"]) for row in engine.rows(counted)))


def tile(facts: Mapping[str, ir.Table], known: Collection[str], signals: tuple[str, ...] = ()) -> Tiles:
    """Reduce facts to tiles (lazily; `features.keep` stores them).

    Args:
        facts: fact tables by name, as `patron.contracts.facts` describes them.
        known: what `capabilities` found.
        signals: what `signal_names` found.
    """
    sources = {"lines": "order_lines", "cancellations": "orders.cancelled"}
    there = [name for name in declared_tiles.TILES if sources.get(name, name) in known]
    tables = {name: tiles.build(name, facts, known) for name in there}
    if signals:
        tables["signals"] = tiles.build_signals(facts, signals)
    tables |= {name: facts[name] for name in tiles.AS_THEY_ARE if name in known}
    return Tiles(tables, frozenset(known), signals)


def build(known: Tiles, spine: ir.Table | date, leave_out: Collection[str] = ()) -> ir.Table:
    """Return the published features of every (customer_id, as_of) pair of `spine`, strictly from before as_of.

    Args:
        known: the shop's tiles.
        spine: `customer_id` (string) and `as_of` (date), one row a pair, any number of dates; or one date, which
            stands for every customer with a paid order before it.
        leave_out: names of features or families that are not wanted.

    Returns:
        `customer_id`, `as_of` and one float64 column a feature; NULL means absent, 0 means nothing happened.
        Cost: one hash join and one aggregation per source, linear in tiles x dates.
    """
    parts = _reductions(known, spine) | _attributes(known, spine)
    whole = reduction.fill_zeros(reduction.join_all(spine, parts), known.features)
    return _published(known, whole, leave_out)


def reduce(known: Tiles, spine: ir.Table | date) -> ir.Table:
    """Return what `finish` makes features of: every reduction over tiles, one row a pair.

    While nothing happens to a customer only what leaves a window changes it; the days since something, and the
    customer's own attributes, are not here.
    """
    return reduction.fill_zeros(reduction.join_all(spine, _reductions(known, spine)), known.features)


def finish(known: Tiles, reduced: ir.Table, leave_out: Collection[str] = ()) -> ir.Table:
    """Return the same features as `build`, of pairs that `reduce` has reduced: what follows, and attributes."""
    own = _attributes(known, reduced)
    whole = reduction.join_all(reduced, own, left=reduced) if own else reduced
    return _published(known, whole, leave_out)


def _reductions(known: Tiles, spine: ir.Table | date) -> dict[str, ir.Table]:
    wanted = known.features
    by = reduction.keys(spine)
    parts: dict[str, ir.Table] = {}
    for source in dict.fromkeys(f.tile.source for f in _of(wanted, Windowed)):
        columns = [f for f in _of(wanted, Windowed) if f.tile.source == source]
        parts[source] = reduction.windowed(reduction.known_before(spine, known.tables[source]), columns, by)
    parts |= by_dimension(known, spine)
    if asked_ties := _of(wanted, Social):
        parts["links"] = ties.social(spine, known.tables["links"], known.tables.get("orders"), asked_ties)
    return parts


def by_dimension(known: Tiles, spine: ir.Table | date) -> dict[str, ir.Table]:
    """Return the features that are counted over order lines as they are, a table a dimension."""
    asked, parts = _of(known.features, Affinity), {}
    for dimension in dict.fromkeys(f.dimension for f in asked):
        spreads = [f for f in asked if f.dimension == dimension]
        bought = tiles.bought(known.tables["order_lines"], dimension)
        pairs = reduction.known_before(spine, bought)
        parts[f"by_{dimension}"] = reduction.affinities(pairs, spreads, reduction.keys(spine))
    return parts


def _attributes(known: Tiles, spine: ir.Table | date) -> dict[str, ir.Table]:
    asked = _of(known.features, Attribute)
    return {"customers": ties.attributes(spine, known.tables["customers"], asked)} if asked else {}


def _published(known: Tiles, whole: ir.Table, leave_out: Collection[str]) -> ir.Table:
    wanted = known.features
    derived = reduction.derive(whole, _of(wanted, Derived))
    kept = [f for f in wanted if is_published(f) and f.name not in leave_out and f.family not in leave_out]
    return reduction.as_real(derived, kept)


def label(known: Tiles, spine: ir.Table, horizon_days: int) -> ir.Table:
    """Return what really happened in [as_of, as_of + horizon_days): the answer a forecast is judged by.

    Returns:
        `customer_id`, `as_of`, `future_order_count` (order days), `future_net_revenue` where the shop has money, and
        `future_margin` where it has costs; zero for customers who did nothing. Margin is that of the orders, less what
        refunds take back of it: refunds, and orders whose costs are not known, count at the shop's own margin share.
        `future_days_to_order`: days from as_of to the first order day, empty for customers who did not order: they
        waited for the whole window.
    """
    whole = spine.select(*reduction.PAIR)
    for source, columns in _LABELS.items():
        if source not in known.tables:
            continue
        ahead = _after(spine, known.tables[source], horizon_days)
        found = {name: ahead[column].sum() for name, column in columns.items() if column in ahead.columns}
        if source == "orders":
            first = ahead.day.min(where=ahead.order_days_count > 0)
            found[_DAYS_TO_ORDER] = first.delta(ahead.as_of.min(), unit="day")
        if found:
            part = ahead.group_by(list(reduction.PAIR)).agg(**found)
            whole = whole.left_join(part, list(reduction.PAIR)).drop("customer_id_right", "as_of_right")
    counted = [name for name in whole.columns if name not in (*reduction.PAIR, _DAYS_TO_ORDER)]
    filled = whole.mutate(**{name: whole[name].fill_null(0) for name in counted})
    answers = {name: filled[name].cast("float64") for name in ("future_order_count", _DAYS_TO_ORDER)}
    if "revenue_" in filled.columns:
        net = filled.revenue_ - filled.refund_ if "refund_" in filled.columns else filled.revenue_
        answers["future_net_revenue"] = net.cast("float64")
        if "margin_" in filled.columns:
            uncosted = (net - filled.costed_).cast("float64")
            answers["future_margin"] = filled.margin_.cast("float64") + uncosted * _margin_share(known)
    return filled.select(*reduction.PAIR, **answers)


def _margin_share(known: Tiles) -> ir.FloatingValue:
    """Return the shop's margin over the revenue of the orders whose costs are known."""
    orders = known.tables["orders"]
    costed = orders.costed_revenue_sum.sum().cast("float64")
    shop = orders.agg(share=orders.margin_sum.sum().cast("float64") / costed.nullif(0.0))
    return shop.as_scalar().fill_null(0.0)


def customers_before(known: Tiles, as_of: date) -> ir.Table:
    """Return the spine of one snapshot: every customer with a paid order before `as_of`."""
    orders = known.tables["orders"]
    day = ibis.literal(as_of)
    buyers = orders.filter(orders.day < day).select("customer_id").distinct()
    return buyers.mutate(as_of=day)


def _after(spine: ir.Table, table: ir.Table, horizon_days: int) -> ir.Table:
    paired = spine.select(*reduction.PAIR).inner_join(table, "customer_id")
    return paired.filter(paired.day >= paired.as_of, paired.day.delta(paired.as_of, unit="day") < horizon_days)


def _of(features: Iterable[Feature], kind: type[F]) -> list[F]:
    return [feature for feature in features if isinstance(feature, kind)]
