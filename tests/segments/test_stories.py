"""What segments are like: medoids, categories and answers, each counted by hand; lifts against luck."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from patron import segments
from patron.contracts.cards import SchemeCard, SegmentCard
from patron.engines.duck import DuckEngine
from patron.segments.methods.profiling import profile

AS_OF = date(2026, 1, 1)
CARD = SchemeCard(
    "mine-1",
    "Mine",
    "自有",
    "",
    "",
    tuple(SegmentCard(key, key.title(), key, "", "", "#000000", i) for i, key in enumerate(("high", "low"))),
)


def placed(keys):
    n = len(keys)
    return pa.table(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "scheme": ["mine-1"] * n,
            "segment_key": list(keys),
            "as_of": pa.array([AS_OF] * n, pa.date32()),
        }
    )


def test_a_medoid_has_the_least_squared_differences_to_the_others_of_its_segment():
    rng = np.random.default_rng(0)
    n = 40
    shop = pa.table({"customer_id": [f"c{i}" for i in range(n)], "a": rng.normal(size=n), "b": rng.normal(size=n)})
    table = placed(["high"] * 25 + ["low"] * 15)
    found = segments.build_medoids(table, shop, [CARD]).to_pylist()
    ranks = np.column_stack([2 * (np.argsort(np.argsort(shop[c].to_numpy())) + 0.5) / n - 1 for c in ("a", "b")])
    part = ranks[:25]
    sums = ((part[:, None] - part) ** 2).sum(axis=(1, 2))
    assert found[0]["customer_id"] == f"c{int(np.argmin(sums))}"
    assert [row["rank"] for row in found] == [1, 2, 3, 1, 2, 3]


def test_categories_are_counted_by_customers_of_the_year_before():
    days = pa.table(
        {
            "customer_id": ["c0", "c0", "c1", "c2", "c2", "c3", "c0"],
            "day": pa.array([AS_OF - timedelta(days=d) for d in (1, 9, 3, 5, 5, 400, 0)], pa.date32()),
            "category": ["tea", "tea", "tea", "tea", "pots", "pots", "pots"],
        }
    )
    with DuckEngine() as engine:
        asked = segments.bought_by(engine.table(placed(["high", "high", "low", "low"])), engine.table(days), AS_OF)
        rows = segments.category_rows(engine.rows(asked), [CARD], AS_OF)
    told = {(row["segment_key"], row["category"]): row for row in rows}
    assert {key: row["customers"] for key, row in told.items()} == {
        ("high", "tea"): 2,
        ("low", "tea"): 1,
        ("low", "pots"): 1,
    }
    tea = told["high", "tea"]  # 2 of 2 buyers, everyone: 3 of 3
    assert (tea["share"], tea["base_share"], tea["lift"]) == (1.0, 1.0, 1.0)
    pots = told["low", "pots"]  # 1 of 1, everyone: 1 of 3
    assert pots["lift"] == pytest.approx(3.0)
    assert pots["lift_lower"] <= pots["lift"] <= pots["lift_upper"]


def test_an_answer_is_an_order_within_two_weeks_and_holdouts_were_not_asked():
    when = [AS_OF - timedelta(days=d) for d in (40, 40, 40, 40, 5)]
    touches = pa.table(
        {
            "touch_id": [f"t{i}" for i in range(5)],
            "customer_id": ["c0", "c1", "c2", "c3", "c0"],
            "channel": ["email"] * 5,
            "arm": pa.array([None, "treatment", None, "holdout", None], pa.string()),
            "day": pa.array(when, pa.date32()),
            "clicked_at": pa.array([None, 1, None, None, None], pa.timestamp("us")),
        }
    )
    orders = pa.table(
        {
            "customer_id": ["c0", "c0", "c1", "c3"],
            "status": ["paid"] * 4,
            "day": pa.array([AS_OF - timedelta(days=d) for d in (40, 30, 20, 39)], pa.date32()),
        }
    )
    with DuckEngine() as engine:
        tables = [engine.table(one) for one in (placed(["high", "high", "low", "low"]), touches, orders)]
        rows = segments.response_rows(engine.rows(segments.answered_by(*tables, AS_OF)), [CARD], AS_OF)
    told = {row["segment_key"]: row for row in rows}
    assert (told["high"]["contacts"], told["high"]["ordered_share"], told["high"]["clicked_share"]) == (2, 0.5, 0.5)
    assert (told["low"]["contacts"], told["low"]["ordered_share"]) == (1, 0.0)
    assert told["high"]["base_ordered_share"] == pytest.approx(1 / 3)
    assert told["high"]["ordered_lower"] < 0.5 < told["high"]["ordered_upper"]


def test_lifts_of_random_groups_are_called_chance_and_true_ones_are_not():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(3000, 20))
    labels = rng.integers(0, 5, 3000)
    assert profile(features, labels, 5).is_different.mean() < 0.05
    features[:, 0] += labels
    found = profile(features, labels, 5, seed=1)
    assert found.is_different[[0, 1, 3, 4], 0].all()
    assert (found.lift_lower <= found.lift).all()
    assert (found.lift <= found.lift_upper).all()


def test_the_interval_of_a_lift_is_that_of_a_mean():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(4000, 1))
    labels = (rng.uniform(size=4000) < 0.25).astype(np.int64)
    found = profile(values, labels, 2)
    width = float(found.lift_upper[1, 0] - found.lift_lower[1, 0])
    standing = 2 * (np.argsort(np.argsort(values[:, 0])) + 0.5) / 4000 - 1
    assert width == pytest.approx(2 * 1.96 * standing[labels == 1].std() / np.sqrt((labels == 1).sum()), rel=0.2)
