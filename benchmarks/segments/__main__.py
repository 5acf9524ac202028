"""Judge the choice of K: `python -m benchmarks.segments [worlds] [suite] [keep] [hold] [speed] [--data FOLDER]`."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.segments import shops, speed, suite, worlds
from benchmarks.segments.page import RESULTS, write_page

_FOLDER = "PATRON_BENCH_DATA"
_PACKAGES = ("patron", "numpy", "scipy", "scikit-learn")
_ON_DATA: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "suite": suite.look,
    "keep": shops.keep,
    "hold": shops.hold,
}
_PARTS: dict[str, Callable[[], list[dict[str, Any]]] | None] = {
    "worlds": worlds.look,
    **dict.fromkeys(_ON_DATA),
    "speed": speed.look,
}


def _kept(part: str, found: list[dict[str, Any]]) -> None:
    path = RESULTS / "segments.json"
    said = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    said[part] = {
        "found": found,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
    }
    path.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.segments", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], help="default: all of them")
    parser.add_argument("--data", type=Path, help=f"folder with the data sets; default: what {_FOLDER} names")
    asked = parser.parse_args()
    folder = asked.data or os.environ.get(_FOLDER)
    for part in asked.parts or _PARTS:
        look = _PARTS[part]
        if look is not None:
            _kept(part, look())
        elif folder:
            _kept(part, _ON_DATA[part](Path(folder)))
        else:
            print(f"{part}: not run: name the folder of the data sets with --data, or in {_FOLDER}")
    write_page()


if __name__ == "__main__":
    main()
