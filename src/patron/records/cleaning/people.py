"""People: who a row is about: the shop's own id tidied, per-order ids led to the person, gaps filled from the order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from patron.engines.duck import DuckEngine
from patron.records.cleaning.context import looked_up, named, within
from patron.records.cleaning.landing import Landed
from patron.records.cleaning.verdicts import Rule
from patron.records.pseudonyms import pseudonym_column
from patron.records.staging import Level

PLACEHOLDERS = (
    "-",
    "null",
    "none",
    "nil",
    "nan",
    "n/a",
    "#n/a",
    "guest",
    "anonymous",
    "unknown",
    "undefined",
    "(not set)",
    "游客",
    "匿名",
    "匿名用户",
)
MASKED = r"\*{2,}|##"  # 张**, 138****1234, ##ciphertext
_ZEROS = ("0", "-1")  # fillers where many rows carry them; else numbers like any other
_MANY_ZEROS = 0.01
_TIMES_USUAL = 4  # nobody has four times the mean among four ids: a tiny shop may number its customers from 0
_ORDERED: tuple[Level, ...] = ("order", "line", "event")
_FILLED: tuple[Level, ...] = ("order", "line", "return", "review")
_LEVEL_STEP = 1 << 48
_FILE_STEP = 1 << 36


@dataclass(frozen=True, slots=True)
class People:
    """Every level with `_person` (the shop's id) and `customer_id` (the pseudonym) in place of its own ids."""

    levels: Mapping[Level, Landed]
    names: ir.Table  # _person, customer_id: one row per id of this import
    fillers: tuple[str, ...]  # ids of these files, in lower case, that stand for nobody


def known(landed: Mapping[Level, Landed], key: bytes, engine: DuckEngine, *, trusts_fillers: bool = False) -> People:
    """Find the person behind every row and give each a pseudonym.

    Args:
        landed: the rows by level.
        key: secret key of the pseudonyms.
        engine: where it computes.
        trusts_fillers: whether an id such as guest or null is somebody; else it is a gap that the order's other rows
            fill.
    """
    people = {level: _viewed(_with_person(rows), engine) for level, rows in landed.items()}
    if "identity" in people:
        people = _led_to_person(people, engine)
    fillers = _fillers(people, engine)
    people = _filled(people, () if trusts_fillers else fillers, engine)
    names = _names(people, key, engine)
    levels = {level: _viewed(_pseudonymous(rows, names), engine) for level, rows in people.items()}
    return People(levels, names, fillers)


def is_filler(person: ir.StringValue, fillers: Sequence[str]) -> ir.BooleanValue:
    """Say whether an id stands for nobody, such as guest or null."""
    return person.lower().isin(fillers) if fillers else ibis.literal(False)


def rules(person: ir.StringValue, fillers: Sequence[str]) -> Sequence[Rule]:
    """Return the rules on who a row is about."""
    return (Rule(person.isnull(), "missing customer"), Rule(is_filler(person, fillers), "placeholder customer id"))


def tidied(table: ir.Table, *columns: str) -> ir.StringValue:
    """Return the first filled column as an id, in lower case where it is an e-mail address."""
    cells = [table[name] for name in columns if name in table.columns]
    chosen = ibis.coalesce(*cells) if cells else ibis.null("string")
    return ibis.ifelse(chosen.contains("@"), chosen.lower(), chosen)


def _viewed(rows: Landed, engine: DuckEngine) -> Landed:
    return replace(rows, table=named(rows.table, engine))


def _with_person(rows: Landed) -> Landed:
    table = rows.table
    match rows.level:
        case "link":
            found = table.mutate(_person=tidied(table, "from_customer"), _other=tidied(table, "to_customer"))
        case "identity":
            found = table.mutate(_person=tidied(table, "person_id"), _alias=tidied(table, "customer_id"))
        case "product":
            found = table
        case _:
            found = table.mutate(_person=tidied(table, "customer_id", "email", "phone"))
    return replace(rows, table=found)


def _fillers(people: Mapping[Level, Landed], engine: DuckEngine) -> tuple[str, ...]:
    for level in _ORDERED:
        if level in people:
            return (*PLACEHOLDERS, *_often(people[level].table, engine))
    return PLACEHOLDERS


def _often(rows: ir.Table, engine: DuckEngine) -> Sequence[str]:
    """Return the zeros that more rows carry than any customer's number would: of all rows, and beside the mean id."""
    person = rows["_person"]
    shares = engine.rows(rows.agg(**{f"z{at}": (person == zero).mean() for at, zero in enumerate(_ZEROS)}))[0].values()
    many = {zero: float(str(share or 0)) for zero, share in zip(_ZEROS, shares, strict=True)}
    many = {zero: share for zero, share in many.items() if share > _MANY_ZEROS}
    if not many:
        return ()
    n_ids = int(str(engine.rows(rows.agg(n=person.nunique()))[0]["n"]))
    return [zero for zero, share in many.items() if share > _TIMES_USUAL / n_ids]


def _led_to_person(people: dict[Level, Landed], engine: DuckEngine) -> dict[Level, Landed]:
    identity = people["identity"].table
    usable = identity.filter(identity["_alias"].notnull() & identity["_person"].notnull())
    persons = engine.keep(
        usable.group_by(_person=usable["_alias"]).agg(_real=usable["_person"].argmin(_position(usable, 0)))
    )
    return {
        level: rows if level in ("identity", "product", "link") else _led(rows, persons)
        for level, rows in people.items()
    }


def _led(rows: Landed, persons: ir.Table) -> Landed:
    table = looked_up(rows.table, persons, "_person")
    table = table.mutate(_person=ibis.coalesce(table["_real"], table["_person"])).drop("_real")
    return replace(rows, table=table)


def _filled(people: dict[Level, Landed], fillers: Sequence[str], engine: DuckEngine) -> dict[Level, Landed]:
    """Fill person, instant and currency from the row's order where the row itself lacks them."""
    gaps = [_gaps(people[level], fillers) for level in _FILLED if level in people]
    heads = [_heads(people[level], rank, fillers) for rank, level in enumerate(_ORDERED) if level in people]
    if not gaps or not heads:
        return people
    wanted = engine.keep(_union(gaps).distinct())
    rows = within(_union(heads), wanted, "order_id")
    orders = engine.keep(
        rows.group_by("order_id").agg(
            _order_person=rows["_person"].argmin(rows["_position"], where=rows["_person"].notnull()),
            _order_at=rows["_at"].min(),
            _order_currency=rows["currency"].argmin(rows["_position"], where=rows["currency"].notnull()),
            _order_is_test=rows["_is_test"].any(),
        )
    )
    return {level: _fill(rows, orders, fillers) if level in _FILLED else rows for level, rows in people.items()}


def _somebody(table: ir.Table, fillers: Sequence[str]) -> ir.StringValue:
    """Return the person of each row; NULL where the id stands for nobody."""
    person = table["_person"]
    return ibis.ifelse(is_filler(person, fillers), ibis.null("string"), person) if fillers else person


def _gaps(rows: Landed, fillers: Sequence[str]) -> ir.Table:
    table = rows.table
    gap = _somebody(table, fillers).isnull() | table["_is_test"]
    if "ordered_at" in table.columns:
        gap = gap | table["ordered_at"].isnull()
    if "currency" in rows.present:
        gap = gap | table["currency"].isnull()
    if rows.level == "return":
        gap = gap | table["returned_at"].isnull()
    return table.filter(gap & table["order_id"].notnull()).select("order_id")


def _heads(rows: Landed, rank: int, fillers: Sequence[str]) -> ir.Table:
    table = rows.table
    at = table["occurred_at"] if rows.level == "event" else table["ordered_at"]
    usable = table.filter(table["order_id"].notnull() & ~table["_is_cancellation"])
    who = _somebody(table, fillers)
    return usable.select("order_id", "currency", "_is_test", _person=who, _at=at, _position=_position(table, rank))


def _fill(rows: Landed, orders: ir.Table, fillers: Sequence[str]) -> Landed:
    table = looked_up(rows.table, orders, "order_id")
    who = ibis.coalesce(_somebody(table, fillers), table["_order_person"], table["_person"])
    changes: dict[str, ir.Value] = {"_person": who}
    if "ordered_at" in table.columns:
        changes["ordered_at"] = ibis.coalesce(table["ordered_at"], table["_order_at"])
        changes["currency"] = ibis.coalesce(table["currency"], table["_order_currency"])
    if rows.level == "return":
        changes["returned_at"] = ibis.coalesce(table["returned_at"], table["_order_at"])
    changes["_is_test"] = table["_is_test"] | ibis.coalesce(table["_order_is_test"], False)
    return replace(rows, table=table.mutate(**changes).drop(*orders.columns[1:]))


def _position(table: ir.Table, rank: int) -> ir.Value:
    return rank * _LEVEL_STEP + table["_file"] * _FILE_STEP + table["_row_no"]


def _names(people: Mapping[Level, Landed], key: bytes, engine: DuckEngine) -> ir.Table:
    ids = [rows.table.select("_person") for level, rows in people.items() if level != "product"]
    if "link" in people:
        ids.append(people["link"].table.select(_person="_other"))
    if not ids:
        ids = [next(iter(people.values())).table.select(_person=ibis.null("string"))]
    every = engine.keep(_union([rows.filter(rows["_person"].notnull()) for rows in ids]).distinct())
    return engine.keep(every.mutate(customer_id=pseudonym_column(every["_person"], key)))


def _pseudonymous(rows: Landed, names: ir.Table) -> Landed:
    if rows.level == "product":
        return rows
    own = rows.table.drop("customer_id") if "customer_id" in rows.table.columns else rows.table
    table = looked_up(own, names, "_person")
    if rows.level == "link":
        table = looked_up(table, names.rename(_other="_person", other_id="customer_id"), "_other")
    return replace(rows, table=table)


def _union(tables: Sequence[ir.Table]) -> ir.Table:
    return ibis.union(*tables) if len(tables) > 1 else tables[0]
