"""What is published of a learned cut: the method that the past allows, and nothing that does not earn its keep."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron import segments
from patron.segments import SegmentModel, SegmentSpec, Taught
from segments.test_worth import SPEC, labelled, prepare, secret, seeing_kinds
from segments.worlds import prepared, snapshot

GAPS = (20.0, 40.0, 80.0)


@pytest.fixture(scope="module")
def enough():
    return segments.judge_on_held_out(labelled(), SPEC, prepare, seed=1)


def fitted(spec, **more):
    shop = snapshot()
    return shop, segments.fit(shop, prepared(shop), spec, gap_days=GAPS, **more)


def test_a_cut_that_rfm_outdoes_is_withheld_and_the_reason_stands_in_its_place(enough):
    shop, model = fitted(SPEC)
    model = segments.prove(model, SPEC, enough)
    assert [one.name_en for one in model.learned.card.segments] == ["Everyone"]
    assert model.learned.card.meaning_en.startswith("RFM is enough")
    [verdict] = [it for it in model.judgements if it.measure == "earns_its_keep"]
    assert verdict.verdict.startswith("refused: RFM is enough")
    learned = segments.apply(model, shop, prepared(shop))
    mine = learned.filter(pc.equal(learned["scheme"], "learned"))
    assert pc.all(mine["fits_segment"]).as_py()


def test_it_is_published_all_the_same_where_the_plan_says_so(enough):
    spec = SPEC.model_copy(update={"unproven": "publish"})
    model = segments.prove(fitted(spec)[1], spec, enough)
    assert len(model.learned.card.segments) > 1
    assert "RFM is enough" in model.learned.card.meaning_en


def test_a_cut_that_earns_its_keep_says_what_it_adds():
    found = segments.judge_on_held_out(labelled(future=secret), SPEC, seeing_kinds, seed=1)
    shop = snapshot()
    model = segments.fit(shop, seeing_kinds(shop)(shop), SPEC, gap_days=GAPS)
    model = segments.prove(model, SPEC, found)
    assert len(model.learned.card.segments) == 2
    assert "better than RFM quintiles" in model.learned.card.meaning_en


def test_a_value_tree_without_a_past_is_k_means():
    assert fitted(SegmentSpec(k_max=4))[1].learned.method == "k_means"


def test_a_value_tree_places_by_the_rules_of_the_past_and_comes_back_from_disk(tmp_path):
    past = snapshot(800, seed=3)
    value = np.where(past["orders_count_lifetime"].to_numpy() > 2, 100.0, 5.0)
    shop, model = fitted(SegmentSpec(k_max=4), taught=Taught(prepared(past), value))
    assert model.learned.method == "value_tree"
    assert len(model.learned.card.segments) == 2
    model.save(tmp_path)
    again = SegmentModel.load(tmp_path)
    assert segments.apply(again, shop, prepared(shop)).equals(segments.apply(model, shop, prepared(shop)))
    assert np.array_equal(again.learned.population.reach, model.learned.population.reach)


def test_auto_takes_the_first_method_unless_another_is_better_beyond_luck():
    spec = SPEC.model_copy(update={"method": "auto"})
    found = segments.judge_on_held_out(labelled(future=secret), spec, seeing_kinds, seed=1)
    assert found.method in {"value_tree", "k_means"}
    assert found.why_en.startswith("Of 6 methods")
    assert ("gini", "gaussian_mixture") in found.worth.scores


def test_customers_far_from_everyone_learned_from_fit_no_segment():
    shop = snapshot()
    model = segments.fit(shop, prepared(shop), SegmentSpec(method="k_means", k_max=4), gap_days=GAPS)
    matrix = prepared(shop)
    matrix[:5] += 50.0
    placed = segments.apply(model, shop, matrix)
    fits = placed.filter(pc.equal(placed["scheme"], "learned"))["fits_segment"].to_numpy(zero_copy_only=False)
    assert not fits[:5].any()
    assert fits[5:].mean() > 0.97
    rules = placed.filter(pc.not_equal(placed["scheme"], "learned"))
    assert rules["fits_segment"].null_count == rules.num_rows


def test_drift_is_told_feature_by_feature():
    shop = snapshot()
    model = segments.fit(shop, prepared(shop), SegmentSpec(method="k_means", k_max=4), gap_days=GAPS)
    names = ["silence", "orders", "money"]
    moved = prepared(shop) + np.array([0.0, 0.0, 1.5])
    before = segments.Before.place("20260101-a1b2c3d4", model, moved, names)
    found = segments.succeed(model, prepared(shop), before, used_keys=(), confirmed="").model.judgements
    verdicts = {it.slice.partition("/")[2]: it.verdict for it in found if it.measure == "population_stability"}
    assert verdicts["silence"].startswith("good")
    assert verdicts["money"].startswith("poor")
    [outside] = [it for it in found if it.measure == "share_outside"]
    assert outside.value > 0.0
    held = replace(model, judgements=found)
    again = segments.succeed(held, prepared(shop), before, used_keys=(), confirmed="").model.judgements
    assert sum(it.measure == "share_outside" for it in again) == 2  # the refit's own list is the caller's


def test_the_past_cut_has_as_many_segments_as_the_one_to_be_published():
    found = segments.judge_on_held_out(labelled(), SPEC, prepare, k=2, seed=1)
    assert "as many segments (2)" in found.why_en


def test_a_cut_that_is_none_is_not_proved(enough):
    shop = snapshot(n=30)
    model = segments.fit(shop, np.zeros((30, 2)), SPEC, gap_days=GAPS)
    assert segments.prove(model, SPEC, enough) is model


def test_a_shop_of_one_day_has_no_learned_cut():
    shop = snapshot()
    ones = pa.array(np.ones(shop.num_rows))
    for name in ("days_since_last_order", "days_since_first_order"):
        shop = shop.set_column(shop.column_names.index(name), name, ones)
    model = segments.fit(shop, prepared(snapshot()), SPEC, gap_days=GAPS)
    [card] = model.learned.card.segments
    assert card.name_en == "Everyone"
    assert model.learned.card.meaning_en.startswith("All orders lie on one day")
    assert model.learned.card.meaning_zh.startswith("所有订单都在同一天")
    [chosen] = [it for it in model.judgements if it.measure == "chosen_k"]
    assert chosen.verdict.startswith("refused: All orders lie on one day")


def test_no_name_speaks_of_a_recency_that_all_customers_share():
    shop = snapshot()
    days = pa.array(np.full(shop.num_rows, 3.0))
    still = shop.set_column(shop.column_names.index("days_since_last_order"), "days_since_last_order", days)
    model = segments.fit(still, prepared(shop), SPEC, gap_days=GAPS)
    names = " ".join(one.name_en + one.meaning_en for one in model.learned.card.segments).lower()
    assert len(model.learned.card.segments) > 1
    assert not any(word in names for word in ("cooling", "lapsed", "active", "lately", "recently"))
