"""Every benchmark by its name."""

from __future__ import annotations

from benchmarks import (
    engines,
    features,
    forecasting,
    notebook,
    out_of_core,
    purchase_process,
    rfm,
    simulate,
    snapshots,
    streaming,
    whole_run,
)

BENCHMARKS = {
    one.name: one
    for one in (
        features.BENCHMARK,
        rfm.BENCHMARK,
        engines.BENCHMARK,
        snapshots.BENCHMARK,
        purchase_process.BENCHMARK,
        notebook.BENCHMARK,
        forecasting.TOURNAMENT,
        forecasting.SCORING,
        forecasting.REASONS,
        whole_run.SIMULATED,
        whole_run.DEMO,
        whole_run.ONLINE_RETAIL_II,
        simulate.BENCHMARK,
        streaming.INCREMENT,
        streaming.LIVE,
        out_of_core.BENCHMARK,
    )
}
