"""What was found, in `benchmarks/results/accuracy.json`: each command renews its own part, and the page is written anew."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
from datetime import date
from pathlib import Path
from typing import Any

from patron.ground.dates import now
from patron.ground.version import VERSION

RESULTS = Path(__file__).resolve().parents[1] / "results"
FILE = RESULTS / "accuracy.json"
_PACKAGES = ("lightgbm", "lifetimes", "pymc-marketing", "torch", "scikit-learn", "numpy", "scipy", "duckdb")


def read() -> dict[str, Any]:
    """Return everything found so far."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def keep(part: str, name: str, found: object) -> None:
    """Put one finding in its place, with where it was made."""
    said = read()
    said.setdefault(part, {})[name] = found
    said.setdefault("made", {})[part] = surroundings()
    RESULTS.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(_plain(said), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def surroundings() -> dict[str, Any]:
    """Return the day, the machine's cores and the versions of everyone who takes part."""
    return {
        "day": str(now().date()),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {"patron": VERSION} | {name: found for name in _PACKAGES if (found := _version(name))},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _plain(value: Any) -> Any:
    """Round numbers to ten digits, so that a rerun changes what changed; a day becomes text, no number null."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(f"{value:.10g}") if math.isfinite(value) else None
    return value
