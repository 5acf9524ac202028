"""How long and how much memory a simulated shop takes, by its size."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from benchmarks.worlds import SEED, WORLDS
from patron.simulation import SimulationSpec, evaluate, simulate


def _work(size: int) -> Work:
    def work() -> Said:
        WORLDS.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=WORLDS) as folder:
            world = simulate(SimulationSpec(customers=size), Path(folder) / "shop", seed=SEED)
            broken = [row["measure"] for row in evaluate(world).to_pylist() if row["verdict"].startswith("poor")]
            return {name: world.rows[name] for name in ("orders", "order_lines", "events")} | {"broken": broken}

    return work


BENCHMARK = Benchmark(
    name="simulate",
    what="A simulated shop with orders, events, campaigns and dirt, to Parquet; sizes are customers",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(Side("Patron", _work),),
    bars=(
        Bar("seconds at the largest size", "at most", 300, lambda result: result.seconds()),
        Bar("peak memory of Patron, GB", "at most", 6.0, lambda result: result.peak_gb()),
    ),
)
