"""Profiles by ranks, and names by rule."""

from __future__ import annotations

import numpy as np
import pytest

from patron.segments.methods.naming import Standing, name_all
from patron.segments.methods.profiling import profile

BEST = Standing(silence=-0.5, orders=0.6, money=0.6, tenure=0.2, order_value=0.1, median_orders=8)
GONE = Standing(silence=0.6, orders=-0.5, money=-0.5, tenure=0.1, order_value=0.0, median_orders=1)


def test_medians_shares_and_lifts_by_hand():
    features = np.array([[1.0, np.nan], [2.0, 5.0], [3.0, 7.0], [4.0, 9.0]])
    found = profile(features, np.array([0, 0, 1, 1]), 2)
    assert found.median.tolist() == [[1.5, 5.0], [3.5, 8.0]]
    assert found.base_median.tolist() == [2.5, 7.0]
    assert found.share_present.tolist() == [[1.0, 0.5], [1.0, 1.0]]
    # ranks 1-4 of 4 stand at -3/4, -1/4, 1/4, 3/4; of 3 at -2/3, 0, 2/3
    assert found.lift == pytest.approx(np.array([[-0.5, -2 / 3], [0.5, 1 / 3]]))


def test_the_whole_base_stands_out_in_nothing():
    found = profile(np.random.default_rng(0).normal(size=(50, 3)), np.zeros(50, dtype=np.int64), 1)
    assert found.lift == pytest.approx(0, abs=1e-12)


def test_the_first_ranks_tell_different_stories():
    rng = np.random.default_rng(0)
    money, silence = rng.normal(size=1000), rng.normal(size=1000)
    features = np.column_stack([money, money * 2 + 1, silence])
    found = profile(features, (money + 0.5 * silence > 0).astype(np.int64), 2)
    assert found.rank[1].tolist() == [1, 3, 2]


def test_one_millionaire_moves_nothing():
    features = np.arange(100.0)[:, None]
    labels = (features.ravel() >= 50).astype(np.int64)
    before = profile(features, labels, 2).lift
    features[99] = 1e12
    assert profile(features, labels, 2).lift == pytest.approx(before)


def test_a_segment_without_customers_has_no_medians():
    found = profile(np.ones((3, 1)), np.zeros(3, dtype=np.int64), 2)
    assert np.isnan(found.median[1, 0])
    assert found.share_present[1, 0] == 0


def test_names_say_when_how_often_and_how_much_in_both_languages():
    best, gone = name_all([BEST, GONE])
    assert (best.en, best.zh) == ("Active frequent big spenders", "活跃高频高消费客户")
    assert (gone.en, gone.zh) == ("Lapsed one-time small spenders", "久未购买单次低消费客户")
    assert best.meaning_en == "They ordered recently, order often, spent much."
    assert gone.meaning_zh == "很久没有下单，只下过一单，消费低。"


def standing(silence=0.0, **more):
    said = {"orders": 0.0, "money": 0.0, "tenure": 0.0, "order_value": None, "median_orders": 2, **more}
    return Standing(silence, **said)


def test_a_name_does_not_speak_of_what_is_the_same_for_everyone():
    names = name_all([standing(None, money=0.5), standing(None, money=-0.5)])
    assert [name.en for name in names] == ["Big spenders", "Small spenders"]
    assert [name.zh for name in names] == ["高消费客户", "低消费客户"]
    assert names[0].meaning_en == "They spent much."


def test_a_name_does_not_speak_of_what_all_segments_would_be_called_alike():
    names = name_all([standing(0.1, orders=0.5), standing(-0.1, orders=-0.5)])
    assert [name.en for name in names] == ["Frequent buyers", "Occasional buyers"]
    assert "lately" not in names[0].meaning_en
    assert "近来" not in names[0].meaning_zh


def test_names_are_distinct_and_letters_are_the_last_resort():
    names = name_all([BEST, BEST, BEST])
    assert [name.en[-2:] for name in names] == [" A", " B", " C"]
    assert len({name.en for name in names}) == len({name.zh for name in names}) == 3


def test_those_of_one_name_are_told_apart_by_what_sets_them_apart_most():
    large = standing(order_value=0.6, others={"products": 0.0})
    varied = standing(order_value=-0.1, others={"products": 0.7})
    names = name_all([large, varied, standing(order_value=-0.3, others={"products": -0.2}), GONE])
    assert [name.en for name in names] == [
        "Cooling regular mid spenders, large orders",
        "Cooling regular mid spenders, many products",
        "Cooling regular mid spenders, small orders",
        "Lapsed one-time small spenders",
    ]
    assert names[1].zh == "渐冷常规中等消费客户·品种多"


def test_two_words_come_before_a_letter():
    one = standing(order_value=0.6, others={"products": 0.5})
    other = standing(order_value=0.6, others={"products": -0.5})
    third = standing(order_value=-0.9, others={"products": 0.0})
    said = [name.en.removeprefix("Customers") for name in name_all([one, other, third])]
    assert len(set(said)) == 3
    assert not any(name.endswith((" A", " B", " C")) for name in said)


def test_a_feature_that_one_of_them_lacks_tells_nothing():
    names = name_all([standing(order_value=0.6), standing(order_value=None)])
    assert [name.en[-2:] for name in names] == [" A", " B"]


def test_without_money_no_name_speaks_of_spending():
    poor = Standing(silence=0.0, orders=0.0, money=None, tenure=0.0, order_value=None, median_orders=2)
    assert name_all([poor])[0].en == "Cooling regular buyers"
