"""Learned numbers on disk: one JSON file, and LightGBM's own text files beside it. Nothing read back is code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from patron.ground.errors import UnreadableFile

FORMAT = 1
_FILE = "forecast.json"
_TREE_START = "tree\n"


def write_parts(parts: Mapping[str, Any], folder: Path) -> None:
    """Write `forecast.json` and one `.txt` per boosted model into `folder`, which is made if needed."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_trees_out({"format": FORMAT, **parts}, folder, ()), indent=1, sort_keys=True)
    (folder / _FILE).write_text(text, encoding="utf-8")


def read_parts(folder: Path) -> dict[str, Any]:
    """Read what `write_parts` wrote.

    Raises:
        UnreadableFile: a file is missing, is not what it should be, or has another format.
    """
    try:
        parts: dict[str, Any] = _trees_in(json.loads((folder / _FILE).read_text(encoding="utf-8")), folder)
    except (OSError, ValueError) as error:
        raise UnreadableFile(f"{folder} holds no whole forecast model: {error}.\nNext: run again.") from error
    if parts.get("format") != FORMAT:
        raise UnreadableFile(
            f"{folder / _FILE} has format {parts.get('format')}; this Patron reads {FORMAT}.\nNext: run again."
        )
    return parts


def _trees_out(value: Any, folder: Path, path: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _trees_out(item, folder, (*path, key)) for key, item in value.items()}
    if isinstance(value, str) and value.startswith(_TREE_START):
        name = ".".join(path[1:]) + ".txt"
        (folder / name).write_text(value, encoding="utf-8")
        return {"file": name}
    return value


def _trees_in(value: Any, folder: Path) -> Any:
    if isinstance(value, dict) and set(value) == {"file"}:
        return (folder / Path(str(value["file"])).name).read_text(encoding="utf-8")
    if isinstance(value, dict):
        return {key: _trees_in(item, folder) for key, item in value.items()}
    return value
