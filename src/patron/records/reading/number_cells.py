"""Numbers as people write them: currency signs, thousands separators, decimal commas, accountants' brackets."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

MONEY = "decimal(18, 4)"
_SIGNS = "[\\s\u00a0\u202f'’¥￥$€£₹₽₩元]|^[A-Za-z]{2,3}\\.?|[A-Za-z]{3}$"
_COMMA_DECIMAL = r"\d,(\d{1,2}|\d{4,})\)?-?$|\d\.\d{3},\d+\)?-?$"
_DOT_DECIMAL = r"\d\.(\d{1,2}|\d{4,})\)?-?$|\d,\d{3}\.\d+\)?-?$"


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How one column writes its numbers, found from all its cells."""

    plain: bool = True  # every cell is digits with at most a sign and a point
    decimal_comma: bool = False


def odd(cell: ir.StringValue, kind: str) -> ir.Value:
    """Count the cells that are not plain numbers."""
    return (cell.notnull() & _plain(cell, kind).isnull()).sum()


def evidence(cell: ir.StringValue) -> dict[str, ir.Value]:
    """Return what to ask of a column that is not plain to find its style."""
    bare = cell.re_replace(_SIGNS, "")
    return {"comma": bare.re_search(_COMMA_DECIMAL).any(), "dot": bare.re_search(_DOT_DECIMAL).any()}


def style(found: dict[str, object]) -> NumberStyle:
    """Return the style that the evidence speaks for; a comma is decimal only where no point is."""
    return NumberStyle(plain=False, decimal_comma=bool(found["comma"]) and not found["dot"])


def read(cell: ir.Value, kind: str, style: NumberStyle) -> ir.Value:
    """Return the number in each cell; NULL where there is none, and for NaN and infinity."""
    if cell.type().is_string():
        return _plain(cell, kind) if style.plain else _written(cell, kind, style)
    if cell.type().is_floating():
        odd = cell.isnan() | cell.isinf()
        return _cast(ibis.ifelse(odd, ibis.null("float64"), cell.cast("float64")), kind)
    return _cast(cell, kind)


def _written(cell: ir.StringValue, kind: str, style: NumberStyle) -> ir.Value:
    bare = cell.re_replace(_SIGNS, "")
    signed = bare.re_replace(r"^\((.*)\)$", r"-\1").re_replace(r"^(.*)-$", r"-\1")
    if style.decimal_comma:
        is_number = signed.re_search(r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$")
        digits = signed.replace(".", "").replace(",", ".")
        return _plain(ibis.ifelse(is_number, digits, ibis.null("string")), kind)
    is_grouped = signed.re_search(r"^[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?$")
    return _plain(ibis.ifelse(is_grouped, signed.replace(",", ""), signed), kind)


def _plain(cell: ir.StringValue, kind: str) -> ir.Value:
    if kind == MONEY:
        return cell.try_cast(MONEY)
    number = cell.try_cast("float64")
    return _cast(ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number), kind)


def _cast(cell: ir.Value, kind: str) -> ir.Value:
    return cell.cast("float64") if kind == "float64" else cell.try_cast(kind)
