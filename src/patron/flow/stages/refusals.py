"""Why no row of an import became an order: the reasons with their counts, and what would mend them."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow.compute as pc

from patron.flow.stages.facts import Facts
from patron.ground.errors import NotEnoughData

_MOST_TOLD = 5
_FILLED_BY: Mapping[str, str] = {
    "missing quantity": "quantity",
    "missing price": "unit_price",
    "missing date": "ordered_at",
    "missing customer": "customer_id",
    "missing order number": "order_id",
}


def no_order(facts: Facts) -> NotEnoughData:
    """Say where the rows went, since none of them became an order, and what to do about it."""
    read, rejected = facts.rows_read, facts.rows_rejected
    others = [f"{count:,} {name}" for name, count in sorted(facts.outcomes.items()) if name != "rejects"]
    if facts.outcomes.get("returns") == read:
        told = f"Each of the {read:,} rows read is a return of an order that is not there; they are kept apart."
        next_step = "add the file that holds the orders; the returns then find theirs. If these rows are orders, check"
        next_step += " their amounts and quantities (below zero is a return) with `patron detect FILE`."
    elif rejected:
        told = f"Of {read:,} rows read, {rejected:,} were rejected: {_spoken(facts)}."
        told += f" The others became {', '.join(others)}." if others else ""
        next_step = _mending(facts)
    else:
        told = f"None of the {read:,} rows read was rejected, but they are {', '.join(others)}."
        next_step = "add the file that holds the orders, or check the mapping with `patron detect FILE`."
    return NotEnoughData(f"The imported files hold no order of a known customer.\n{told}\nNext: {next_step}")


def _reasons(facts: Facts) -> dict[str, int]:
    """Return how many rows were rejected for each reason, the most frequent first."""
    ledger = facts.ledger()
    mine = ledger.filter(pc.equal(ledger["outcome"], "rejects")).group_by("reason").aggregate([("row_count", "sum")])
    ranked = mine.sort_by([("row_count_sum", "descending"), ("reason", "ascending")])
    return dict(zip(ranked["reason"].to_pylist(), ranked["row_count_sum"].to_pylist(), strict=True))


def _spoken(facts: Facts) -> str:
    reasons = _reasons(facts)
    told = [f"{reason}: {count:,}" for reason, count in list(reasons.items())[:_MOST_TOLD]]
    rest = list(reasons.values())[_MOST_TOLD:]
    told += [f"{len(rest)} other reasons: {sum(rest):,}"] if rest else []
    return ", ".join(told) + "".join(f"; no column is mapped to {column}" for column in _unmapped(facts))


def _unmapped(facts: Facts) -> list[str]:
    """Return the columns that would fill what the rejected rows miss, and that no file's mapping names."""
    mapped = {column for file in facts.manifest["files"] for column in file.get("mapped", _FILLED_BY.values())}
    wanted = [_FILLED_BY[reason] for reason in _reasons(facts) if reason in _FILLED_BY]
    return [column for column in wanted if column not in mapped]


def _mending(facts: Facts) -> str:
    seen = "`patron tables rejects` shows the rows."
    unmapped = _unmapped(facts)
    if unmapped:
        maps = " ".join(f"--map {column}=COLUMN" for column in unmapped)
        return f"`patron init SHOP FILE --again {maps}` maps it; {seen}"
    return f"check the mapping with `patron detect FILE`, or add the file that holds the orders; {seen}"
