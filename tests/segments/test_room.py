"""The room: fit once, place everyone in every scheme, and say how it was chosen."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from patron import segments
from patron.contracts.published import QUALITY
from patron.contracts.segment_tables import SEGMENTS
from patron.ground.errors import EmptyInput, InputError, MissingColumns, UnreadableFile
from patron.segments import RuleSpec, SegmentModel, SegmentSpec
from patron.segments.judgement import judge
from patron.segments.methods.choosing_k import KLimits, choose_k
from segments.worlds import AS_OF, prepared, snapshot

SPEC = SegmentSpec(k_max=4)
GAPS = (20.0, 40.0, 80.0)


@pytest.fixture(scope="module")
def shop():
    return snapshot()


@pytest.fixture(scope="module")
def model(shop):
    return segments.fit(shop, prepared(shop), SPEC, gap_days=GAPS)


@pytest.fixture(scope="module")
def placed(model, shop):
    return segments.apply(model, shop, prepared(shop))


def of_scheme(table, scheme):
    return table.filter(pc.equal(table["scheme"], scheme))


def test_every_customer_is_once_in_every_scheme(placed, shop):
    read = ("classic11-1", "cn8-1", "community10-1", "putler11-1", "lifecycle-1", "value_tiers-1", "learned")
    assert SEGMENTS.check(placed).num_rows == len(read) * shop.num_rows
    for scheme in read:
        assert of_scheme(placed, scheme)["customer_id"].to_pylist() == shop["customer_id"].to_pylist()
    assert set(placed["as_of"].to_pylist()) == {AS_OF}


def test_every_segment_has_a_card(model, placed):
    names = {(card.key, segment.key): segment.name_en for card in model.cards for segment in card.segments}
    for row in placed.group_by(["scheme", "segment_key", "segment_name"]).aggregate([]).to_pylist():
        assert names[row["scheme"], row["segment_key"]] == row["segment_name"]


def test_rules_are_certain_and_the_learned_cut_says_how_sure_it_is(placed):
    rules, learned = of_scheme(placed, "classic11-1"), of_scheme(placed, "learned")
    assert set(rules["membership"].to_pylist()) == {1.0}
    assert rules["distance"].null_count == rules.num_rows
    assert learned["distance"].null_count == 0
    assert 0 < pc.min(learned["membership"]).as_py() <= 1


def test_row_order_changes_nothing(model, shop, placed):
    order = np.random.default_rng(1).permutation(shop.num_rows)
    shuffled = shop.take(pa.array(order))
    again = segments.fit(shuffled, prepared(shop)[order], SPEC, gap_days=GAPS)
    moved = segments.apply(again, shuffled, prepared(shop)[order]).sort_by(
        [("scheme", "ascending"), ("customer_id", "ascending")]
    )
    here = placed.sort_by([("scheme", "ascending"), ("customer_id", "ascending")])
    rules = pc.not_equal(here["scheme"], "learned")
    for column in ("segment_key", "r_score", "f_score", "m_score", "value_tier", "lifecycle_stage"):
        assert moved[column].filter(rules).equals(here[column].filter(rules))


def test_a_new_customer_is_placed_without_relearning(model, shop, placed):
    one = shop.slice(17, 1)
    alone = segments.apply(model, one, prepared(shop)[17:18])
    whole = placed.filter(pc.equal(placed["customer_id"], one["customer_id"][0]))
    columns = [name for name in SEGMENTS.names if name not in ("distance", "membership")]
    assert alone.select(columns).equals(whole.select(columns))
    assert alone["distance"].to_pylist()[:-1] == [None] * 6


def test_survives_the_shelf(model, shop, placed, tmp_path):
    model.save(tmp_path / "model")
    assert segments.apply(SegmentModel.load(tmp_path / "model"), shop, prepared(shop)).equals(placed)
    assert SegmentModel.load(tmp_path / "model").cards == model.cards


def test_a_spoiled_model_is_refused(model, tmp_path):
    with pytest.raises(UnreadableFile, match="run again"):
        SegmentModel.load(tmp_path)
    model.save(tmp_path)
    path = tmp_path / "segments.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "format": 99}), encoding="utf-8")
    with pytest.raises(UnreadableFile, match="format 99"):
        SegmentModel.load(tmp_path)


def test_a_fitted_model_cannot_be_changed(model):
    with pytest.raises(FrozenInstanceError):
        model.ladders = None


def test_a_shop_without_money_has_no_m_and_no_cn8():
    shop = snapshot(money=False)
    model = segments.fit(shop, prepared(shop), SPEC, gap_days=GAPS)
    placed = segments.apply(model, shop, prepared(shop))
    assert "cn8-1" not in set(placed["scheme"].to_pylist())
    assert placed["m_score"].null_count == placed.num_rows
    assert model.tier_by == "orders"
    said = segments.evaluate(model, placed)
    refused = said.filter(pc.equal(said["slice"], "cn8-1"))["verdict"].to_pylist()
    assert refused == ["refused: it needs money, and the shop's data hold none"]


def test_without_money_fm_is_f():
    shop = snapshot(money=False)
    model = segments.fit(shop, prepared(shop), SPEC, gap_days=GAPS)
    classic = of_scheme(segments.apply(model, shop, prepared(shop)), "classic11-1")
    best = pc.and_(pc.equal(classic["r_score"], 5), pc.equal(classic["f_score"], 5))
    assert set(classic.filter(best)["segment_name"].to_pylist()) == {"Champions"}


def test_a_money_column_that_is_wholly_empty_is_no_money():
    shop = snapshot(money=False).append_column("net_revenue_sum_lifetime", pa.nulls(400, pa.float64()))
    model = segments.fit(shop, prepared(snapshot(money=False)), SPEC, gap_days=GAPS)
    assert model.rules.published.m is None


def test_one_order_cap_keeps_big_first_orders_out_of_the_best_segments(shop):
    capped = segments.fit(shop, prepared(shop), SegmentSpec(k_max=4, rules=RuleSpec(one_order_cap=True)), gap_days=GAPS)
    placed = of_scheme(segments.apply(capped, shop, prepared(shop)), "classic11-1")
    once = pc.equal(shop["orders_count_lifetime"], 1.0)
    allowed = {"New Customers", "Promising", "About to Sleep", "Hibernating", "Lost"}
    assert set(placed.filter(once)["segment_name"].to_pylist()) <= allowed


@pytest.mark.parametrize("threshold", ["median", "mean", (10.0, 3.0, 200.0)])
def test_cn8_follows_its_thresholds_and_reports_them(shop, threshold):
    model = segments.fit(
        shop, prepared(shop), SegmentSpec(k_max=3, rules=RuleSpec(cn8_threshold=threshold)), gap_days=GAPS
    )
    used = model.rules.high_low
    if threshold == (10.0, 3.0, 200.0):
        assert (used.days, used.orders, used.money) == threshold
    placed = of_scheme(segments.apply(model, shop, prepared(shop)), "cn8-1")
    important = pc.starts_with(placed["segment_key"], "important")
    assert important.equals(pc.greater_equal(shop["net_revenue_sum_lifetime"], used.money))
    said = segments.evaluate(model, placed).to_pylist()
    values = {row["measure"]: row["value"] for row in said if row["slice"] == "cn8-1"}
    assert values["recency_high_up_to_days"] == used.days
    assert values["frequency_high_from_orders"] == used.orders
    assert values["money_high_from"] == used.money


def test_a_tie_at_the_median_is_not_high():
    """Most customers have one order, so the median is 1: high means more than that."""
    column = snapshot().schema.get_field_index("orders_count_lifetime")
    shop = snapshot().set_column(column, "orders_count_lifetime", pa.array([1.0] * 300 + [2.0] * 60 + [5.0] * 40))
    model = segments.fit(shop, prepared(shop), SPEC, gap_days=GAPS)
    assert model.rules.high_low.orders == 2


def test_customers_without_an_order_are_prospects():
    shop = snapshot()
    column = shop.schema.get_field_index("orders_count_lifetime")
    orders = shop["orders_count_lifetime"].to_pylist()
    some = shop.set_column(column, "orders_count_lifetime", pa.array([0.0, *orders[1:]]))
    model = segments.fit(some, prepared(shop), SPEC, gap_days=GAPS)
    row = of_scheme(segments.apply(model, some, prepared(shop)), "classic11-1").to_pylist()[0]
    assert (row["segment_key"], row["lifecycle_stage"], row["r_score"]) == ("prospects", "prospect", None)


def test_tiers_follow_the_forecast_where_there_is_one(shop):
    worth = np.zeros(shop.num_rows)
    worth[5] = 1000.0
    known = shop.append_column("predicted_clv", pa.array(worth))
    model = segments.fit(known, prepared(shop), SPEC, gap_days=GAPS)
    tiers = of_scheme(segments.apply(model, known, prepared(shop)), "cn8-1")["value_tier"].to_pylist()
    assert tiers[5] == "platinum"
    assert set(tiers[:5] + tiers[6:]) == {"bronze"}


def test_lifecycle_days_of_the_plan_win(shop):
    spec = SegmentSpec(k_max=3, lifecycle_days=(1000.0, 2000.0, 3000.0))
    model = segments.fit(shop, prepared(shop), spec, gap_days=GAPS)
    stages = set(segments.apply(model, shop, prepared(shop))["lifecycle_stage"].to_pylist())
    assert stages == {"new"}


def test_guessed_lifecycle_days_are_called_a_guess(shop):
    model = segments.fit(shop, prepared(shop), SPEC, gap_days=None)
    said = segments.evaluate(model, segments.apply(model, shop, prepared(shop))).to_pylist()
    assert {row["verdict"] for row in said if row["slice"] == "lifecycle"} == {
        "fair: nobody has ordered twice; a guess"
    }


def test_quality_has_every_vote_every_candidate_and_the_reason(model, placed):
    said = QUALITY.check(segments.evaluate(model, placed))
    keys = [(row["room"], row["measure"], row["slice"]) for row in said.to_pylist()]
    assert len(set(keys)) == len(keys)
    by_measure = {measure: slice_ for _, measure, slice_ in keys}
    assert {"chosen_k", "vote: elbow", "silhouette", "gap_uniform", "gap_pca", "worst_cluster_index"} <= set(by_measure)
    chosen = next(row for row in said.to_pylist() if row["measure"] == "chosen_k")
    assert "Learned on 400 customers" in chosen["verdict"]
    assert chosen["value"] == len(model.learned.card.segments)


def test_an_exact_silhouette_has_no_interval_and_a_sampled_one_has(model):
    exact = [it for it in model.judgements if it.measure == "silhouette"]
    assert exact
    assert all((it.lower, it.upper) == (None, None) for it in exact)
    choice = choose_k(prepared(snapshot()), KLimits(k_max=3, silhouette_rows=50, n_references=3), seed=0)
    sampled = [it for it in judge(choice, 400) if it.measure == "silhouette"]
    assert all(it.lower < it.value < it.upper for it in sampled)


def test_learning_draws_a_stated_sample_and_places_everyone():
    shop = snapshot(n=500)
    model = segments.fit(shop, prepared(shop), SegmentSpec(k_max=3, learning_customers=100), gap_days=GAPS)
    assert model.learned.n_learned == 100
    assert of_scheme(segments.apply(model, shop, prepared(shop)), "learned").num_rows == 500


def test_the_same_customers_give_the_same_model(model, shop):
    assert segments.fit(shop, prepared(shop), SPEC, gap_days=GAPS).learned.to_parts() == model.learned.to_parts()


def test_customers_all_alike_are_one_segment():
    shop = snapshot(n=30)
    model = segments.fit(shop, np.zeros((30, 2)), SPEC, gap_days=GAPS)
    learned = of_scheme(segments.apply(model, shop, np.zeros((30, 2))), "learned")
    assert set(learned["segment_name"].to_pylist()) == {"Everyone"}


def test_one_customer_and_no_prepared_column():
    shop = snapshot(n=1)
    model = segments.fit(shop, np.empty((1, 0)), SPEC, gap_days=GAPS)
    assert segments.apply(model, shop, np.empty((1, 0))).num_rows == 7


def test_bad_input_is_refused_in_words(model, shop):
    with pytest.raises(MissingColumns, match="days_since_last_order"):
        segments.fit(shop.drop_columns(["days_since_last_order"]), prepared(shop), SPEC)
    with pytest.raises(EmptyInput, match="no customer"):
        segments.apply(model, shop.slice(0, 0), prepared(shop)[:0])
    two = shop.set_column(1, "as_of", pa.array([AS_OF] * 399 + [AS_OF.replace(day=2)], pa.date32()))
    with pytest.raises(InputError, match="one as_of date"):
        segments.apply(model, two, prepared(shop))
    with pytest.raises(InputError, match=r"shape \(399, 3\)"):
        segments.apply(model, shop, prepared(shop)[:399])
    with pytest.raises(InputError, match="NaN or infinity"):
        segments.apply(model, shop, np.full_like(prepared(shop), np.nan))
    endless = shop.set_column(2, "days_since_last_order", pa.array([float("inf")] * 400))
    with pytest.raises(InputError, match="infinity"):
        segments.apply(model, endless, prepared(shop))


@pytest.mark.parametrize(
    "wrong",
    [
        {"k_min": 5, "k_max": 3},
        {"lifecycle_days": (70.0, 60.0, 90.0)},
        {"rules": {"cn8_threshold": "mode"}},
        {"features": ()},
        {"number_of_segments": 4},
    ],
)
def test_a_spec_that_contradicts_itself_is_refused(wrong):
    with pytest.raises(ValidationError):
        SegmentSpec(**wrong)


def test_the_door_lists_what_it_exports():
    constants_first = sorted(segments.__all__, key=lambda name: (not name.isupper(), name))
    assert segments.__all__ == constants_first
    assert len(SegmentSpec.model_fields) <= 10
    assert all(field.description for field in SegmentSpec.model_fields.values())
