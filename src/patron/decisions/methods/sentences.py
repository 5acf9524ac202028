"""Sentences about many customers at once: templates with fields, filled by Arrow kernels.

``{orders_count_lifetime:0|order|orders}, last {days_since_last_order:0} days ago`` reads "6 orders, last 63 days ago".
A field is ``{column}`` for text, ``{column:1}`` for a number with that many decimals, ``{column:%}`` for a share as a
percentage; after a number, ``|one|many`` adds a noun in the right number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ground.errors import PlanError

BoolArray = NDArray[np.bool_]

_FIELD = re.compile(r"\{(?P<column>\w+)(?::(?P<shape>\d|%)(?:\|(?P<one>[^|{}]*)\|(?P<many>[^|{}]*))?)?\}")
_MOST = 1e30  # decimals hold 38 digits


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its column, its decimals ("" for text, "%" for percent) and the noun after it, if any."""

    column: str
    shape: str
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Template:
    """Texts and fields in turn."""

    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, in order."""
        return tuple(part for part in self.parts if isinstance(part, Field))

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the fields read."""
        return frozenset(field.column for field in self.fields)

    def fill(self, columns: Mapping[str, pa.Array], row_count: int) -> pa.Array:
        """Return one sentence per row; null where a field has no value.

        >>> said = read_template("{n:0|order|orders}", where="here").fill({"n": pa.array([1.0, 6.0, None])}, 3)
        >>> said.to_pylist()
        ['1 order', '6 orders', None]
        """
        cells = [_cell(part, columns) if isinstance(part, Field) else pa.scalar(part) for part in self.parts]
        if not self.columns:
            return pa.repeat("".join(part for part in self.parts if isinstance(part, str)), row_count)
        return pc.binary_join_element_wise(*cells, "", null_handling="emit_null")


def read_template(text: str, *, where: str) -> Template:
    """Read a template.

    Raises:
        PlanError: a brace does not belong to a field.
    """
    parts: list[str | Field] = []
    end = 0
    for found in _FIELD.finditer(text):
        parts += [
            text[end : found.start()],
            Field(found["column"], *(found[g] or "" for g in ("shape", "one", "many"))),
        ]
        end = found.end()
    parts.append(text[end:])
    if any(brace in part for part in parts if isinstance(part, str) for brace in "{}"):
        raise PlanError(
            f"{where}: a field of {text!r} is not understood.\n"
            "Next: write {column}, {column:1} (decimals), {column:%} or {column:0|order|orders}."
        )
    return Template(tuple(part for part in parts if part != ""))


def joined(clauses: Sequence[pa.Array], separator: str) -> pa.Array:
    """Join the clauses that a row has, shape (n_rows,) each; an empty text where it has none.

    >>> joined([pa.array(["a", None, None]), pa.array(["b", "c", None])], "; ").to_pylist()
    ['a; b', 'c', '']
    """
    # not null_handling="skip": Arrow drops a row from the result when all of its texts are null
    said = clauses[0]
    for clause in clauses[1:]:
        said = pc.coalesce(pc.binary_join_element_wise(said, clause, separator), said, clause)
    return pc.fill_null(said, "")


def _cell(field: Field, columns: Mapping[str, pa.Array]) -> pa.Array:
    values = columns[field.column]
    if not field.shape:
        return values
    percent = field.shape == "%"
    scaled = pc.multiply(values, 100.0) if percent else values
    decimals = 0 if percent else int(field.shape)
    rounded = pc.round(pc.if_else(pc.less(pc.abs(scaled), _MOST), scaled, None), decimals)
    text = rounded.cast(pa.decimal128(38, decimals), safe=False).cast(pa.string())
    if percent:
        text = pc.binary_join_element_wise(text, "%", "")
    if not field.many:
        return text
    noun = pc.if_else(pc.equal(rounded, 1.0), f" {field.one}", f" {field.many}")
    return pc.binary_join_element_wise(text, noun, "")


def only_where(clause: pa.Array, holds: BoolArray) -> pa.Array:
    """Keep the clause of the rows where it holds."""
    return pc.if_else(pa.array(holds), clause, pa.scalar(None, pa.string()))
