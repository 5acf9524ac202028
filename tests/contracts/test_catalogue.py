"""The catalogue: names, inputs, and what a shop without the data cannot have."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.contracts.catalogue import MOST_SIGNALS, available, declared, inputs, is_published, needs
from patron.contracts.facts import FACTS
from patron.contracts.features import WINDOWS_DAYS, Affinity, Derived, Difference, TileColumn, Windowed, window_suffix
from patron.contracts.tiles import TILES
from worlds import SHAPES, SIGNALS, shape_capabilities

ALL = declared(SIGNALS)
NAMES = {feature.name for feature in ALL}
COLUMNS = {f"{table.name}.{column.name}" for table in FACTS.values() for column in table.columns}
CAPABILITIES = sorted({*FACTS, *COLUMNS, "orders.cancelled"})


def test_at_least_120_features_are_published():
    assert len([feature for feature in declared() if is_published(feature)]) >= 120


def test_every_family_of_the_design_is_there():
    assert {feature.family for feature in ALL} >= {
        "recency", "frequency", "monetary", "timing", "btyd", "trend", "basket", "affinity", "price", "returns",
        "browsing", "rhythm", "reviews", "marketing", "demographics", "social", "signals",
    }  # fmt: skip


def test_names_are_unique_whatever_the_case():
    counts = Counter(feature.name.lower() for feature in ALL)
    assert [name for name, n in counts.items() if n > 1] == []


@pytest.mark.parametrize("feature", ALL, ids=lambda feature: feature.name)
def test_a_feature_reads_well(feature):
    assert re.fullmatch(r"[a-z][a-zA-Z0-9_]*", feature.name)
    assert feature.name not in {"recency", "frequency", "monetary", "recency_days"}
    assert feature.meaning
    assert not feature.meaning.endswith(".")
    assert feature.meaning[0].isupper() or feature.meaning[:2] in {"ln", "1 "}


def test_names_of_windows_are_derived():
    for feature in ALL:
        if isinstance(feature, Windowed):
            assert feature.name == f"{feature.tile.what}_{feature.tile.how}_{window_suffix(feature.days)}"
        if isinstance(feature, Affinity):
            assert feature.name == f"{feature.dimension}_{feature.statistic}_{window_suffix(feature.days)}"


def test_only_the_declared_windows_are_used():
    days = {feature.days for feature in ALL if isinstance(feature, Windowed | Affinity)}
    assert days == {*WINDOWS_DAYS, None}
    written = {int(n) for feature in ALL for n in re.findall(r"_(\d+)d(?:_|$)", feature.name)}
    assert written == set(WINDOWS_DAYS)


def test_the_inputs_of_every_formula_exist():
    for feature in ALL:
        assert set(inputs(feature)) <= NAMES, feature.name
        if isinstance(feature, Derived) and isinstance(feature.formula, Difference):
            assert feature.formula.right in NAMES, feature.name


def test_what_a_feature_needs_is_a_column_of_the_facts():
    for feature in ALL:
        assert set(needs(feature)) <= set(CAPABILITIES), feature.name


def test_every_tile_column_has_a_name_of_its_own_and_feeds_a_feature():
    used = {feature.tile for feature in ALL if isinstance(feature, Windowed)}
    for source, columns in TILES.items():
        assert len({column.name for column in columns}) == len(columns), source
        assert {column.source for column in columns} == {source}
        assert [column.name for column in columns if column not in used] == [], source


def test_days_and_squares_are_ingredients_only():
    hidden = {feature.tile.how for feature in ALL if isinstance(feature, Windowed) and not is_published(feature)}
    assert hidden == {"squares", "first", "last"}


def test_counts_say_what_they_count_and_merge_by_sum():
    column = TileColumn("orders", "orders", "count", "one", "Paid orders")
    assert (column.name, column.merge) == ("orders_count", "sum")
    assert [TileColumn("orders", "x", how, "x", "").merge for how in ("min", "max", "first", "last", "squares")] == [
        "min", "max", "min", "max", "sum",
    ]  # fmt: skip


def test_without_data_there_are_no_features():
    assert available(()) == ()
    assert available({"products", "contacts"}) == ()


@pytest.mark.parametrize(
    ("missing", "gone", "left"),
    [
        ("orders.coupon", "coupon_share_90d", "discounted_order_share_90d"),
        ("orders.hour", "night_order_share_lifetime", "weekend_order_share_lifetime"),
        ("orders.margin", "margin_share_lifetime", "net_revenue_sum_lifetime"),
        ("order_lines.brand", "brand_entropy_365d", "category_entropy_365d"),
        ("returns", "refund_share_90d", "net_revenue_sum_90d"),
        ("orders.order_revenue", "neighbour_revenue_mean", "neighbour_orders_mean"),
        ("orders", "neighbour_orders_mean", "links_count_lifetime"),
        ("orders.cancelled", "cancelled_orders_count_365d", "orders_count_365d"),
        ("events.session_id", "views_per_session_30d", "view_to_cart_rate_30d"),
        ("touches.opened_day", "open_rate_90d", "click_rate_90d"),
        ("customers.birth_year", "age_years", "is_female"),
    ],
)
def test_a_missing_column_takes_its_features_along_and_no_others(missing, gone, left):
    whole = shape_capabilities("everything")
    before = {feature.name for feature in available(whole, SIGNALS)}
    after = {feature.name for feature in available(whole - {missing}, SIGNALS)}
    assert {gone, left} <= before
    assert gone not in after
    assert left in after


@given(st.sets(st.sampled_from(CAPABILITIES)))
def test_what_is_available_has_all_that_it_needs(known):
    told = available(known, SIGNALS)
    names = {feature.name for feature in told}
    assert all(set(needs(feature)) <= known and set(inputs(feature)) <= names for feature in told)
    assert [feature for feature in ALL if feature in told] == list(told)


def test_more_data_takes_no_feature_away():
    few, many = (set(available(shape_capabilities(shape))) for shape in ("orders_only", "everything"))
    assert few < many
    assert available(shape_capabilities("everything"), SIGNALS) == ALL
    assert all(available(shape_capabilities(shape)) for shape in SHAPES)


def test_signals_are_declared_up_to_a_limit():
    many = declared([f"s{n:02d}" for n in range(MOST_SIGNALS + 5)])
    assert {feature.name for feature in many if feature.name.startswith("signal_s")} == {
        f"signal_s{n:02d}_{what}"
        for n in range(MOST_SIGNALS)
        for what in (
            "sum_30d", "sum_180d", "count_30d", "count_180d", "squares_180d", "mean_30d", "mean_180d", "std_180d",
            "trend_30d_over_180d",
        )
    }  # fmt: skip
