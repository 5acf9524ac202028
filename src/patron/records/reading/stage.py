"""Staging: find the files, recognise each one, read all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from patron.engines.duck import DuckEngine
from patron.engines.files import forget
from patron.engines.files import view as named
from patron.engines.objects import fetched, is_object
from patron.ground.errors import EmptyInput, UnknownLayout
from patron.records.detection import Match, Sample, choose, detect, ignored
from patron.records.reading.canonical import canonical, visible
from patron.records.reading.columnar import open_database
from patron.records.reading.kinds import find_files, is_address, is_known, open_file
from patron.records.reading.objects import addressed
from patron.records.reading.opened import Opened, View
from patron.records.reading.repeated import check_repeated
from patron.records.reading.survey import survey
from patron.records.spec import SourceProfile
from patron.records.staging import StagedFile


@dataclass(frozen=True, slots=True)
class Found:
    """One file, sheet or database table and what it was recognised as."""

    where: str
    digest: str
    sample: Sample
    matches: tuple[Match, ...]  # every layout with something in common, best first
    skipped: str = ""  # why nothing is read from it: a known file without facts
    is_empty: bool = False  # it has no row of data; `skipped` is the refusal in words


def look(source: str | Path, engine: DuckEngine, profiles: Sequence[SourceProfile]) -> list[Found]:
    """Say what each file of a source is, without reading all of it.

    Raises:
        UnreadableFile: a file cannot be opened.
        EmptyInput: a folder holds no file. A file without a row is returned, as empty; see `filled`.
    """
    found = []
    for opened in _open_all(source, engine):
        try:
            found.append(_found(_opened(opened), profiles))
        except EmptyInput as error:
            found.append(Found(opened.where, "", Sample(()), (), str(error), is_empty=True))
    return found


def filled(found: Sequence[Found]) -> list[Found]:
    """Return the files that have a row of data.

    Raises:
        EmptyInput: not one of them has.
    """
    kept = [file for file in found if not file.is_empty]
    if found and not kept:
        raise EmptyInput(found[0].skipped)
    return kept


def stage(
    source: str | Path,
    engine: DuckEngine,
    profiles: Sequence[SourceProfile],
    profile_id: str = "",
    home: tuple[str, str] = ("UTC", ""),
    only: Collection[str] | None = None,
) -> list[StagedFile]:
    """Read a file, a folder, a glob or a database table into canonical, typed columns.

    Args:
        source: a path, a folder or a glob, here or in an object store (`s3://bucket/exports/*.csv`); or
            `postgresql://user@host/database?table=name` (or `…::name`).
        engine: where the rows go.
        profiles: the layouts to recognise files by.
        profile_id: read everything with this profile; empty: each file is recognised by itself.
        home: IANA time zone of times that carry none, and ISO code of amounts that carry none, where the profile does
            not say.
        only: digests of the files wanted; None: every file.

    Returns:
        One staged file for each file (each sheet of a workbook) that holds facts, in the order of their names.

    Raises:
        UnreadableFile: a file cannot be opened, decoded or parsed.
        EmptyInput: no file has a row of data; one that has none beside others is left out.
        UnknownLayout: no profile fits, or two fit equally well.
        MissingColumns: the profile asked for needs columns that are not there.
    """
    staged, skipped, empty = [], [], []
    for each in _open_all(source, engine):
        if only is not None and not isinstance(each, _Empty) and each.digest not in only:
            continue
        try:
            opened = _opened(each)
            known = "" if profile_id or _fits(opened, profiles) else _skipped(opened, profiles)
            if known:
                skipped.append(f"{opened.where} ({known})")
            else:
                staged.append(_stage(opened, engine, profiles, profile_id, home))
        except EmptyInput as error:
            empty.append(error)
    if empty and not staged:
        raise empty[0]
    if not staged and only is None:
        raise UnknownLayout(
            f"{source} is recognised, but holds no orders, events, products or customers: {', '.join(skipped)}.\n"
            "Next: name the folder, or the file, that holds the orders."
        )
    return staged


@dataclass(frozen=True, slots=True)
class _Empty:
    where: str
    error: EmptyInput


def _opened(opened: Opened | _Empty) -> Opened:
    if isinstance(opened, _Empty):
        raise opened.error
    return opened


def _open_all(source: str | Path, engine: DuckEngine) -> Iterator[Opened | _Empty]:
    if isinstance(source, str) and is_object(source):
        yield from _open_objects(source, engine)
        return
    if is_address(source):
        yield open_database(str(source), engine)
        return
    files = find_files(source)
    for file in files:
        try:
            yield from open_file(file)
        except EmptyInput as error:
            yield _Empty(str(file), error)


def _open_objects(source: str, engine: DuckEngine) -> Iterator[Opened | _Empty]:
    for copy, address in fetched(engine, source, lambda name: is_known(Path(name))).items():
        try:
            yield from addressed(open_file, copy, address)
        except EmptyInput as error:
            yield _Empty(address, error)


def _stage(
    opened: Opened, engine: DuckEngine, profiles: Sequence[SourceProfile], profile_id: str, home: tuple[str, str]
) -> StagedFile:
    view = _best_view(opened, profiles, profile_id)
    match = choose(view.sample, profiles, opened.where, profile_id)
    check_repeated(view.sample, match, opened.where)
    rows = view.read(engine, match)
    zone, currency = home
    found = survey(rows, match, view.sample, match.profile.zone or zone, opened.where, engine)
    table = canonical(rows, match, found, currency, engine)
    table = named(engine, table) if rows.lazy else engine.keep(table)
    forget(engine, rows.copies)
    count = engine.count(rows.table if rows.lazy else table)
    if not count:
        raise _header_only(opened.where, view.sample)
    shown = named(engine, visible(table, rows, match))
    return StagedFile(opened.where, opened.digest, match.profile, match.layout, shown, count)


def _best_view(opened: Opened, profiles: Sequence[SourceProfile], profile_id: str) -> View:
    """Return the way to see the file in which a layout fits best; the first one where none fits."""
    allowed = [profile for profile in profiles if not profile_id or profile.id == profile_id]
    scores = [max((m.confidence for m in detect(view.sample, allowed) if m.fits), default=0.0) for view in opened.views]
    return opened.views[scores.index(max(scores))]


def _fits(opened: Opened, profiles: Sequence[SourceProfile]) -> bool:
    return any(match.fits for view in opened.views for match in detect(view.sample, profiles))


def _skipped(opened: Opened, profiles: Sequence[SourceProfile]) -> str:
    return next((name for view in opened.views if (name := ignored(view.sample, profiles))), "")


def _header_only(where: str, sample: Sample) -> EmptyInput:
    return EmptyInput(
        f"{where} is empty: it has the header {', '.join(sample.headers)}, but no row of data.\n"
        "Next: export it again with its rows, or leave it out."
    )


def _found(opened: Opened, profiles: Sequence[SourceProfile]) -> Found:
    sample = _best_view(opened, profiles, "").sample
    if sample.named and not sample.rows:
        raise _header_only(opened.where, sample)
    matches = tuple(detect(sample, profiles))
    if matches and matches[0].fits:
        check_repeated(sample, matches[0], opened.where)
    skipped = "" if any(match.fits for match in matches) else _skipped(opened, profiles)
    return Found(opened.where, opened.digest, sample, matches, skipped)
