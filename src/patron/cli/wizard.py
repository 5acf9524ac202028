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


def matches(file: str, profiles: Path | None) -> list[dict[str, Any]]:
    """Return which layouts fit a file, best first."""
    with DuckEngine() as engine:
        seen = records.look(file, engine, records.profiles(settings.read(profiles=profiles).profiles))
    found = records.filled(seen)
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


def make_shop(
    shop: Path, exports: Sequence[str], wish: Wish, *, profiles: Path | None, yes: bool, again: bool = False
) -> None:
    """Write a shop's folder: the Plan, and a profile of its own for files that no shipped profile knows.

    Args:
        shop: the folder.
        exports: files, folders, globs or database tables.
        wish: what the user said of the shop.
        profiles: a folder with source profiles of the user's own.
        yes: accept what is proposed, without asking.
        again: look at the exports of a shop that is there anew; the knobs of its Plan and its shelf stay.

    Raises:
        PlanError: the folder holds a Plan already.
        UnknownLayout: a file is not recognised, and nobody is there to be asked.
        InputError: what `--map` says fits none of the files.
    """
    before = _before(shop, again=again)
    checked_zone(wish.zone or "UTC")
    known = records.profiles(settings.read(profiles=profiles).profiles)
    if wish.profile and wish.profile not in {profile.id for profile in known}:
        raise PlanError.unknown_choice("--profile", wish.profile, (profile.id for profile in known))
    with DuckEngine() as engine:
        seen = {export: records.look(export, engine, known) for export in exports}
    records.filled([file for files in seen.values() for file in files])
    stems: Counter[str] = Counter()
    looked = {export: _looked(_without_empty(files), wish, stems) for export, files in seen.items()}
    everything = [each for files in looked.values() for each in files]
    changes = dict(zip((each.file.where for each in everything), corrections(wish.mapping, everything), strict=True))
    readings = {export: _all_read(files, known, wish, changes, yes=yes) for export, files in looked.items()}
    used = [profile for read in readings.values() for profile in read.values() if profile is not None]
    shop.mkdir(parents=True, exist_ok=True)
    for profile in {profile.id: profile for profile in used if profile.id.startswith(OWN)}.values():
        _save(profile, shop)
    sources = [source for export, read in readings.items() for source in _sources(export, read, wish)]
    _forget(before, sources, shop)
    _write_plan(shop, sources, wish, used, before)
    for trap in dict.fromkeys(trap for profile in used for trap in profile.traps):
        say(f"Note: {trap}")


def _before(shop: Path, *, again: bool) -> flow.Plan | None:
    """Return the Plan that is there and may be made anew; None where there is none."""
    plan = shop / flow.PLAN_FILE
    if not plan.exists():
        return None
    if again:
        return flow.read_plan(plan)
    own = ", ".join(str(path) for path in sorted((shop / _FOLDER).glob(f"{OWN}*.toml")))
    mapping = f", or how columns are read in {own}" if own else ""
    raise PlanError(
        f"{plan} is there already.\n"
        "Next: repeat the command with --again to look at the exports anew (its other knobs and the shelf stay); "
        f"edit [[sources]] in that file{mapping}; or choose another folder."
    )


def _forget(before: flow.Plan | None, sources: Sequence[flow.Source], shop: Path) -> None:
    """Remove the mappings of a Plan that its successor does not name: a file must not be recognised by them again."""
    named = {source.profile for source in sources}
    for old in {source.profile for source in before.sources} - named if before else ():
        path = shop / _FOLDER / f"{old}.toml"
        if old.startswith(OWN) and path.exists():
            path.unlink()
            say(f"Removed {path}: nothing is read by it any more.")


def _without_empty(files: Sequence[Found]) -> list[Found]:
    """Leave out files without a row of data; others of their source, or other sources, have some."""
    for file in files:
        if file.is_empty:
            say(f"{file.where}: left out, it has no row of data")
    return [file for file in files if not file.is_empty]


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


def _write_plan(
    shop: Path,
    sources: Sequence[flow.Source],
    wish: Wish,
    used: Sequence[SourceProfile],
    before: flow.Plan | None,
) -> None:
    if before:
        said = {"zone": wish.zone, "currency": wish.currency}
        cleaning = before.records.model_copy(update={knob: text for knob, text in said.items() if text})
        known = {"name": wish.name or before.name, "sources": tuple(sources), "records": cleaning}
        flow.write_plan(before.model_copy(update=known), shop / flow.PLAN_FILE)
        return
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
