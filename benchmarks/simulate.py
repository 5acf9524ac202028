"""How long and how much memory a simulated shop takes, by its size.

    python benchmarks/simulate.py --customers 10000 100000 1000000

Each size runs in a process of its own, so that its peak memory is its own. Results go to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from patron.ground.dates import stopwatch
from patron.simulation import SimulationSpec, evaluate, simulate

RESULTS = Path(__file__).parent / "results" / "simulate.json"


def measure(customers: int, seed: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        started = stopwatch()
        world = simulate(SimulationSpec(customers=customers), Path(folder) / "shop", seed=seed)
        seconds = stopwatch() - started
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        poor = [row["measure"] for row in evaluate(world).to_pylist() if row["verdict"].startswith("poor")]
        return {
            "customers": customers,
            "orders": world.rows["orders"],
            "order_lines": world.rows["order_lines"],
            "events": world.rows["events"],
            "seconds": round(seconds, 1),
            "customers_per_second": round(customers / seconds),
            "peak_mib": round(peak_mib),
            "disk_mib": round(size / 2**20),
            "broken_promises": poor,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--one", action="store_true", help="measure the first size in this process and print JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.customers[0], options.seed)))
        return
    rows = []
    for customers in options.customers:
        command = [sys.executable, __file__, "--one", "--customers", str(customers), "--seed", str(options.seed)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print("  ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
