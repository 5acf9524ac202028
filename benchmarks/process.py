"""One task of one benchmark, in the process it is measured in: `python -m benchmarks.process features Patron 10000`."""

from __future__ import annotations

import json
import resource
import sys

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
    peak_kib = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {**said, "seconds": seconds, "peak_mib": round(peak_kib / 1024)}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
