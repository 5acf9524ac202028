"""Run benchmarks and write what was measured: `python -m benchmarks [NAME …] [--sizes 10000 100000] [--repeats 3]`."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform

from benchmarks.catalogue import BENCHMARKS
from benchmarks.measuring import Benchmark, measure
from benchmarks.page import RESULTS, write_page
from benchmarks.which_engine import write_which_engine

PEERS = (
    *("patron", "duckdb", "ibis-framework", "lightgbm", "numpy", "pandas", "scipy", "lifetimes"),
    *("polars", "pymc-marketing", "pyspark", "scikit-learn"),
)


def written(benchmark: Benchmark, sizes: list[int], repeats: int) -> None:
    """Measure one benchmark and write its numbers: every side at every size, its growth, and the promises."""
    result = measure(benchmark, sizes, repeats)
    bars: list[dict[str, object]] = [
        {"says": bar.says, "direction": bar.direction, "limit": bar.limit, "measured": figure}
        | {"kept": None if figure is None else bar.kept(figure)}
        for bar, figure in ((bar, bar.figure(result)) for bar in benchmark.bars)
    ]
    said = {
        "what": benchmark.what,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PEERS},
        "measured": [
            {
                "side": one.side,
                "size": one.size,
                "seconds": one.seconds,
                "times_patron": result.times_patron(one),
                "peak_mib": one.peak_mib,
                **one.said,
            }
            for one in result.measured
        ],
        "skipped": dict(result.skipped),
        "growth": {side.name: result.growth(side.name) for side in benchmark.sides},
        "bars": bars,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{benchmark.name}.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    for bar in bars:
        print(f"{benchmark.name}: {bar}")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], help="default: all but the large ones")
    parser.add_argument("--sizes", nargs="+", type=int, help="default: each benchmark's own sizes")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    for name in asked.names or [name for name, one in BENCHMARKS.items() if not one.is_large]:
        if why := BENCHMARKS[name].skip():
            print(f"{name}: not run: {why}")
        else:
            written(BENCHMARKS[name], asked.sizes or list(BENCHMARKS[name].sizes), asked.repeats)
    write_page()
    write_which_engine()


if __name__ == "__main__":
    main()
