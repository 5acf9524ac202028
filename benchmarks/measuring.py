"""What a benchmark is, and how its sides are measured: each run in a process of its own, turn by turn.

Seconds are those of the work alone, after imports and inputs; peak memory is the whole process's largest resident set,
its children's included: those of Spark's JVM too.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[1]

Said = Mapping[str, object]
Work = Callable[[], Said]


@dataclass(frozen=True, slots=True)
class Side:
    """One way to do the work: Patron's, or a peer's.

    `prepare` takes the size, imports and reads what the work needs, and returns the work to be timed; what the work
    says is kept in the results. `largest` is the largest size this side is asked for: a peer may be too slow for more.
    `skip` says why the side cannot be asked here, or nothing.
    """

    name: str
    prepare: Callable[[int], Work]
    largest: int = 10**9
    skip: Callable[[], str] = lambda: ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A promise: a figure of the finished result that is at most, or at least, so much; None: not measured."""

    says: str
    direction: Literal["at most", "at least"]
    limit: float
    figure: Callable[[Result], float | None]

    def kept(self, figure: float) -> bool:
        return figure <= self.limit if self.direction == "at most" else figure >= self.limit


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One question with its sides, Patron's first, and the promises its answer is held to.

    `agree` raises if the sides' answers differ; `ready` makes the inputs of a size: both before anything is timed.
    `skip` says why the benchmark cannot run here, or nothing. One that `is_large` runs only when it is asked for.
    """

    name: str
    what: str
    sizes: tuple[int, ...]
    sides: tuple[Side, ...]
    bars: tuple[Bar, ...]
    ready: Callable[[int], object] = lambda _: None
    agree: Callable[[], object] = lambda: None
    skip: Callable[[], str] = lambda: ""
    is_large: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One side at one size."""

    side: str
    size: int
    seconds: tuple[float, ...]
    peak_mib: int
    said: Said

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


@dataclass(frozen=True, slots=True)
class Result:
    """Everything measured by one benchmark in one run; `skipped` holds the sides not asked, and why."""

    name: str
    what: str
    measured: tuple[Measured, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)

    def of(self, side: str, size: int | None = None) -> Measured | None:
        """Return one side at a size, or at the largest it was measured at."""
        mine = [one for one in self.measured if one.side == side and size in {None, one.size}]
        return max(mine, key=lambda one: one.size, default=None)

    def times(self, peer: str, side: str = "Patron") -> float | None:
        """Return a side's seconds over the peer's at the largest size that the peer was measured at."""
        theirs = self.of(peer)
        ours = self.of(side, theirs.size) if theirs else None
        return ours.median / theirs.median if ours and theirs else None

    def faster(self, peer: str) -> float | None:
        """Return the peer's seconds over Patron's at the largest size that both were measured at."""
        times = self.times(peer)
        return 1 / times if times else None

    def times_patron(self, one: Measured) -> float | None:
        """Return a side's seconds over Patron's at the same size."""
        ours = self.of("Patron", one.size)
        return round(one.median / ours.median, 2) if ours else None

    def seconds(self) -> float | None:
        """Return Patron's seconds at the largest size."""
        ours = self.of("Patron")
        return ours.median if ours else None

    def peak_gb(self) -> float | None:
        """Return Patron's peak memory at the largest size."""
        ours = self.of("Patron")
        return ours.peak_mib * 2**20 / 1e9 if ours else None

    def growth(self, side: str) -> float | None:
        """Return the exponent b of seconds = c * size^b, by least squares on logarithms over at least two sizes."""
        points = [(math.log(one.size), math.log(one.median)) for one in self.measured if one.side == side]
        return statistics.linear_regression(*zip(*points, strict=True)).slope if len(points) > 1 else None


def measure(benchmark: Benchmark, sizes: Sequence[int], repeats: int) -> Result:
    """Run every side at every size `repeats` times, the sides taking turns so that both meet the same machine."""
    measured = []
    skipped = {side.name: why for side in benchmark.sides if (why := side.skip())}
    _in_a_process(benchmark.name, "agree", 0)
    for size in sizes:
        _in_a_process(benchmark.name, "ready", size)
        sides = [side.name for side in benchmark.sides if size <= side.largest and side.name not in skipped]
        runs: dict[str, list[Said]] = {side: [] for side in sides}
        for _ in range(repeats):
            for side in sides:
                runs[side].append(_in_a_process(benchmark.name, side, size))
                print(f"{benchmark.name} {size:,} {side}: {runs[side][-1]['seconds']:.2f} s", flush=True)
        measured += [_together(side, size, runs[side]) for side in sides]
    return Result(benchmark.name, benchmark.what, tuple(measured), skipped)


def _together(side: str, size: int, runs: Sequence[Said]) -> Measured:
    seconds = tuple(round(float(str(run["seconds"])), 3) for run in runs)
    peak_mib = max(int(str(run["peak_mib"])) for run in runs)
    said = {name: value for name, value in runs[-1].items() if name not in {"seconds", "peak_mib"}}
    return Measured(side, size, seconds, peak_mib, said)


def _in_a_process(benchmark: str, task: str, size: int) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.process", benchmark, task, str(size)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"{benchmark} {task} at {size:,} failed:\n{done.stderr[-4000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))
