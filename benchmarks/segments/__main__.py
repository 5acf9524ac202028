"""Judge the choice of K: `python -m benchmarks.segments [worlds] [suite] [speed] [--data FOLDER]`."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
from pathlib import Path
from typing import Any

from benchmarks.segments import speed, suite, worlds
from benchmarks.segments.page import RESULTS, write_page

_FOLDER = "PATRON_BENCH_DATA"
_PACKAGES = ("patron", "numpy", "scipy", "scikit-learn")


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
    parser.add_argument("parts", nargs="*", choices=["worlds", "suite", "speed", []], help="default: all of them")
    parser.add_argument("--data", type=Path, help=f"folder with the data sets; default: what {_FOLDER} names")
    asked = parser.parse_args()
    folder = asked.data or os.environ.get(_FOLDER)
    for part in asked.parts or ("worlds", "suite", "speed"):
        if part == "suite" and not folder:
            print(f"suite: not run: name the folder of the data sets with --data, or in {_FOLDER}")
            continue
        _kept(part, {"worlds": worlds.look, "suite": lambda: suite.look(Path(folder)), "speed": speed.look}[part]())
    write_page()


if __name__ == "__main__":
    main()
