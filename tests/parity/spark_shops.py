"""What the tests of Spark compare: shops in an engine."""

from __future__ import annotations

import shutil

import pytest

from patron import features
from patron.contracts.facts import FACTS
from patron.features import Tiles
from worlds import SIGNALS, shape_capabilities

KNOWN = shape_capabilities("everything")


def insist_on_spark():
    """Skip the module that asks, by name, where Spark cannot run."""
    pytest.importorskip("pyspark", reason="spark: pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("spark: Java is not installed", allow_module_level=True)


def tiles_in(engine, shop):
    facts = {name: engine.table(shop.get(name, contract.empty()), f"fact_{name}") for name, contract in FACTS.items()}
    made = features.tile(facts, KNOWN, SIGNALS)
    return Tiles({name: engine.keep(table) for name, table in made.tables.items()}, KNOWN, made.signals)


def by_pair(table):
    return {(row.pop("customer_id"), row.pop("as_of")): row for row in table.to_pylist()}
