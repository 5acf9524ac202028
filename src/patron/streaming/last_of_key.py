"""Of several messages with one key in one chunk, the last counts; a customer's are merged cell by cell."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from patron.streaming.shapes import Shape


def last_versions(facts: ir.Table, shape: Shape) -> ir.Table:
    """Return the facts of messages with one row a key."""
    if shape.name == "customers":
        cells = {
            name: facts[name].argmax(facts.place, where=facts[name].notnull()) for name in shape.contract.names[1:]
        }
        keyed = {"_key": facts._key.max(), "_content": facts._content.argmax(facts.place)}
        return facts.group_by("customer_id").agg(**cells, **keyed)
    turn = ibis.row_number().over(group_by="_key", order_by=ibis.desc("place"))
    ranked = facts.mutate(_turn=turn)
    return ranked.filter(ranked._turn == 0).drop("_turn")
