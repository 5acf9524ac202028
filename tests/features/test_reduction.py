"""The reduction: leaving out, unknown customers, and columns as they leave the room."""

from __future__ import annotations

import pyarrow as pa
import pytest

from patron import features
from patron.contracts.catalogue import is_published
from worlds import AS_OF, SIGNALS, random_shop, shape_capabilities, tiny_shop

ORDERS_ONLY = shape_capabilities("orders_only")


@pytest.fixture
def spine(engine):
    return engine.table(pa.table({"customer_id": ["ann", "nobody"], "as_of": pa.array([AS_OF, AS_OF], pa.date32())}))


@pytest.fixture
def tiles(workbench):
    return workbench.tiles({"orders": tiny_shop()["orders"]}, ORDERS_ONLY)


def test_every_feature_leaves_as_a_real_number_in_the_order_of_the_catalogue(spine, tiles):
    built = features.build(tiles, spine)
    published = [feature.name for feature in tiles.features if is_published(feature)]
    assert list(built.columns) == ["customer_id", "as_of", *published]
    assert {str(kind) for name, kind in built.schema().items() if name in published} == {"float64"}


def test_features_and_families_can_be_left_out(spine, tiles):
    told = set(features.build(tiles, spine).columns)
    fewer = set(features.build(tiles, spine, leave_out=("rhythm", "orders_count_7d")).columns)
    gone = {feature.name for feature in tiles.features if feature.family == "rhythm"} | {"orders_count_7d"}
    assert told - fewer == gone


def test_what_is_left_out_still_feeds_the_rest(engine, spine, tiles):
    fewer = features.build(tiles, spine, leave_out=("orders_count_lifetime", "revenue_sum_lifetime"))
    ann = next(row for row in engine.rows(fewer) if row["customer_id"] == "ann")
    assert "orders_count_lifetime" not in ann
    assert ann["net_revenue_sum_lifetime"] == 400  # without the returns table nothing was paid back


def test_a_stranger_has_done_nothing(workbench):
    everything = shape_capabilities("everything")
    row = workbench.features(random_shop(3), [("nobody", AS_OF)], everything)["nobody", AS_OF]
    assert set(row.values()) == {0.0, None}
    counts = [name for name in row if "_count_" in name or "_distinct_" in name or name.startswith("revenue_sum")]
    assert len(counts) > 80
    assert all(row[name] == 0.0 for name in counts)


def test_a_spine_keeps_its_rows(workbench):
    shop = random_shop(8, "orders_only")
    pairs = [(f"visitor {number}", AS_OF) for number in range(50)]
    assert len(workbench.features(shop, pairs, ORDERS_ONLY)) == 50


def test_the_workbench_knows_the_signals_of_random_shops():
    names = {row["name"] for seed in range(20) for row in random_shop(seed)["signals"].to_pylist()}
    assert names == set(SIGNALS)
