"""What `patron init` and `patron detect` do with files: look, propose, ask, and write it down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from patron import flow, records, settings
from patron.cli.talk import print_rows, say, talk
from patron.engines.duck import DuckEngine
from patron.ground.dates import zone as checked_zone
from patron.ground.errors import InputError, PlanError, UnknownLayout
from patron.records import Found, Proposal, SourceProfile

_OWN = "profiles"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user said of the new shop; empty: to be found out."""

    name: str
    currency: str
    zone: str
    profile: str
    mapping: tuple[str, ...]


def matches(file: Path, profiles: Path | None) -> list[dict[str, Any]]:
    """Return which layouts fit a file, best first."""
    with DuckEngine() as engine:
        found = records.look(str(file), engine, records.profiles(settings.read(profiles=profiles).profiles))
    return [
        {
            "file": each.where,
            "profile": match.profile.id,
            "layout": match.layout.name,
            "confidence": round(match.confidence, 2),
            "why": match.why,
        }
        for each in found
        for match in each.matches[:5]
    ]


def make_shop(shop: Path, exports: Sequence[str], wish: Wish, *, profiles: Path | None, yes: bool) -> None:
    """Write a shop's folder: the Plan, and a profile of its own for files that no shipped profile knows.

    Raises:
        PlanError: the folder holds a Plan already.
        UnknownLayout: a file is not recognised, and nobody is there to be asked.
    """
    if (shop / flow.PLAN_FILE).exists():
        raise PlanError(f"{shop / flow.PLAN_FILE} is there already.\nNext: edit it, or choose another folder.")
    checked_zone(wish.zone or "UTC")
    known = records.profiles(settings.read(profiles=profiles).profiles)
    if wish.profile and wish.profile not in {profile.id for profile in known}:
        raise PlanError.unknown_choice("--profile", wish.profile, (profile.id for profile in known))
    sources, used = [], []
    with DuckEngine() as engine:
        for export in exports:
            chosen = _recognise(records.look(export, engine, known), known, wish, shop, yes=yes)
            used += chosen
            path = export if "://" in export else str(Path(export).expanduser().absolute())
            sources.append(flow.Source(path=path, profile=wish.profile))
    zone = wish.zone or next((profile.zone for profile in used if profile.zone), "UTC")
    currency = wish.currency or next((profile.currency for profile in used if profile.currency), "")
    plan = flow.Plan(
        name=wish.name or shop.resolve().name,
        sources=tuple(sources),
        records=records.RecordSpec(zone=zone, currency=currency),
    )
    shop.mkdir(parents=True, exist_ok=True)
    flow.write_plan(plan, shop / flow.PLAN_FILE)
    for trap in dict.fromkeys(trap for profile in used for trap in profile.traps):
        say(f"Note: {trap}")


def _recognise(
    found: Sequence[Found], known: Sequence[SourceProfile], wish: Wish, shop: Path, *, yes: bool
) -> list[SourceProfile]:
    used = []
    for file in found:
        fits = [match for match in file.matches if match.fits]
        if wish.profile:
            used.append(next(profile for profile in known if profile.id == wish.profile))
        elif fits and not wish.mapping:
            say(f"{file.where}: {fits[0].profile.id} ({fits[0].layout.name}), confidence {fits[0].confidence:.0%}")
            used.append(fits[0].profile)
        elif file.skipped and not wish.mapping:
            say(f"{file.where}: left out, it holds no facts ({file.skipped})")
        else:
            used.append(_map(file, wish, shop, yes=yes))
    return used


def _map(file: Found, wish: Wish, shop: Path, *, yes: bool) -> SourceProfile:
    """Propose a mapping for an unknown file, ask about it, and save it as a profile of the shop's own."""
    proposal = records.propose(file.sample)
    say(f"{file.where}: no profile knows this layout. Its columns seem to mean (one row is one {proposal.level}):")
    _show(proposal)
    changes = dict(_pair(text, file.sample.headers) for text in wish.mapping)
    if not (yes or wish.mapping):
        if not talk.is_terminal:
            raise UnknownLayout(
                f"{file.where}: no profile knows this layout, and there is nobody to ask.\n"
                "Next: accept the proposal with --yes, or correct it with --map canonical=header."
            )
        changes |= _ask(proposal, file.sample.headers)
    profile = records.accept(proposal, f"own-{Path(file.where).stem}", changes)
    folder = shop / _OWN
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{profile.id}.toml").write_text(records.to_toml(profile), encoding="utf-8")
    say(f"Saved the mapping as {folder / (profile.id + '.toml')}; edit it there.")
    return profile


def _show(proposal: Proposal) -> None:
    rows = [
        {"column": g.column, "header": g.header, "confidence": f"{g.confidence:.0%}", "why": g.why}
        for g in proposal.guesses
    ]
    print_rows(rows, ("column", "header", "confidence", "why"))
    for question in proposal.questions:
        say(f"Open: {question}")


def _ask(proposal: Proposal, headers: Sequence[str]) -> dict[str, str]:
    changes: dict[str, str] = {}
    for guess in proposal.guesses:
        if not guess.is_sure:
            said = typer.prompt(f"{guess.column}: which header? (- for none)", default=guess.header, err=True)
            changes[guess.column] = "" if said == "-" else _header(said, headers)
    return changes


def _pair(text: str, headers: Sequence[str]) -> tuple[str, str]:
    column, equals, header = text.partition("=")
    if not equals:
        raise InputError(f"--map {text!r} is not canonical=header.\nWrite for example: --map customer_id=Client")
    return column.strip(), _header(header.strip(), headers) if header.strip() else ""


def _header(said: str, headers: Sequence[str]) -> str:
    if said not in headers:
        raise PlanError.unknown_choice("Header", said, headers)
    return said
