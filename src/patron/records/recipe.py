"""From staged files to facts: land, find the person, judge every row, put orders together, let returns find theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from patron.contracts.accounts import REJECTS
from patron.contracts.facts import FACTS
from patron.engines.duck import DuckEngine
from patron.ground.errors import EmptyInput
from patron.records.cleaning import accounts, attributes, events, lines, order_rows, plain_facts, returns
from patron.records.cleaning.context import Context
from patron.records.cleaning.currencies import shop_currency
from patron.records.cleaning.dates import Calendar
from patron.records.cleaning.judged import Judged
from patron.records.cleaning.landing import MAIN_INSTANT, land
from patron.records.cleaning.people import People, known
from patron.records.cleaning.sales import Sales, sales
from patron.records.cleaning.verdicts import ledger, rejects
from patron.records.identity import IdentityReport, insist, report
from patron.records.spec import RecordSpec
from patron.records.staging import StagedFile

Progress = Callable[[str, int, float], None]
_DONE = {"customers found": 0.25, "rows judged": 0.45, "orders put together": 0.75, "rows accounted for": 0.85}


@dataclass(frozen=True, slots=True)
class Imported:
    """What one import became.

    Attributes:
        facts: tables by name, as `patron.contracts.facts.FACTS` says; only those with rows.
        rejects: the input rows that are no fact, as they came, with the reason (`REJECTS`).
        ledger: where the rows went, counted (`LEDGER`); the counts add up to the rows read.
        identity: how good the customer ids are.
    """

    facts: dict[str, ir.Table]
    rejects: ir.Table
    ledger: pa.Table
    identity: IdentityReport


def build(
    staged: Sequence[StagedFile],
    spec: RecordSpec,
    engine: DuckEngine,
    *,
    pseudonym_key: bytes,
    import_id: str,
    imported_on: date,
    on_progress: Progress | None = None,
) -> Imported:
    """Turn staged files into facts, every row accounted for.

    Files that belong together (orders with their items, per-order ids with the persons behind them) are imported
    together. Of several files of one level, the one with the newest date is the latest, whatever the files are called;
    later files win over earlier ones. Orders made from purchase events stand beside the ledger: there the event rows
    count once, as events.

    Args:
        staged: the files, each with all of its rows.
        spec: how this shop's records are cleaned.
        engine: where it computes; the tables returned live there.
        pseudonym_key: secret key of the customers' pseudonyms; the same for every import of a shop.
        import_id: names this import in the column `source`.
        imported_on: the day of import; later days are the future unless the spec says otherwise.
        on_progress: called with the name of each finished step, the rows it went through, and the share of an
            import's time, reading and writing included, that is usually over by then.

    Raises:
        EmptyInput: there is no file, or no file has a row.
        IdentityRefused: the customer ids do not name people, and the spec does not force them.
    """
    row_count = _row_count(staged)
    tell = on_progress or _silent

    def said(step: str) -> None:
        tell(step, row_count, _DONE[step])

    calendar = Calendar.of(spec, imported_on)
    staged = _oldest_first(staged, calendar, engine)
    people = known(land(staged, spec.zone, engine), pseudonym_key, engine, trusts_fillers=spec.force_identity)
    identity = report(people, spec, engine)
    insist(identity, spec)
    said("customers found")
    fillers = () if spec.force_identity else people.fillers
    context = Context(engine, spec, calendar, shop_currency(people.levels, spec, engine), import_id, fillers)
    judged = judge(people, context)
    said("rows judged")
    sold = sales(judged, context)
    said("orders put together")
    verdicts = accounts.verdicts(judged, sold, context)
    facts = _with_rows(_facts(people, judged, sold, context), staged, engine)
    book = ledger(verdicts, staged, import_id, engine)
    refused = rejects(verdicts, staged, import_id)
    forget(people, judged, engine)
    said("rows accounted for")
    return Imported(facts, engine.table(REJECTS.empty()) if refused is None else refused, book, identity)


def judge(people: People, context: Context) -> Judged:
    """Ask the rules of each level about every row."""
    levels = people.levels
    bought = events.judged(levels["event"], context) if "event" in levels else None
    goods = attributes.judged_products(levels["product"], context) if "product" in levels else None
    heads = order_rows.judged(levels["order"], context) if "order" in levels else None
    parts = lines.judged(levels["line"], context, owns_orders=heads is None) if "line" in levels else None
    return Judged(
        order_rows=heads,
        lines=parts,
        kinds=accounts.kinds((heads, parts), context),
        events=bought,
        returns=returns.from_file(levels["return"], context) if "return" in levels else None,
        customers=tuple(
            attributes.judged_customers(levels[x], context) for x in ("customer", "identity") if x in levels
        ),
        products=goods,
        plain={level: plain_facts.judged(levels[level], context) for level in plain_facts.PLAIN if level in levels},
        present=frozenset[str]().union(*(levels[x].present for x in ("order", "line", "event") if x in levels)),
    )


def forget(people: People, judged: Judged, engine: DuckEngine) -> None:
    """Drop the large tables that no fact reads any more."""
    gone = [table for rows in people.levels.values() for table in rows.kept]
    for table in (*gone, judged.lines, judged.order_rows):
        if table is not None:
            engine.drop(table)


def _facts(people: People, judged: Judged, sold: Sales, context: Context) -> dict[str, ir.Table]:
    facts = dict(sold.facts)
    if judged.events is not None:
        facts["events"] = judged.events.filter(judged.events["_reason"].isnull())
    for level, table in judged.plain.items():
        facts[plain_facts.PLAIN[level].contract.name] = table.filter(table["_reason"].isnull())
    who = _seen(facts, context.engine)
    told = attributes.customers(judged.customers, people.levels, who, context)
    if told is not None:
        facts["customers"] = told
        who = _seen(facts, context.engine)
    if sold.products is not None:
        facts["products"] = sold.products
    facts["contacts"] = attributes.contacts(people.levels, people.names, who, context)
    return facts


def _seen(facts: dict[str, ir.Table], engine: DuckEngine) -> ir.Table:
    """Return every customer that any fact is about."""
    ids = [table.select("customer_id") for table in facts.values() if "customer_id" in table.columns]
    if "links" in facts:
        ids += [facts["links"].select(customer_id=end) for end in ("from_customer", "to_customer")]
    if not ids:
        return engine.table(FACTS["contacts"].empty().select(["customer_id"]))
    every = ibis.union(*ids) if len(ids) > 1 else ids[0]
    return engine.keep(every.distinct())


def _conforming(name: str, table: ir.Table, staged: Sequence[StagedFile]) -> ir.Table:
    contract = FACTS[name]
    if "row_no" in contract.names:
        table = _placed(name, table, staged)
    return table.select(**{column: table[column].cast(kind) for column, kind in contract.types.items()})


def _placed(name: str, table: ir.Table, staged: Sequence[StagedFile]) -> ir.Table:
    """Name the file of each row; order lines made of purchase events have none, since those rows are events."""
    paths = [file.path if name == "events" or file.layout.level != "event" else None for file in staged]
    file = ibis.literal(paths, "array<string>")[table["_file"]]
    return table.mutate(file=file, row_no=ibis.ifelse(file.notnull(), table["_row_no"], ibis.null("int64")))


def _with_rows(facts: dict[str, ir.Table], staged: Sequence[StagedFile], engine: DuckEngine) -> dict[str, ir.Table]:
    return {name: _conforming(name, table, staged) for name, table in facts.items() if engine.count(table.limit(1))}


def _oldest_first(staged: Sequence[StagedFile], calendar: Calendar, engine: DuckEngine) -> list[StagedFile]:
    """Sort the files of a level by their newest date that can be true; files that say none keep their sequence."""
    levels = [file.layout.level for file in staged]
    newest = {
        id(file): _newest(file, calendar, engine) if levels.count(file.layout.level) > 1 else "" for file in staged
    }
    return sorted(staged, key=lambda file: newest[id(file)])


def _newest(file: StagedFile, calendar: Calendar, engine: DuckEngine) -> str:
    name = MAIN_INSTANT.get(file.layout.level)
    if name is None or name not in file.table.columns:
        return ""
    at = file.table[name].cast("timestamp('UTC', 6)")
    row = engine.rows(file.table.agg(newest=at.max(where=calendar.day(at) < calendar.latest).cast("string")))[0]
    return str(row["newest"] or "")


def _row_count(staged: Sequence[StagedFile]) -> int:
    rows = sum(file.row_count for file in staged)
    if not rows:
        paths = ", ".join(file.path for file in staged) or "no file at all"
        raise EmptyInput(
            f"There is nothing to import: {paths}.\nExpected: at least one file with at least one row of data."
        )
    return rows


def _silent(_step: str, _rows: int, _share: float) -> None:
    """Say nothing."""
