"""What the rules found: the rows of every level, each with the reason why it is no fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis.expr.types as ir

from patron.records.staging import Level


@dataclass(frozen=True, slots=True)
class Judged:
    """The rows of every level, each with the `_reason` why it is no fact, else empty."""

    order_rows: ir.Table | None
    lines: ir.Table | None
    events: ir.Table | None
    returns: ir.Table | None
    customers: tuple[ir.Table, ...]
    products: ir.Table | None
    plain: Mapping[Level, ir.Table]
    present: frozenset[str]  # the order columns that hold anything in any file
    kinds: frozenset[str]  # what the sound rows of line and order files are: line, return, fee, order, detail
