"""Exports to facts: new and changed files join what is there; the same file again changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from patron import records
from patron.contracts.accounts import LEDGER
from patron.contracts.facts import FACTS
from patron.engines.duck import write_arrow
from patron.engines.engine import Engine
from patron.engines.shelf import digest
from patron.flow.desk import Desk, Made, code_of
from patron.flow.stages import earlier
from patron.ground.dates import now
from patron.ground.errors import PlanError
from patron.records import Found, Imported, SourceProfile, StagedFile

_MANIFEST = "import.json"


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts as they stand after an import, and the accounts of the rows of all imports."""

    made: Made
    empty_files: tuple[str, ...] = ()  # names of the Plan's files that now have no row of data

    @property
    def manifest(self) -> dict[str, Any]:
        """Which files these facts were made of, by which rules, and how the rows were counted."""
        said: dict[str, Any] = json.loads((self.made.folder / _MANIFEST).read_text(encoding="utf-8"))
        return said

    @property
    def rows_read(self) -> int:
        """Input rows of all imports."""
        return int(sum(self.ledger()["row_count"].to_pylist()))

    @property
    def rows_rejected(self) -> int:
        """Input rows of all imports that are no facts."""
        return self.outcomes.get("rejects", 0)

    @property
    def outcomes(self) -> dict[str, int]:
        """Input rows of all imports by what they became: a fact table or 'rejects'."""
        counts = self.ledger().group_by("outcome").aggregate([("row_count", "sum")])
        return dict(zip(counts["outcome"].to_pylist(), counts["row_count_sum"].to_pylist(), strict=True))

    @property
    def imports(self) -> dict[str, int]:
        """The rows that each import read, by its id."""
        return {entry["source"]: entry["rows_read"] for entry in self.manifest["imports"]}

    def ledger(self) -> Any:
        """Return where the rows of all imports are."""
        return pq.read_table(self.made.folder / "ledger.parquet")

    def tables(self, engine: Engine) -> dict[str, ir.Table]:
        """Return the fact tables that have rows."""
        there = [name for name in FACTS if (self.made.folder / f"{name}.parquet").exists()]
        return {name: engine.parquet(self.made.folder / f"{name}.parquet") for name in there}


@dataclass(frozen=True, slots=True)
class _File:
    source: str  # as the Plan says it
    where: str
    profile: str
    digest: str
    mapped: tuple[str, ...]  # the columns that its layout finds a header or a constant for


def make(desk: Desk, pseudonym_key: bytes, profiles: Path | None) -> Facts:
    """Import what is new among the Plan's sources.

    Files whose bytes have been imported before are left alone. When the rules of cleaning have changed since, all files
    are imported again; if one of them is gone, the facts it gave are kept and only new files are added.
    """
    layouts = records.profiles(profiles)
    files, empty = _files(desk, layouts)
    rules = _rules(desk, pseudonym_key, profiles)
    before = _current(desk)
    known = {entry["digest"] for entry in before.manifest["files"]} if before else set()
    again = before is not None and _is_read_otherwise(before, files, rules) and known <= {file.digest for file in files}
    base = None if again else before
    new = [file for file in files if base is None or file.digest not in known]
    if base is not None:
        _check_earlier(desk, base, files, is_stale=base.manifest["rules"] != rules)
    if base is not None and not new:
        desk.watch.begin("facts")
        desk.watch.end(cached=True)
        return Facts(base.made, empty)
    came = [(file.source, file.profile, file.digest) for file in new]
    key = digest(base.made.key if base else "", came, rules)
    imported = _Import(desk, new, pseudonym_key, layouts, key)

    def fill(folder: Path) -> int:
        count = imported.write(folder, base)
        old = base.manifest["files"] if base else []
        said = {"files": [*old, *(asdict(file) for file in new)], "rules": rules, "imported_at": now().isoformat()}
        (folder / _MANIFEST).write_text(json.dumps({**imported.said, **said}, indent=1), encoding="utf-8")
        return count

    desk.watch.begin("facts")
    folder, cached = desk.shelf.stage("facts", key, fill)
    desk.watch.end(cached=cached, row_count=None if cached else imported.row_count)
    desk.shelf.point(earlier.POINTER, key)
    return Facts(Made(folder, key), empty)


def _check_earlier(desk: Desk, base: Facts, files: Sequence[_File], *, is_stale: bool) -> None:
    """Say which files of earlier imports are gone, and refuse facts that can neither be read nor made again."""
    manifest = base.manifest
    digests = {file.digest for file in files}
    if is_stale:
        lost = dict.fromkeys(entry["where"] for entry in manifest["files"] if entry["digest"] not in digests)
        earlier.insist_readable(base.made.folder, manifest, list(lost))
    missing = earlier.gone(manifest["files"], {file.where for file in files}, digests)
    if missing:
        desk.watch.tell(earlier.kept(missing, desk.shelf.root))


class _Import:
    """One batch of files on their way to the shelf."""

    def __init__(
        self,
        desk: Desk,
        files: Sequence[_File],
        pseudonym_key: bytes,
        layouts: Sequence[SourceProfile],
        import_id: str,
    ) -> None:
        self.desk, self.files, self.secret, self.layouts, self.id = desk, files, pseudonym_key, layouts, import_id
        self.row_count = 0
        self.said: dict[str, Any] = {}

    def write(self, folder: Path, base: Facts | None) -> int:
        """Stage, clean, merge into `base`, and write everything that the facts folder holds."""
        engine = self.desk.embedded
        staged = self._staged()
        imported = self._imported(staged)
        merged = records.merge(base.tables(engine) if base else {}, imported.facts, engine)
        for name, table in merged.facts.items():
            engine.write_parquet(table, folder / f"{name}.parquet")
        before = [engine.parquet(base.made.folder / "rejects.parquet")] if base else []
        engine.write_parquet(ibis.union(imported.rejects, merged.replaced, *before), folder / "rejects.parquet")
        stored = {name: engine.parquet(folder / f"{name}.parquet") for name in merged.facts}
        write_arrow(records.fitness(stored, engine), folder / "fitness.parquet")
        self.row_count = sum(file.row_count for file in staged)
        imports = {**(base.imports if base else {}), self.id: self.row_count}
        ledger = self._ledger(folder, stored, imported, base, imports)
        write_arrow(ledger, folder / "ledger.parquet")
        write_arrow(records.quality(ledger, imported.identity), folder / "quality.parquet")
        self.said = {
            "identity": asdict(imported.identity),
            "rows_read": self.row_count,
            "imports": [{"source": source, "rows_read": count} for source, count in imports.items()],
        }
        return self.row_count

    def _staged(self) -> list[StagedFile]:
        desk, spec, staged = self.desk, self.desk.plan.records, []
        for source, profile in dict.fromkeys((file.source, file.profile) for file in self.files):
            desk.watch.note(f"reading {source}")
            wanted = {file.digest for file in self.files if file.source == source}
            where = _anchored(desk.home, source)
            staged += records.stage(where, desk.embedded, self.layouts, profile, (spec.zone, spec.currency), wanted)
        return staged

    def _imported(self, staged: Sequence[StagedFile]) -> Imported:
        return records.build(
            staged,
            self.desk.plan.records,
            self.desk.embedded,
            pseudonym_key=self.secret,
            import_id=self.id,
            imported_on=now().date(),
            on_progress=lambda step, rows, share: self.desk.watch.note(f"{step} ({rows:,} rows)", share),
        )

    def _ledger(
        self,
        folder: Path,
        stored: Mapping[str, ir.Table],
        imported: Imported,
        base: Facts | None,
        imports: Mapping[str, int],
    ) -> pa.Table:
        """Count where the rows of all imports are, now that the facts and rejects are written."""
        told = [LEDGER.check(imported.ledger), *([LEDGER.check(base.ledger())] if base else [])]
        engine = self.desk.embedded
        cellwise = engine.table(pa.concat_tables(told))
        return records.ledger(stored, engine.parquet(folder / "rejects.parquet"), cellwise, imports, engine)


def _current(desk: Desk) -> Facts | None:
    key = desk.shelf.pointed(earlier.POINTER)
    folder = desk.shelf.root / "facts" / key if key else None
    return Facts(Made(folder, key)) if key and folder and folder.exists() else None


def _rules(desk: Desk, pseudonym_key: bytes, profiles: Path | None) -> str:
    own = sorted(path.read_text(encoding="utf-8") for path in profiles.glob("*.toml")) if profiles else []
    secret = hashlib.sha256(b"patron" + pseudonym_key).hexdigest()
    return digest(desk.plan.records.model_dump(mode="json"), secret, own, code_of("records", "contracts"))


def _is_read_otherwise(before: Facts, files: Sequence[_File], rules: str) -> bool:
    """Whether the rules of cleaning have changed, or the Plan names another profile for a file that is known."""
    said = {entry["digest"]: entry["profile"] for entry in before.manifest["files"]}
    return before.manifest["rules"] != rules or any(
        said.get(file.digest, file.profile) != file.profile for file in files
    )


def _files(desk: Desk, layouts: Sequence[SourceProfile]) -> tuple[list[_File], tuple[str, ...]]:
    """Return the files of the Plan's sources, and the names of those without a row of data."""
    if not desk.plan.sources:
        raise PlanError(
            f"The Plan of {desk.plan.name!r} names no sources.\n"
            'Next: add them to patron.toml, for example:\n[[sources]]\npath = "exports/orders.csv"'
        )
    seen = [
        (source, records.look(_anchored(desk.home, source.path), desk.embedded, layouts))
        for source in desk.plan.sources
    ]
    everything = [file for _, files in seen for file in files]
    records.filled(everything)
    found: dict[str, _File] = {}
    for source, files in seen:
        there = [file for file in files if not file.is_empty]
        for file in [file for file in there if not file.skipped] or there:
            mapped = _mapped(file, source.profile)
            found.setdefault(file.digest, _File(source.path, file.where, source.profile, file.digest, mapped))
    return list(found.values()), tuple(dict.fromkeys(Path(file.where).name for file in everything if file.is_empty))


def _mapped(file: Found, profile: str) -> tuple[str, ...]:
    match = next((match for match in file.matches if profile in {"", match.profile.id}), None)
    if match is None:
        return ()
    return (*(column for column, headers in match.matched.items() if headers), *match.layout.constants)


def _anchored(home: Path, source: str) -> str:
    """Return a source as it can be opened: paths are relative to the Plan, database addresses stay as they are."""
    return source if "://" in source else str(home / Path(source).expanduser())
