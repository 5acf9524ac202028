"""The pieces a page is made of: cells, tables, charts, figures and tiles. No logic beyond escaping."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table, already in words.

    Args:
        text: what it says.
        number: aligned to the right.
        colour: a swatch before the text, or with `fill` the cell's background.
        fill: 0-1, how strongly the background is tinted (heat map); None for none.
        hatched: the period behind it is not over.
    """

    text: str
    number: bool = False
    colour: str = ""
    fill: float | None = None
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption; `kind` is a class of the style sheet ("", "triangle")."""

    id: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kind: str = ""

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers, for the heads' alignment."""
        return tuple(cell.number for cell in self.rows[0]) if self.rows else (False,) * len(self.head)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its options as safe JSON, its height, and what a screen reader says."""

    id: str
    options: Markup
    height_px: int
    label: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A claim in one sentence, a chart that shows it (or none) and the table behind it."""

    title: str
    sentence: str
    chart: Chart | None
    table: Table
    note: str = ""
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """One key figure."""

    label: str
    value: str
    hint: str = ""


def words(text: str, colour: str = "") -> Cell:
    """Return a cell of text."""
    return Cell(text, colour=colour)


def number(text: str) -> Cell:
    """Return a cell of digits, aligned to the right."""
    return Cell(text, number=True)


def chart(name: str, options: Mapping[str, object], height_px: int, label: str) -> Chart:
    """Return a chart whose options cannot end their script element, whatever the data says."""
    described = {**options, "aria": {"enabled": True, "label": {"enabled": True, "description": label}}}
    return Chart(f"chart-{name}", safe_json(described), height_px, label)


def safe_json(value: object) -> Markup:
    r"""Write JSON in which no character can be read as markup.

    >>> print(safe_json("</script>&"))
    "\u003c/script\u003e\u0026"
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - every character that markup could use is written as an escape above


def table(name: str, caption: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], kind: str = "") -> Table:
    """Return a table."""
    return Table(f"table-{name}", caption, tuple(head), tuple(tuple(row) for row in rows), kind)
