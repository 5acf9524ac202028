"""What the tests of Spark compare: shops in an engine, and rows of two engines."""

from __future__ import annotations

import math
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


def differing(got, wanted):
    assert got.keys() == wanted.keys()
    return {
        (pair, name): (got[pair][name], value)
        for pair, row in wanted.items()
        for name, value in row.items()
        if not agrees(name, got[pair][name], value)
    }


def agrees(name, got, wanted):
    """Counts and money to the last bit, the rest to 1e-9; spreads from sums of squares lose some digits near zero."""
    if got is None or wanted is None:
        return got is wanted
    if name.endswith("count") or "_count_" in name or "revenue_sum" in name:
        return got == wanted
    return math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-4 if "_std_" in name or "_variation_" in name else 1e-12)
