"""Source profiles: what each system's exports look like, as data. Users add their own by pointing at a folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from patron.ground import faults
from patron.ground.dates import zone
from patron.ground.errors import InputError, PlanError
from patron.records.spec import Layout, Pattern, SourceProfile
from patron.records.staging import COLUMNS


def profiles(extra: Path | None = None) -> tuple[SourceProfile, ...]:
    """Return every source profile, sorted by id; one of the user's replaces a shipped one of the same id.

    Args:
        extra: a folder of the user's own profiles, one TOML file each.

    Raises:
        PlanError: a profile is not valid TOML, lacks a key, or names a column that does not exist.

    >>> [profile.id for profile in profiles()][:3]
    ['canonical', 'cdnow', 'complete-journey']
    """
    known = {profile.id: profile for profile in _shipped()}
    known.update({profile.id: profile for profile in _added(extra)} if extra else {})
    return tuple(known[name] for name in sorted(known))


def profile(name: str, extra: Path | None = None) -> SourceProfile:
    """Return the profile of that id.

    >>> profile("cdnow").layouts[0].level
    'order'
    """
    known = {each.id: each for each in profiles(extra)}
    if name not in known:
        raise PlanError.unknown_choice("Source profile", name, known)
    return known[name]


def parse(text: str, where: str) -> SourceProfile:
    """Read one profile from TOML text; `where` names it in errors."""
    try:
        found = SourceProfile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"{where} is not valid TOML: {error}.\nNext: correct that line.") from error
    except ValidationError as error:
        lines = faults.spoken(SourceProfile, error.errors())
        raise PlanError(
            faults.listed(where, lines, "correct it; `patron profiles` lists profiles that work.")
        ) from error
    for index, layout in enumerate(found.layouts, 1):
        for key, problem in _problems(layout):
            raise PlanError(f"{where}: key 'layouts[{index}].{key}' (layout {layout.name!r}): {problem}")
    _check_zone(found, where)
    return found


@cache
def _shipped() -> tuple[SourceProfile, ...]:
    folder = resources.files("patron.records") / "profiles"
    return tuple(parse(file.read_text("utf-8"), file.name) for file in folder.iterdir() if file.name.endswith(".toml"))


def _added(folder: Path) -> Iterator[SourceProfile]:
    if not folder.is_dir():
        raise PlanError(f"{folder} is not a folder.\nNext: name the folder that holds your profiles (*.toml).")
    for file in sorted(folder.glob("*.toml")):
        try:
            yield parse(file.read_text("utf-8"), str(file))
        except (OSError, UnicodeDecodeError) as error:
            raise PlanError(f"{file} cannot be read as UTF-8 text: {error}.\nNext: correct or remove it.") from error


def _check_zone(found: SourceProfile, where: str) -> None:
    try:
        zone(found.zone or "UTC")
    except InputError as error:
        raise PlanError(f"{where}: key 'zone': {error}") from error


def _problems(layout: Layout) -> Iterator[tuple[str, str]]:
    known = COLUMNS[layout.level]
    named = {"columns": list(layout.columns), "constants": list(layout.constants), "values": list(layout.values)}
    for key, names in named.items():
        for name in names:
            if name not in known:
                yield f"{key}.{name}", str(PlanError.unknown_choice("Column", name, known))
    for name in layout.fill_down:
        if name not in known:
            yield "fill_down", str(PlanError.unknown_choice("Column", name, known))
    if not layout.header and not (layout.names and layout.looks):
        yield "names", "a file without headers needs `names` for its columns and `looks` to be recognised by."
    if layout.header and not layout.require:
        yield "require", "name at least one header to recognise the file by."
    yield from _bad_patterns(layout)


def _bad_patterns(layout: Layout) -> Iterator[tuple[str, str]]:
    lists: dict[str, tuple[Pattern, ...]] = {
        "cancellations": layout.cancellations,
        "non_products": layout.non_products,
        "tests": layout.tests,
    }
    texts = [(f"{key}.matches", pattern.matches) for key, found in lists.items() for pattern in found]
    for key, text in [*texts, *((f"looks.{name}", text) for name, text in layout.looks.items())]:
        try:
            re.compile(text)
        except re.error as error:
            yield key, f"{text!r} is not a regular expression: {error}."
