"""Rule schemes: versioned data, one TOML file each, read into total functions over all cells of scores.

Those that come with Patron lie beside this page; a shop's own are files of the same form, named in its Plan.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import ValidationError

from patron.contracts.cards import SchemeCard
from patron.ground import faults
from patron.ground.errors import PlanError
from patron.segments.methods.score_rules import CellTable, compile_rules, told_cells
from patron.segments.schemes.page import LADDERS, SchemePage
from patron.segments.schemes.wording import card_of

SCHEMES = (
    "classic11", "cn8", "community10", "putler11", "shopify11", "klaviyo6", "pymc5",
    "lifecycle", "value_tiers", "value_percentiles",
)  # fmt: skip
RESERVED = (*SCHEMES, "learned", "k_means")
_NEXT = "correct it there; docs/dictionary/schemes.md says what each key takes."


@dataclass(frozen=True, slots=True)
class Scheme:
    """One rule scheme.

    Args:
        name: without its version, such as "classic11".
        card: what people see; `card.key` carries the version, such as "classic11-1".
        reads: what it is read off: "scores", "high_low", or the ladder of that name.
        export_names: neutral names for files that leave the shop, one per segment.
        said: the TOML that it was made of.
    """

    name: str
    card: SchemeCard
    reads: str
    export_names: tuple[str, ...]
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GridScheme(Scheme):
    """A scheme over cells of scores, compiled.

    Args:
        table: the segment of every cell, by its position in `card.segments`.
        n_scores: scores go from 1 to this; high (1) and low (0) for "high_low".
        money: what M is.
        reads_money: whether any of its rules looks at M.
        has_one_order_cap: whether "exactly one order reads as fm = 1" is an option of it.
        at_risk: position of the segment that personal cadence moves the overdue to; None: it has none.
    """

    table: CellTable
    n_scores: int
    money: Literal["total", "mean_order"]
    reads_money: bool
    has_one_order_cap: bool
    at_risk: int | None


@cache
def read(name: str) -> Scheme:
    """Read one of the schemes that come with Patron.

    >>> read("classic11").card.segments[0].name_en
    'Champions'
    """
    if name not in SCHEMES:
        raise PlanError.unknown_choice("Segment scheme", name, SCHEMES)
    text = (resources.files("patron.segments.schemes") / f"{name}.toml").read_text(encoding="utf-8")
    return parse(tomllib.loads(text), where=f"scheme {name}")


def shipped() -> tuple[Scheme, ...]:
    """Return every scheme that comes with Patron.

    >>> [scheme.name for scheme in shipped()][:2]
    ['classic11', 'cn8']
    """
    return tuple(read(name) for name in SCHEMES)


def load(path: Path) -> Scheme:
    """Read a scheme of the shop's own.

    Args:
        path: a TOML file of the form that docs/dictionary/schemes.md shows.

    Raises:
        PlanError: it is not there, not TOML, not a whole scheme, or has the name of one that comes with Patron.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PlanError(f"{path} is not there.\nNext: correct `own_schemes` in the Plan, or write it.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(f"{path} cannot be read: {error}.\nExpected TOML.\nNext: correct that line.") from error
    scheme = parse(said, where=str(path))
    if scheme.name in RESERVED or scheme.reads in LADDERS:
        raise PlanError(
            f"{path}: key = {scheme.name!r}, reads = {scheme.reads!r} came; expected a key of your own (not one of "
            f"{', '.join(RESERVED)}) and scores or high_low.\nNext: correct it there."
        )
    return scheme


def parse(said: Mapping[str, Any], *, where: str) -> Scheme:
    """Turn a scheme's TOML into a scheme.

    Raises:
        PlanError: a key is missing or not known, a rule is not understood, or a cell is covered by no segment or,
            where `match = "only"`, by two.
    """
    try:
        page = SchemePage.model_validate(said)
    except ValidationError as error:
        raise PlanError(faults.listed(where, faults.spoken(SchemePage, error.errors()), _NEXT)) from error
    names = tuple(it.export_name or f"{page.key}_{i + 1}" for i, it in enumerate(page.segments))
    if page.reads in LADDERS:
        return Scheme(page.key, card_of(page), page.reads, names, said)
    keys = [segment.key for segment in page.segments]
    return GridScheme(
        name=page.key,
        card=card_of(page),
        reads=page.reads,
        export_names=names,
        said=said,
        table=_table(page, keys, where),
        n_scores=page.scores,
        money=page.money,
        reads_money=any(axis in box for it in page.segments for box in it.boxes for axis in ("m", "fm")),
        has_one_order_cap=page.one_order_cap,
        at_risk=keys.index(page.at_risk) if page.at_risk else None,
    )


def _table(page: SchemePage, keys: list[str], where: str) -> CellTable:
    fallback = keys.index(page.fallback) if page.fallback else None
    try:
        table = compile_rules([segment.boxes for segment in page.segments], fallback, page.values)
    except ValueError as error:
        raise PlanError(
            f"{where} is not a whole scheme: {error}.\nExpected every cell in one segment.\n"
            "Next: widen a rule, or name a segment as `fallback` for what is left."
        ) from error
    if page.match == "only" and table.matches.max() > 1:
        both = table.matches > 1
        first = np.flatnonzero(table.held[(slice(None), *np.argwhere(both)[0])])
        raise PlanError(
            f"{where}: {told_cells(both, page.values)} belongs to two segments, {keys[first[0]]!r} and "
            f"{keys[first[1]]!r}, but match = 'only'.\nExpected every cell in one segment.\n"
            "Next: narrow one of them, or say match = 'first' to let the upper one win."
        )
    return table
