"""Lines of text to what each is about: one of the fact tables, or nothing that can be read."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.engines.duck_functions import attempted, json_kind, json_text
from patron.streaming.shapes import SHAPES

_TABLES = ", ".join(SHAPES)


def told(raw: ir.Table) -> ir.Table:
    """Return the lines with `about`, the fact table that each names (an event if none), and `reason` if it is none."""
    rows = raw.mutate(named=attempted(json_text(raw.line, "$.table")))
    # one reading of a line says all of those that name a table; what is no JSON has no kind
    kind = ibis.ifelse(rows.named.isnull(), attempted(json_kind(rows.line)), "OBJECT")
    rows = rows.mutate(kind=kind, about=rows.named.fill_null("events"))
    reason = ibis.cases(
        (rows.kind.isnull(), "not JSON"),
        (rows.kind != "OBJECT", "not a JSON object"),
        (
            rows.about.notin(list(SHAPES)),
            ibis.literal("unknown table ").concat(rows.about, f"; expected one of {_TABLES}"),
        ),
        else_=ibis.null("string"),
    )
    return rows.select("place", "line", "_limit", "about", reason=reason)
