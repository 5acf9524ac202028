"""A shop whose exports lie in an object store: the same bytes are imported once."""

from __future__ import annotations

import pytest

import patron
from flow.shops import make
from patron import flow

fsspec = pytest.importorskip("fsspec")


def test_a_run_reads_from_a_store_and_knows_bytes_that_it_has_read(tmp_path):
    home = make(tmp_path)
    written = (home / "orders.csv").read_bytes()
    (home / "orders.csv").unlink()
    store = fsspec.filesystem("memory")
    store.pipe_file("/exports/orders.csv", written)
    plan = flow.read_plan(home / flow.PLAN_FILE)
    flow.write_plan(
        plan.model_copy(update={"sources": (flow.Source(path="memory://exports/*.csv"),)}), home / flow.PLAN_FILE
    )
    first = patron.open(home).run()
    assert first.table("ledger").to_arrow()["file"].to_pylist() == ["memory:///exports/orders.csv"]
    store.mv("/exports/orders.csv", "/exports/again.csv")
    second = patron.open(home).run()
    assert second.manifest["stages"]["facts"] == first.manifest["stages"]["facts"]
    store.rm("/exports", recursive=True)
