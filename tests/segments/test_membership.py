"""Who belongs to a learned segment, in words and as a query that gives the same answer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import sqlglot

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.ground.errors import InputError
from patron.segments.membership import DIALECTS, _words, build_rules, membership_sql, with_rules
from patron.segments.methods.surrogate import Condition

NAMES = ("days_since_last_order", "orders_count_lifetime", "net_revenue_sum_lifetime")
CARD = SchemeCard(
    "learned",
    "Learned groups",
    "学习得到的分群",
    "",
    "",
    tuple(
        SegmentCard(key, en, zh, "", "", "#000000", i)
        for i, (key, en, zh) in enumerate(
            [("group_1", "Loyal", "忠诚"), ("group_2", "New", "新客"), ("group_3", "Lost", "流失")]
        )
    ),
)


@pytest.fixture(scope="module")
def shop():
    random = np.random.default_rng(1)
    days, orders = random.integers(0, 400, 2000), random.integers(1, 9, 2000)
    features = pa.table(
        {
            "customer_id": [f"c{i}" for i in range(2000)],
            "days_since_last_order": days.astype(float),
            "orders_count_lifetime": orders.astype(float),
            "net_revenue_sum_lifetime": random.gamma(2, 50, 2000),
            "as_of": pa.array([date(2025, 1, 1)] * 2000, pa.date32()),
        }
    )
    return features, np.where(days > 180, 2, np.where(orders >= 4, 0, 1))


def test_rules_are_told_in_both_languages(shop):
    features, positions = shop
    told = {row["segment_key"]: row for row in build_rules(features, NAMES, positions, CARD, seed=1).to_pylist()}
    assert told["group_3"]["rule_en"] == "Days since the last order: 181 or more."
    assert told["group_3"]["rule_zh"] == "距上次下单天数不少于 181。"
    assert told["group_1"]["rule_en"] == "Days since the last order: 180 at most and orders so far: 4 or more."
    assert told["group_2"]["rule_zh"] == "距上次下单天数不超过 180且累计订单数不超过 3。"
    assert told["group_1"]["fidelity"] > 0.99


def test_the_card_shows_the_rules_and_how_often_they_are_right(shop):
    card = with_rules(CARD, build_rules(*_asked(shop), seed=1))
    assert [segment.rule_zh for segment in card.segments][2] == "距上次下单天数不少于 181。"
    assert "100% of customers where it does" in card.definition_en
    assert with_rules(CARD, build_rules(*_asked(shop), seed=1).slice(0, 0)) == CARD


def test_the_query_gives_every_customer_the_segment_that_the_rules_say(shop, engine):
    features, positions = shop
    rules = build_rules(features, NAMES, positions, CARD, seed=1)
    engine.ibis.con.register("told_features", features)
    answer = engine.ibis.con.execute(membership_sql(rules, "learned", "duckdb", "told_features")).fetchall()
    engine.ibis.con.unregister("told_features")
    keys = [segment.key for segment in CARD.segments]
    said = {customer: keys.index(key) for customer, key, _ in answer}
    assert {(key, name) for _, key, name in answer} == {(one.key, one.name_en) for one in CARD.segments}
    assert np.mean([said[f"c{i}"] == positions[i] for i in range(2000)]) > 0.995


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_query_reads_in_every_dialect(shop, dialect):
    rules = build_rules(*_asked(shop), seed=1)
    query = membership_sql(rules, "learned", dialect, "shop.features")
    parsed = sqlglot.parse_one(query, read=dialect)
    assert {name.name for name in parsed.find_all(sqlglot.exp.Table)} == {"features", "placed"}
    assert parsed.named_selects == ["customer_id", "segment_key", "segment_name"]
    texts = {literal.this for literal in parsed.find_all(sqlglot.exp.Literal) if literal.is_string}
    keys, names = ({getattr(one, part) for one in CARD.segments} for part in ("key", "name_en"))
    assert texts == keys | names | {"unplaced", "Not placed: a feature is missing"}


def test_who_lacks_a_feature_and_is_held_by_no_rule_is_said_to_be(shop, engine):
    rules = build_rules(*_asked(shop), seed=1)
    holed = pa.table(
        {
            "customer_id": ["nothing known", "no day", "lost, no orders"],
            "days_since_last_order": pa.array([None, None, 300.0]),
            "orders_count_lifetime": pa.array([None, 5.0, None]),
            "net_revenue_sum_lifetime": pa.array([None, 90.0, None], pa.float64()),
        }
    )
    engine.ibis.con.register("holed", holed)
    answer = engine.ibis.con.execute(membership_sql(rules, "learned", "duckdb", "holed")).fetchall()
    engine.ibis.con.unregister("holed")
    said = {customer: told for customer, *told in answer}
    assert said["nothing known"] == said["no day"] == ["unplaced", "Not placed: a feature is missing"]
    assert said["lost, no orders"] == ["group_3", "Lost"]


def test_a_name_with_an_apostrophe_is_quoted_in_every_dialect(shop):
    rules = build_rules(*_asked(shop), seed=1).to_pylist()
    odd = pa.Table.from_pylist([row | {"segment_name": "Can't lose"} for row in rules])
    for dialect in DIALECTS:
        parsed = sqlglot.parse_one(membership_sql(odd, "learned", dialect), read=dialect)
        assert "Can't lose" in {literal.this for literal in parsed.find_all(sqlglot.exp.Literal)}


def test_a_column_with_empty_cells_is_left_out(shop):
    features, positions = shop
    days = pa.array([None, *features["days_since_last_order"].to_pylist()[1:]], pa.float64())
    holed = features.set_column(1, "days_since_last_order", days)
    rules = build_rules(holed, NAMES, positions, CARD, seed=1)
    assert "days_since_last_order" not in "".join(rules["sql"].to_pylist())


def test_one_segment_or_a_handful_of_customers_has_no_rules(shop):
    features, positions = shop
    assert build_rules(features, NAMES, np.zeros(2000, dtype=int), CARD, seed=1).num_rows == 0
    assert build_rules(features.slice(0, 20), NAMES, positions[:20], CARD, seed=1).num_rows == 0


def test_an_unknown_scheme_or_dialect_is_named(shop):
    rules = build_rules(*_asked(shop), seed=1)
    with pytest.raises(InputError, match=r"no rules of the scheme 'ward'; there are those of \['learned'\]"):
        membership_sql(rules, "ward", "duckdb")
    with pytest.raises(InputError, match=r"dialect 'oracle' is not known.\nNext: choose one of duckdb, postgres"):
        membership_sql(rules, "learned", "oracle")


def _asked(shop):
    features, positions = shop
    return features, NAMES, positions, CARD


def test_two_segments_never_share_a_bound_in_words():
    names, cut = ["net_revenue_sum_lifetime", "orders_count_lifetime"], 142.6
    low, high = Condition(0, cut, float("inf")), Condition(0, float("-inf"), cut)
    assert _words(low, names, "en").endswith("more than 143")
    assert _words(high, names, "en").endswith("143 at most")
    assert _words(Condition(0, 20.0, cut), names, "zh").endswith("超过 20，不超过 143")
    assert _words(Condition(1, 2.5, float("inf")), names, "en").endswith("3 or more")
    assert _words(Condition(1, float("-inf"), 2.5), names, "en").endswith("2 at most")
