"""Rule schemes: versioned data, one TOML file each, read into total functions over all cells of scores."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.ground.errors import PlanError
from patron.segments.methods.score_rules import CellTable, compile_rules

SCHEMES = ("classic11", "cn8", "community10", "putler11")
SCORES = (1, 2, 3, 4, 5)
_CELLS = {"scores": SCORES, "high_low": (0, 1)}


@dataclass(frozen=True, slots=True)
class Scheme:
    """One rule scheme, compiled.

    Args:
        name: without its version, such as "classic11".
        card: what people see; `card.key` carries the version, such as "classic11-1".
        reads: "scores" (1-5 each) or "high_low" (0 or 1 each).
        has_one_order_cap: whether "exactly one order reads as fm = 1" is an option of it.
        export_names: neutral names for files that leave the shop, one per segment.
        table: the segment of every cell, by its position in `card.segments`.
    """

    name: str
    card: SchemeCard
    reads: Literal["scores", "high_low"]
    has_one_order_cap: bool
    export_names: tuple[str, ...]
    table: CellTable


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


def parse(said: dict[str, Any], *, where: str) -> Scheme:
    """Turn a scheme's TOML into a compiled scheme.

    Raises:
        PlanError: a key is missing, a rule is not understood, or a cell is covered by no segment or, where
            `match = "only"`, by two.
    """
    try:
        segments = said["segments"]
        keys = [segment["key"] for segment in segments]
        rules = [[{axis: (box[axis][0], box[axis][1]) for axis in box} for box in it["rules"]] for it in segments]
        fallback = keys.index(said["fallback"]) if "fallback" in said else None
        table = compile_rules(rules, fallback, _CELLS[said["reads"]])
        scheme = Scheme(
            said["key"],
            _card(said),
            said["reads"],
            bool(said.get("one_order_cap", False)),
            tuple(segment["export_name"] for segment in segments),
            table,
        )
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise PlanError(
            f"{where} is not a whole scheme: {error}.\nNext: compare it with one that is shipped."
        ) from error
    if said["match"] == "only" and table.matches.max() > 1:
        raise PlanError(f"{where}: some cell belongs to two segments, but match = 'only'.\nNext: use match = 'first'.")
    return scheme


def _card(said: dict[str, Any]) -> SchemeCard:
    segments = tuple(
        SegmentCard(
            key=it["key"],
            name_en=it["name_en"],
            name_zh=it["name_zh"],
            meaning_en=it["meaning_en"],
            meaning_zh=it["meaning_zh"],
            colour=it["colour"],
            order=order,
        )
        for order, it in enumerate(said["segments"])
    )
    return SchemeCard(
        key=f"{said['key']}-{said['version']}",
        name_en=said["name_en"],
        name_zh=said["name_zh"],
        meaning_en=said["meaning_en"],
        meaning_zh=said["meaning_zh"],
        segments=segments,
    )
