"""What `patron init` and `patron detect` do with files: look, say how each is read, and write it down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patron import flow, records, settings
from patron.cli.columns import Looked, ask, can_ask, corrections, show
from patron.cli.talk import say
from patron.engines.duck import DuckEngine
from patron.ground.dates import zone as checked_zone
from patron.ground.errors import PlanError, UnknownLayout
from patron.records import Found, Match, SourceProfile

OWN = "own-"
_FOLDER = "profiles"


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
        InputError: what `--map` says fits none of the files.
    """
    if (shop / flow.PLAN_FILE).exists():
        raise PlanError(f"{shop / flow.PLAN_FILE} is there already.\nNext: edit it, or choose another folder.")
    checked_zone(wish.zone or "UTC")
    known = records.profiles(settings.read(profiles=profiles).profiles)
    if wish.profile and wish.profile not in {profile.id for profile in known}:
        raise PlanError.unknown_choice("--profile", wish.profile, (profile.id for profile in known))
    with DuckEngine() as engine:
        stems: Counter[str] = Counter()
        looked = {export: _looked(records.look(export, engine, known), wish, stems) for export in exports}
    everything = [each for files in looked.values() for each in files]
    changes = dict(zip((each.file.where for each in everything), corrections(wish.mapping, everything), strict=True))
    readings = {export: _all_read(files, known, wish, changes, yes=yes) for export, files in looked.items()}
    used = [profile for read in readings.values() for profile in read.values() if profile is not None]
    shop.mkdir(parents=True, exist_ok=True)
    for profile in {profile.id: profile for profile in used if profile.id.startswith(OWN)}.values():
        _save(profile, shop)
    sources = [source for export, read in readings.items() for source in _sources(export, read, wish)]
    _write_plan(shop, sources, wish, used)
    for trap in dict.fromkeys(trap for profile in used for trap in profile.traps):
        say(f"Note: {trap}")


def _looked(files: Sequence[Found], wish: Wish, stems: Counter[str]) -> list[Looked]:
    """Say of each file what it is; `stems` counts the names seen, so that each mapping has an id of its own."""
    found = []
    for file in files:
        match, stem = _match(file, wish), Path(file.where).stem
        stems[stem] += 1
        own_id = f"{OWN}{stem}" + (f"-{stems[stem]}" if stems[stem] > 1 else "")
        proposal = records.explain(file.sample, match) if match else records.propose(file.sample)
        found.append(Looked(file, match, proposal, own_id))
    return found


def _all_read(
    files: Sequence[Looked],
    known: Sequence[SourceProfile],
    wish: Wish,
    changes: Mapping[str, Mapping[str, str]],
    *,
    yes: bool,
) -> dict[str, SourceProfile | None]:
    """Return each file's profile; files with the same columns are read alike, and asked about once."""
    alike: dict[tuple[str, ...], SourceProfile | None] = {}
    for each in files:
        if each.file.sample.headers not in alike:
            read = _read(each, known, wish, changes[each.file.where], yes=yes)
            alike[each.file.sample.headers] = read
    return {each.file.where: alike[each.file.sample.headers] for each in files}


def _sources(export: str, read: Mapping[str, SourceProfile | None], wish: Wish) -> list[flow.Source]:
    """Return an export as the Plan names it; one with files read by a profile of the shop's own, file by file."""
    own = {where: profile.id for where, profile in read.items() if profile and profile.id.startswith(OWN)}
    if len(own) == len(read) and len(set(own.values())) == 1:
        return [flow.Source(path=_absolute(export), profile=next(iter(own.values())))]
    if not own or any(not Path(where).exists() for where in read):
        return [flow.Source(path=_absolute(export), profile=wish.profile)]
    return [flow.Source(path=_absolute(where), profile=own.get(where, wish.profile)) for where in read]


def _absolute(export: str) -> str:
    return export if "://" in export else str(Path(export).expanduser().absolute())


def _write_plan(shop: Path, sources: Sequence[flow.Source], wish: Wish, used: Sequence[SourceProfile]) -> None:
    zone = wish.zone or next((profile.zone for profile in used if profile.zone), "UTC")
    currency = wish.currency or next((profile.currency for profile in used if profile.currency), "")
    plan = flow.Plan(
        name=wish.name or shop.resolve().name,
        sources=tuple(sources),
        records=records.RecordSpec(zone=zone, currency=currency),
    )
    flow.write_plan(plan, shop / flow.PLAN_FILE)


def _read(
    looked: Looked, known: Sequence[SourceProfile], wish: Wish, changes: Mapping[str, str], *, yes: bool
) -> SourceProfile | None:
    """Say how a file will be read, ask where somebody is there to answer, and return the profile that reads it so."""
    file, match, proposal = looked.file, looked.match, looked.proposal
    if wish.profile and match is None:
        return next(profile for profile in known if profile.id == wish.profile)
    if match is None and file.skipped and not changes:
        say(f"{file.where}: left out, it holds no facts ({file.skipped})")
        return None
    if match:
        say(f"{file.where}: {match.profile.id} ({match.layout.name}), confidence {match.confidence:.0%}")
    else:
        say(f"{file.where}: no profile knows this layout. It seems that one row is one {proposal.level}:")
    show(proposal, file.sample, changes)
    mine = dict(changes) if yes else _asked(looked, changes, has_map=bool(wish.mapping))
    if match is None:
        return records.accept(proposal, looked.own_id, mine)
    return records.amend(match, looked.own_id, mine) if mine else match.profile


def _match(file: Found, wish: Wish) -> Match | None:
    """Return the layout that the file has: the best that fits, of the profile that was asked for."""
    fits = (match for match in file.matches if match.fits and wish.profile in {"", match.profile.id})
    return next(fits, None)


def _asked(looked: Looked, changes: Mapping[str, str], *, has_map: bool) -> dict[str, str]:
    if can_ask():
        return ask(looked.proposal, looked.file.sample, changes)
    if looked.match is None and not has_map:
        raise UnknownLayout(
            f"{looked.file.where}: no profile knows this layout, and there is nobody to ask.\n"
            "Next: accept the proposal with --yes, or correct it with --map, as in --map customer_id=Client."
        )
    return dict(changes)


def _save(profile: SourceProfile, shop: Path) -> None:
    path = shop / _FOLDER / f"{profile.id}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(records.to_toml(profile), encoding="utf-8")
    say(f"Saved how it is read as {path}; edit it there.")
