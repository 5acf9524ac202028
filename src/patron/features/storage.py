"""Tiles on disk: Parquet, one file a table, and a small manifest of what they can answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from patron.contracts.tiles import TILES
from patron.engines.engine import Engine
from patron.engines.shelf import link_or_copy
from patron.features import tiles as tiling
from patron.features.recipe import Tiles

_MANIFEST = "tiles.json"


def keep(tiles: Tiles, folder: Path, engine: Engine, on_table: Callable[[str], None] = lambda _: None) -> Tiles:
    """Compute tiles and write them to `folder`, which exists; return them as read from there.

    `on_table` is told the name of each table before it is computed.
    """
    for name, table in tiles.tables.items():
        on_table(name)
        _store(table, folder / f"{name}.parquet", engine)
    said = {
        "tables": sorted(tiles.tables),
        "capabilities": sorted(tiles.capabilities),
        "signals": list(tiles.signals),
    }
    (folder / _MANIFEST).write_text(json.dumps(said, indent=1), encoding="utf-8")
    return reopen(folder, engine)


def _store(table: ir.Table, path: Path, engine: Engine) -> None:
    """Write a table; a fact table that is read as it is, is a finished file already and gets a second name."""
    file = engine.file_of(table)
    if file is None:
        engine.write_parquet(tiling.reduced(table), path)
    else:
        link_or_copy(file, path)


def reopen(folder: Path, engine: Engine) -> Tiles:
    """Open tiles that `keep` has written."""
    known, signals = answerable(folder)
    tables = {name: engine.parquet(folder / f"{name}.parquet") for name in _said(folder)["tables"]}
    whole = {name: tiling.complete(tables[name], tiling.available(name, known)) for name in tables if name in TILES}
    return Tiles(tables | whole, known, signals)


def answerable(folder: Path) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return what tiles that `keep` has written can answer: their capabilities, and the names of the signals."""
    said = _said(folder)
    return frozenset(said["capabilities"]), tuple(said["signals"])


def _said(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return said
