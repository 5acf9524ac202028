"""Gates: what each output needs before it is published, with what warning, and the source of every number.

The table is `gates.toml`. Rooms measure the facts, `rule` compares, and every ruling becomes a row of `quality`
(measure `gate`), which the report and the closing words of a run read.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from patron.ground.errors import ContractBroken

MEASURE = "gate"
Status = Literal["allowed", "warned", "refused"]
_LEVELS: Mapping[Status, str] = {"allowed": "good", "warned": "fair", "refused": "refused"}


@dataclass(frozen=True, slots=True)
class Need:
    """One fact that an output needs so much of, and where the numbers come from; 0: no such limit."""

    fact: str
    source: str
    refused_below: float = 0.0
    warned_below: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """One output: the room that makes it, what it needs, and the columns of the forecasts table that it fills."""

    output: str
    room: str
    needs: tuple[Need, ...]
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether an output is published; `fact` decided, it was `found` where `needed` is wanted (empty if allowed)."""

    output: str
    status: Status
    fact: str = ""
    found: float = 0.0
    needed: float = 0.0

    def to_parts(self) -> list[Any]:
        """Return the ruling as a plain list."""
        return [self.output, self.status, self.fact, self.found, self.needed]

    def row(self, room: str, scope: str = "") -> dict[str, Any]:
        """Return the ruling as a row of the `quality` table.

        Args:
            room: whose output it is.
            scope: what stands before the output in `slice`, such as "90d/".
        """
        word = _LEVELS[self.status]
        row: dict[str, Any] = {"room": room, "measure": MEASURE, "slice": f"{scope}{self.output}"}
        if self.status == "allowed":
            return row | {"verdict": f"{word}: allowed", "reason": json.dumps({"key": "gate_allowed"})}
        said = f"{word}: {self.fact} is {self.found:g}, and {self.needed:g} or more are needed"
        reason = {"key": f"gate_{self.fact}_{self.status}", "found": self.found, "needed": self.needed}
        numbers = {"value": self.found, "baseline": self.needed}
        return row | numbers | {"verdict": said, "reason": json.dumps(reason)}


@cache
def gates() -> Mapping[str, Gate]:
    """Return every gate by the name of its output."""
    said = tomllib.loads(files("patron.contracts").joinpath("gates.toml").read_text(encoding="utf-8"))
    found = [
        Gate(one["output"], one["room"], tuple(Need(**need) for need in one["needs"]), tuple(one.get("columns", ())))
        for one in said["gate"]
    ]
    return {gate.output: gate for gate in found}


def of_room(room: str) -> tuple[Gate, ...]:
    """Return the gates of one room's outputs."""
    return tuple(gate for gate in gates().values() if gate.room == room)


def need(output: str, fact: str) -> Need:
    """Return what an output needs of one fact."""
    return next(one for one in gates()[output].needs if one.fact == fact)


def rule(gate: Gate, facts: Mapping[str, float]) -> Ruling:
    """Compare what is there with what an output needs.

    Raises:
        ContractBroken: a fact that the gate needs was not measured.
    """
    missing = [one.fact for one in gate.needs if one.fact not in facts]
    if missing:
        raise ContractBroken(f"The gate of {gate.output!r} needs {missing}, and the room measured {sorted(facts)}.")
    for one in gate.needs:
        if facts[one.fact] < one.refused_below:
            return Ruling(gate.output, "refused", one.fact, float(facts[one.fact]), one.refused_below)
    for one in gate.needs:
        if facts[one.fact] < one.warned_below:
            return Ruling(gate.output, "warned", one.fact, float(facts[one.fact]), one.warned_below)
    return Ruling(gate.output, "allowed")
