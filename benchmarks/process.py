"""One task of one benchmark, in the process it is measured in: `python -m benchmarks.process features Patron 10000`."""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path

from benchmarks.catalogue import BENCHMARKS
from patron.ground.dates import stopwatch


def main(name: str, task: str, size: int) -> dict[str, object]:
    benchmark = BENCHMARKS[name]
    if task == "agree":
        benchmark.agree()
        return {}
    if task == "ready":
        benchmark.ready(size)
        return {}
    side = next(side for side in benchmark.sides if side.name == task)
    work = side.prepare(size)
    started = stopwatch()
    said = work()
    seconds = stopwatch() - started
    return {**said, "seconds": seconds, "peak_mib": round(_peak_kib() / 1024)}


def _peak_kib() -> int:
    """Return this process's largest resident set with those of children still at work, or a finished child's, if larger."""
    mine, finished = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return max(mine + sum(_peak_of(child) for child in _children_of("self")), finished)


def _children_of(process: str) -> list[str]:
    """Return the children of a process and theirs, where the system tells (Linux)."""
    told = [path.read_text(encoding="utf-8").split() for path in Path("/proc", process).glob("task/*/children")]
    mine = [child for children in told for child in children]
    return mine + [below for child in mine for below in _children_of(child)]


def _peak_of(process: str) -> int:
    status = Path("/proc", process, "status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
