"""A scheme as people write it, in TOML: every key checked, so that a slip is answered with its place."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from patron.ground import faults
from patron.segments.methods.score_rules import Box

AXES = ("r", "f", "m", "fm")
LADDERS = ("lifecycle", "value_tiers", "value_percentiles")
_KEY = re.compile(r"^[a-z][a-z0-9_]*$")
_COLOUR = re.compile(r"^(#[0-9a-f]{6})?$")


def _key(said: str) -> str:
    if not _KEY.match(said):
        raise ValueError(f"{faults.shown(said)} came; expected small letters, digits and _, such as at_risk")
    return said


def _colour(said: str) -> str:
    if not _COLOUR.match(said):
        raise ValueError(f'{faults.shown(said)} came; expected six digits after #, such as "#0b6e4f"')
    return said


def _box(said: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    for axis, (low, high) in said.items():
        faults.named(axis, AXES, f"one of {', '.join(AXES)}")
        if low > high:
            raise ValueError(f"{axis} = [{low}, {high}] came; expected the lowest score first")
    if not said:
        raise ValueError("a rule without scores came; expected such as { r = [4, 5], fm = [1, 2] }")
    return said


Key = Annotated[str, AfterValidator(_key)]
Words = Annotated[str, Field(min_length=1)]


class _Page(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SegmentPage(_Page):
    """One segment of a scheme: what people call it, and which scores belong to it."""

    key: Key = Field(description="Stable name, in files and tables.")
    name_en: Words = Field(description="What people call it.")
    name_zh: Words = Field(description="The same in Chinese.")
    meaning_en: Words = Field(description="One sentence on who is in it.")
    meaning_zh: Words = Field(description="The same in Chinese.")
    colour: Annotated[str, AfterValidator(_colour)] = Field("", description="'#rrggbb'; empty: the report chooses.")
    export_name: str = Field("", description="Neutral name for files that leave the shop; empty: key and a letter.")
    rules: tuple[Annotated[dict[str, tuple[int, int]], AfterValidator(_box)], ...] = Field(
        (), description="Boxes of lowest and highest score per axis, such as { r = [4, 5], fm = [1, 2] }."
    )
    codes: tuple[str, ...] = Field((), description='Scores of R, F and M one by one, such as ["333", "323"].')

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Rules and codes alike as boxes."""
        return (*self.rules, *({axis: (int(s), int(s)) for axis, s in zip("rfm", c, strict=True)} for c in self.codes))


class SchemePage(_Page):
    """One whole scheme."""

    key: Key = Field(description="Name, without its version.")
    version: int = Field(ge=1, description="Raise it when a rule changes: every published row carries it.")
    name_en: Words = Field(description="What people call it.")
    name_zh: Words = Field(description="The same in Chinese.")
    meaning_en: Words = Field(description="What it is, in a sentence or two.")
    meaning_zh: Words = Field(description="The same in Chinese.")
    reads: Literal["scores", "high_low", "lifecycle", "value_tiers", "value_percentiles"] = Field(
        description="Scores; high (1) or low (0) each; or stages and tiers that have no cells."
    )
    scores: int = Field(5, ge=2, le=9, description="Scores go from 1 to this, the best.")
    money: Literal["total", "mean_order"] = Field("total", description="What M is: revenue so far, or the mean order.")
    match: Literal["only", "first"] = Field("only", description="Each cell in one segment, or the first that holds.")
    fallback: str = Field("", description="Key of the segment of whatever no rule covers; empty: nothing may be left.")
    one_order_cap: StrictBool = Field(False, description="Whether the Plan's one_order_cap applies to it.")
    at_risk: str = Field("", description="Key of the segment of the overdue, where personal_cadence applies to it.")
    segments: tuple[SegmentPage, ...] = Field(min_length=1, description="Best first.")

    @property
    def values(self) -> tuple[int, ...]:
        """The scores that a cell can have, ascending."""
        return (0, 1) if self.reads == "high_low" else tuple(range(1, self.scores + 1))

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        keys = [segment.key for segment in self.segments]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"two segments have the key {twice[0]!r}; expected each key once")
        for name in ("fallback", "at_risk"):
            if said := getattr(self, name):
                _named(name, said, keys)
        for segment in self.segments:
            self._check_scores(segment)
            if self.reads not in LADDERS and not segment.boxes and segment.key != self.fallback:
                raise ValueError(f"{segment.key!r} has no rules and no codes; expected at least one, or fallback")
        return self

    def _check_scores(self, segment: SegmentPage) -> None:
        lowest, highest = min(0, self.values[0]), self.values[-1]
        for axis, (low, high) in ((axis, box[axis]) for box in segment.rules for axis in box):
            if low < lowest or high > highest:
                raise ValueError(f"{segment.key!r}, {axis} = [{low}, {high}] came; expected scores up to {highest}")
        for code in segment.codes:
            if len(code) != 3 or any(not c.isdigit() or int(c) not in self.values for c in code):
                raise ValueError(f"{segment.key!r}, code {faults.shown(code)} came; expected {_codes(self.values)}")


def _named(name: str, said: str, keys: list[str]) -> Any:
    try:
        return faults.named(said, keys, f"the key of one of its segments ({', '.join(keys)})")
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def _codes(values: tuple[int, ...]) -> str:
    return f'R, F and M from {values[0]} to {values[-1]}, such as "{values[-1]}{values[0]}{values[-1]}"'
