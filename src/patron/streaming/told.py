"""Lines of text to what each is about: one of the fact tables, or nothing that can be read."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.engines.duck_functions import is_json, json_text
from patron.streaming.shapes import SHAPES

_TABLES = ", ".join(SHAPES)


def told(raw: ir.Table) -> ir.Table:
    """Return the lines with `about`, the fact table that each names (an event if none), and `reason` if it is none."""
    is_object = is_json(raw.line) & raw.line.re_search(r"^\s*\{")
    named = ibis.ifelse(is_object, json_text(raw.line, "$.table"), None)
    rows = raw.mutate(about=named.fill_null("events"), is_object=is_object)
    reason = ibis.cases(
        (~is_json(rows.line), "not JSON"),
        (~rows.is_object, "not a JSON object"),
        (
            rows.about.notin(list(SHAPES)),
            ibis.literal("unknown table ").concat(rows.about, f"; expected one of {_TABLES}"),
        ),
        else_=ibis.null("string"),
    )
    return rows.select("place", "line", "_limit", "about", reason=reason)
