"""The segment schemes of a shop's own: files that its Plan names, read and checked whole before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from patron import segments
from patron.ground.errors import PlanError
from patron.segments import RuleSpec, Scheme


def own_schemes(rules: RuleSpec, home: Path) -> tuple[Scheme, ...]:
    """Read the shop's own schemes, whose files are named relative to the Plan's folder `home`.

    Raises:
        PlanError: one is not there or not a whole scheme, or two have one key.
    """
    found = tuple(segments.load_scheme(home / path) for path in rules.own_schemes)
    names = [scheme.name for scheme in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        files = ", ".join(
            str(home / path) for path, name in zip(rules.own_schemes, names, strict=True) if name in twice
        )
        raise PlanError(
            f"segments.rules.own_schemes: {files} have the same key {twice[0]!r}.\n"
            "Expected each key once.\nNext: change it in one of them."
        )
    return found


def own_names(said: Any, home: Path) -> list[str]:
    """Return what a Plan's own schemes are called, also with their versions.

    Args:
        said: the Plan as TOML reads it; where its rules are not understood there are none, and the Plan's own check
            says why.
        home: the Plan's folder.
    """
    try:
        rules = RuleSpec.model_validate(said["segments"]["rules"])
    except (KeyError, TypeError, ValidationError):
        return []
    return [name for scheme in own_schemes(rules, home) for name in (scheme.name, scheme.card.key)]
