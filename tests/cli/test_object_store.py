"""The command line takes addresses of objects where it takes files."""

from __future__ import annotations

import json

import pytest

fsspec = pytest.importorskip("fsspec")


def test_detect_takes_an_address(say):
    store = fsspec.filesystem("memory")
    store.pipe_file("/detected/orders.csv", b"order_id,customer_id,ordered_at,total_amount\nA1,ann,2025-01-03,12.50\n")
    told = say("detect", "memory://detected/orders.csv", "--json")
    assert json.loads(told.out)[0]["file"] == "memory:///detected/orders.csv"
    store.rm("/detected", recursive=True)
