"""Of several messages with one key in one chunk, the last counts; a customer's are merged cell by cell."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.streaming.shapes import Shape


def one_version(judged: ir.Table, shape: Shape) -> ir.Table:
    """Return the facts among judged messages of which no two have one key."""
    extra = ("_lines",) if "_lines" in judged.columns else ()
    return judged.filter(judged.reason.isnull()).select(*shape.contract.names, *extra, "_key", "_content")


def last_versions(judged: ir.Table, shape: Shape) -> ir.Table:
    """Return the facts among judged messages, one row a key."""
    good = judged.filter(judged.reason.isnull())
    if shape.name == "customers":
        cells = {name: good[name].argmax(good.place, where=good[name].notnull()) for name in shape.contract.names[1:]}
        keyed = {"_key": good._key.max(), "_content": good._content.argmax(good.place)}
        return good.group_by("customer_id").agg(**cells, **keyed)
    turn = ibis.row_number().over(group_by="_key", order_by=ibis.desc("place"))
    ranked = good.mutate(_turn=turn)
    return one_version(ranked.filter(ranked._turn == 0), shape)
