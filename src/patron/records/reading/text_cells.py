r"""Text cells as they were meant: `="0042"`, a leading tab or apostrophe and outer blanks are wrapping, not content."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

NO_VALUE = ("", "NULL", "null", "\\N", "None")
NO_NUMBER = (*NO_VALUE, "N/A", "n/a", "NA", "#N/A", "-", "--", "—")


def is_wrapped(cell: ir.StringValue) -> ir.BooleanValue:
    """Return whether cells of this column may be wrapped."""
    return cell.re_search("^\\s*[=']|[\u00a0\u3000\ufeff]")


def unwrapped(cell: ir.StringValue, *, wrapped: bool) -> ir.StringValue:
    """Return the cell without its wrapping; `wrapped` False saves the work where none was found."""
    bare = cell.strip()
    if not wrapped:
        return bare
    content = bare.re_replace(r'^="(.*)"$', r"\1").re_replace(r"^'([0-9+].*)$", r"\1")
    return content.re_replace("^[\\s\u00a0\u3000\ufeff]+|[\\s\u00a0\u3000]+$", "")


def is_one_of(cell: ir.StringValue, words: Iterable[str]) -> ir.BooleanValue:
    """Return whether the cell is one of these words."""
    # A list, and not SQL's IN: DuckDB turns a long IN into a join, one for each time the cell is looked at.
    return ibis.literal(sorted(set(words)), type="array<string>").contains(cell)


def known(cell: ir.StringValue, missing: Iterable[str]) -> ir.StringValue:
    """Return the cell, NULL where it says that there is no value."""
    return ibis.ifelse(is_one_of(cell, missing), ibis.null("string"), cell)


def identifier(cell: ir.Value) -> ir.StringValue:
    """Return an id as text; one that went through a decimal column (`17850.0`) is whole again."""
    if cell.type().is_floating():
        whole = cell.isnan() | cell.isinf() | (cell != cell.floor()) | (cell.abs() >= 2.0**63)
        sound = ibis.ifelse(whole, ibis.null("float64"), cell)
        return ibis.coalesce(sound.cast("int64").cast("string"), cell.cast("string"))
    text = cell.cast("string")
    if not cell.type().is_string():
        return text
    return ibis.ifelse(text.endswith(".0"), text.re_replace(r"^(\d+)\.0$", r"\1"), text)


def lost_digits(cell: ir.StringValue) -> ir.BooleanValue:
    """Return whether a spreadsheet has rounded this id to scientific notation (`2.4E+15`)."""
    return ibis.ifelse(cell.contains("E+"), cell.re_search(r"^\d(\.\d+)?E\+\d+$"), False)
