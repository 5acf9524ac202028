"""Profiles and stories of segments: numbers that add up, sentences in both languages."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron import segments
from patron.contracts.segment_tables import SEGMENT_PROFILES
from patron.ground.errors import MissingColumns
from patron.segments import SegmentSpec
from segments.worlds import prepared, snapshot


@pytest.fixture(scope="module")
def told():
    shop = snapshot()
    model = segments.fit(shop, prepared(shop), SegmentSpec(k_max=4), gap_days=(20.0, 40.0, 80.0))
    placed = segments.apply(model, shop, prepared(shop))
    profiles = segments.build_profiles(placed, shop, model.cards)
    return shop, placed, profiles, model.cards


def test_one_row_per_segment_in_use_and_feature(told):
    shop, placed, profiles, _ = told
    SEGMENT_PROFILES.check(profiles)
    used = placed.group_by(["scheme", "segment_key"]).aggregate([]).num_rows
    assert profiles.num_rows == used * (shop.num_columns - 2)
    keys = profiles.select(["scheme", "segment_key", "feature"]).to_pylist()
    assert len({tuple(key.values()) for key in keys}) == len(keys)


def test_medians_are_those_of_the_members(told):
    shop, placed, profiles, _ = told
    row = next(r for r in profiles.to_pylist() if r["feature"] == "days_since_last_order" and r["scheme"] == "cn8-1")
    mine = pc.and_(pc.equal(placed["scheme"], "cn8-1"), pc.equal(placed["segment_key"], row["segment_key"]))
    ids = placed.filter(mine)["customer_id"].combine_chunks()
    days = shop.filter(pc.is_in(shop["customer_id"], ids))["days_since_last_order"].to_numpy()
    assert row["median"] == np.median(days)
    assert row["base_median"] == np.median(shop["days_since_last_order"].to_numpy())


def test_the_order_of_features_rows_changes_nothing(told):
    shop, placed, profiles, cards = told
    shuffled = shop.take(pa.array(np.random.default_rng(0).permutation(shop.num_rows)))
    assert (
        segments.build_profiles(placed, shuffled, cards)
        .select(["median", "share_present"])
        .equals(profiles.select(["median", "share_present"]))
    )


def test_shares_of_customers_and_revenue_add_up_in_every_scheme(told):
    shop, placed, profiles, cards = told
    stories = segments.describe(placed, shop, profiles, cards)
    for card in cards:
        mine = [story for story in stories if story.scheme == card.key]
        assert sum(story.customers for story in mine) == shop.num_rows
        assert sum(story.customer_share for story in mine) == pytest.approx(1)
        assert sum(story.revenue_share for story in mine) == pytest.approx(1)


def test_stories_speak_both_languages_and_never_repeat_a_feature(told):
    shop, placed, profiles, cards = told
    champions = next(s for s in segments.describe(placed, shop, profiles, cards) if s.key == "champions")
    assert champions.told_en.startswith("Champions: ")
    assert "of revenue. What sets them apart: " in champions.told_en
    assert champions.told_zh.startswith("冠军客户：")
    assert "与众不同之处" in champions.told_zh


def test_a_shop_without_money_tells_shares_of_orders():
    shop = snapshot(money=False)
    model = segments.fit(shop, prepared(shop), SegmentSpec(k_max=3))
    placed = segments.apply(model, shop, prepared(shop))
    profiles = segments.build_profiles(placed, shop, model.cards)
    stories = segments.describe(placed, shop, profiles, model.cards)
    assert all("of orders." in story.told_en and "的订单。" in story.told_zh for story in stories)


def test_features_without_ids_are_refused(told):
    shop, placed, _, cards = told
    with pytest.raises(MissingColumns, match="customer_id"):
        segments.build_profiles(placed, shop.drop_columns(["customer_id"]), cards)
