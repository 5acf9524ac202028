"""Every benchmark by its name."""

from __future__ import annotations

from benchmarks import features, purchase_process, rfm

BENCHMARKS = {module.BENCHMARK.name: module.BENCHMARK for module in (features, rfm, purchase_process)}
