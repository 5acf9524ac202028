"""Run benchmarks and write what was measured: `python -m benchmarks [NAME …] [--sizes 10000 100000] [--repeats 3]`."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
from pathlib import Path

from benchmarks.catalogue import BENCHMARKS
from benchmarks.measuring import Benchmark, measure

RESULTS = Path(__file__).parent / "results"
PEERS = ("patron", "duckdb", "ibis-framework", "numpy", "pandas", "scipy", "lifetimes")


def written(benchmark: Benchmark, sizes: list[int], repeats: int) -> None:
    """Measure one benchmark and write its numbers, with the ratio of every side to Patron at each size."""
    measured = measure(benchmark, sizes, repeats)
    ours = {one.size: one.median for one in measured if one.side == "Patron"}
    rows = [
        {
            "side": one.side,
            "size": one.size,
            "seconds": one.seconds,
            "times_patron": round(one.median / ours[one.size], 2),
            "peak_mib": one.peak_mib,
            **one.said,
        }
        for one in measured
    ]
    said = {
        "what": benchmark.what,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PEERS},
        "measured": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{benchmark.name}.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        print(row)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="default: all of them")
    parser.add_argument("--sizes", nargs="+", type=int, help="customers; default: each benchmark's own sizes")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    for name in asked.names or BENCHMARKS:
        written(BENCHMARKS[name], asked.sizes or list(BENCHMARKS[name].sizes), asked.repeats)


if __name__ == "__main__":
    main()
