"""Plain facts: reviews, touches, links and signals, one row of a file each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from patron.contracts.facts import LINKS, REVIEWS, SIGNALS, TOUCHES
from patron.contracts.tables import TableContract
from patron.records.cleaning import duplicates, people
from patron.records.cleaning.context import Context, cells
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import Rule, reason
from patron.records.staging import Level


@dataclass(frozen=True, slots=True)
class Plain:
    """A level whose rows are facts as they stand: its contract, its instant, and what it cannot do without."""

    contract: TableContract
    at: str
    needed: Mapping[str, str]  # column: what to say when it is missing
    said: tuple[str, ...] = ()  # what names a row that came without an id
    days: Mapping[str, str] = field(default_factory=dict)  # further local days: column, and the instant it is of


_TOUCHED = {"opened_day": "opened_at", "clicked_day": "clicked_at", "converted_day": "converted_at"}
PLAIN: Mapping[Level, Plain] = {
    "review": Plain(REVIEWS, "reviewed_at", {"rating": "missing rating"}, ("customer_id", "product_id", "reviewed_at")),
    "touch": Plain(TOUCHES, "sent_at", {}, ("customer_id", "campaign_id", "action", "channel", "sent_at"), _TOUCHED),
    "link": Plain(LINKS, "since", {"to_customer": "missing customer"}),
    "signal": Plain(SIGNALS, "at", {"name": "missing name", "value": "missing value"}),
}


def judged(rows: Landed, context: Context) -> ir.Table:
    """Return the contract's columns, `_file`, `_row_no` and the `_reason` why a row is no fact."""
    plain = PLAIN[rows.level]
    table = _shaped(duplicates.marked(rows, context), rows.level)
    rules = (
        *duplicates.rules(table),
        *people.rules(table["_person"], context.fillers),
        *context.calendar.rules(table[plain.at]),
        *(Rule(table[name].isnull(), why) for name, why in plain.needed.items()),
        *_finite(table, rows.level),
    )
    days = {day: context.calendar.day(table[at]) for day, at in {"day": plain.at, **plain.days}.items()}
    facts = table.mutate(_reason=reason(rules), source=ibis.literal(context.source), **days)
    return _once(_named(facts, plain).select(*cells(plain.contract), "_reason"), plain, context)


def _shaped(table: ir.Table, level: Level) -> ir.Table:
    match level:
        case "link":
            kind = ibis.coalesce(table["kind"], "referral")
            return table.mutate(from_customer=table["customer_id"], to_customer=table["other_id"], kind=kind)
        case "review":
            own = ibis.coalesce(table["review_id"].concat("/", table["order_id"]), table["review_id"])
            return table.mutate(review_id=own)
        case _:
            return table


def _finite(table: ir.Table, level: Level) -> Sequence[Rule]:
    numbers: Mapping[Level, str] = {"review": "rating", "signal": "value"}
    if level not in numbers:
        return ()
    number = table[numbers[level]]
    return (Rule(number.isnan() | number.isinf(), f"{numbers[level]} is not a number"),)


def _named(table: ir.Table, plain: Plain) -> ir.Table:
    if not plain.said:
        return table
    key = plain.contract.key[0]
    said = ibis.literal("|").join([ibis.coalesce(table[name].cast("string"), "") for name in plain.said])
    return table.mutate(**{key: ibis.coalesce(table[key], ibis.literal(f"{key[0]}_").concat(said.hexdigest("md5")))})


def _once(table: ir.Table, plain: Plain, context: Context) -> ir.Table:
    """Keep the last row of each key."""
    rank = ibis.row_number().over(
        group_by=[*plain.contract.key, table["_reason"].isnull()], order_by=duplicates.latest_first(table)
    )
    ranked = table.mutate(_rank=rank)
    again = ibis.ifelse(ranked["_rank"] > 0, duplicates.REPLACED, ibis.null("string"))
    return context.engine.keep(ranked.mutate(_reason=ibis.coalesce(ranked["_reason"], again)).drop("_rank"))
