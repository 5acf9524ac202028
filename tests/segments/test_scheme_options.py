"""How the rule schemes are read: which, what M is, by whose rhythm; and the definition that stands beside each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError

from patron import segments
from patron.ground.errors import UnreadableFile
from patron.segments import RuleSpec, SegmentModel, SegmentSpec
from patron.segments.methods.lifecycle import STAGES
from patron.segments.methods.value_tiers import TIERS
from patron.segments.schemes import SCHEMES, read
from segments.worlds import AS_OF, prepared, snapshot

GAPS = (20.0, 40.0, 80.0)
SILENCE = "days_since_last_order"


def fitted(shop, gap_days=GAPS, k_max=3, **rules):
    known = shop.select([name for name in shop.column_names if name != "predicted_clv"])
    spec = SegmentSpec(k_max=k_max, rules=RuleSpec(**rules))
    model = segments.fit(shop, prepared(known), spec, gap_days=gap_days)
    return model, segments.apply(model, shop, prepared(known))


def keys(placed, scheme, column="segment_key"):
    return placed.filter(pc.equal(placed["scheme"], scheme))[column].to_pylist()


def with_column(shop, name, values):
    if name in shop.column_names:
        return shop.set_column(
            shop.schema.get_field_index(name),
            name,
            values if isinstance(values, pa.ChunkedArray) else pa.array(values, from_pandas=True),
        )
    return shop.append_column(
        name, values if isinstance(values, pa.ChunkedArray) else pa.array(values, from_pandas=True)
    )


@pytest.fixture(scope="module")
def shop():
    made = snapshot()
    return with_column(
        made, "order_value_mean_lifetime", pc.divide(made["net_revenue_sum_lifetime"], made["orders_count_lifetime"])
    )


@pytest.fixture(scope="module")
def everything(shop):
    return fitted(shop, schemes=SCHEMES)


def test_only_the_chosen_schemes_are_read_in_their_order(shop):
    _, placed = fitted(shop, schemes=("pymc5", "classic11", "pymc5"))
    assert list(dict.fromkeys(placed["scheme"].to_pylist())) == ["pymc5-1", "classic11-1", "learned"]


@pytest.mark.parametrize("name", SCHEMES)
def test_every_customer_is_once_in_each_scheme_whoever_they_are(name):
    """Totality over people: no order, no money, no forecast, and every mixture of scores."""
    shop = snapshot()
    rng = np.random.default_rng(3)
    holes = {
        "orders_count_lifetime": [0.0 if rng.random() < 0.1 else v for v in shop["orders_count_lifetime"].to_pylist()],
        "net_revenue_sum_lifetime": [
            None if rng.random() < 0.2 else v for v in shop["net_revenue_sum_lifetime"].to_pylist()
        ],
        "predicted_clv": [None if rng.random() < 0.3 else float(rng.lognormal()) for _ in range(shop.num_rows)],
        SILENCE: [None if rng.random() < 0.05 else v for v in shop[SILENCE].to_pylist()],
    }
    for column, values in holes.items():
        shop = with_column(shop, column, values)
    spec = SegmentSpec(k_max=3, rules=RuleSpec(schemes=(name,), m_source="predicted_clv", personal_cadence=True))
    matrix = prepared(snapshot())
    model = segments.fit(shop, matrix, spec, gap_days=GAPS)
    placed = segments.apply(model, shop, matrix)
    mine = placed.filter(pc.equal(placed["scheme"], f"{name}-1"))
    assert mine["customer_id"].to_pylist() == shop["customer_id"].to_pylist()
    allowed = {segment.key for card in model.cards if card.key == f"{name}-1" for segment in card.segments}
    assert set(mine["segment_key"].to_pylist()) <= allowed
    nobody = [
        not orders or silence is None
        for orders, silence in zip(shop["orders_count_lifetime"].to_pylist(), shop[SILENCE].to_pylist(), strict=True)
    ]
    found = [key in ("prospects", "prospect") for key in mine["segment_key"].to_pylist()]
    assert found == nobody


def test_lifecycle_and_tiers_say_what_their_columns_say(everything):
    _, placed = everything
    assert keys(placed, "lifecycle-1") == keys(placed, "lifecycle-1", "lifecycle_stage")
    assert keys(placed, "value_tiers-1") == keys(placed, "value_tiers-1", "value_tier")
    assert [segment.key for segment in read("lifecycle").card.segments] == list(STAGES)
    for name in ("value_tiers", "value_percentiles"):
        assert [segment.key for segment in read(name).card.segments] == list(TIERS)


def test_percentile_tiers_hold_their_shares_of_customers(everything):
    model, placed = everything
    found = keys(placed, "value_percentiles-1")
    shares = [found.count(tier) / len(found) for tier in TIERS]
    assert shares == pytest.approx([0.05, 0.15, 0.30, 0.50], abs=0.02)
    assert model.tier_by == "net_revenue"


def test_every_definition_names_its_version_and_the_very_cuts(everything, shop):
    model, placed = everything
    cards = {card.key: card for card in model.cards}
    for name in SCHEMES:
        assert cards[f"{name}-1"].definition_en.startswith("Version 1.")
        assert cards[f"{name}-1"].definition_zh.startswith("第 1 版。")
        assert all(segment.rule_en and segment.rule_zh for segment in cards[f"{name}-1"].segments)
    cuts = [int(cut) for cut in model.rules.published.r.thresholds_[0]]
    ranges = ", ".join([*(f"{5 - i}: ≤ {cut}" for i, cut in enumerate(cuts)), f"1: > {cuts[-1]}"])
    told = f"R by days since the last order ({ranges})"
    assert told in cards["classic11-1"].definition_en
    silence = dict(zip(shop["customer_id"].to_pylist(), shop[SILENCE].to_pylist(), strict=True))
    best = placed.filter(pc.and_(pc.equal(placed["scheme"], "classic11-1"), pc.equal(placed["r_score"], 5)))
    assert max(silence[one] for one in best["customer_id"].to_pylist()) == cuts[0]
    rules = {segment.key: segment.rule_en for segment in cards["lifecycle-1"].segments}
    assert rules["churned"] == "silent for more than 160 days"
    assert "M by mean order value" in cards["pymc5-1"].definition_en
    assert "M by" not in cards["community10-1"].definition_en
    assert "churned after 160." in cards["lifecycle-1"].definition_en


def test_tiers_tell_their_edges_and_what_value_is(everything):
    model, _ = everything
    card = next(card for card in model.cards if card.key == "value_tiers-1")
    assert card.definition_en == "Version 1. Value is net revenue so far."
    edges = [float(segment.rule_en.removeprefix("from ").replace(",", "")) for segment in card.segments[:3]]
    assert all(better > worse for better, worse in pairwise(edges))
    assert edges == pytest.approx(model.ladders.tier_edges, abs=0.51)


def test_m_can_be_what_the_forecast_expects(shop):
    """Two customers alike in history; only the forecast tells them apart."""
    worth = np.arange(float(shop.num_rows))
    known = with_column(shop, "predicted_clv", worth)
    by_history, history = fitted(known, schemes=("classic11", "cn8"))
    by_forecast, forecast = fitted(known, schemes=("classic11", "cn8"), m_source="predicted_clv")
    scores = keys(forecast, "classic11-1", "m_score")
    assert (np.diff(scores) >= 0).all()
    assert (scores[0], scores[-1]) == (1, 5)
    assert keys(history, "classic11-1", "m_score") != scores
    assert "M by predicted value" in by_forecast.cards[0].definition_en
    assert "M by net revenue so far" in by_history.cards[0].definition_en
    important = [key.startswith("important") for key in keys(forecast, "cn8-1")]
    assert important == (worth > np.median(worth)).tolist()
    said = segments.evaluate(by_forecast, forecast).to_pylist()
    assert [row["verdict"] for row in said if row["measure"] == "m_from_forecast"] == [
        "info: M is read off the forecast"
    ]


def test_without_a_forecast_m_is_history_and_quality_says_so(shop):
    _, history = fitted(shop)
    model, placed = fitted(shop, m_source="predicted_clv")
    assert placed["m_score"].equals(history["m_score"])
    said = [row for row in segments.evaluate(model, placed).to_pylist() if row["measure"] == "m_from_forecast"]
    assert [(row["value"], row["verdict"][:4]) for row in said] == [(0.0, "fair")]


@pytest.fixture(scope="module")
def rhythm():
    """A base of 60, and three regulars of six orders: late by their own rhythm, within it, and neither."""
    base = snapshot(n=60, seed=2)
    late, within = 10.0, 120.0
    extra = pa.table(
        {
            "customer_id": ["late", "within", "neither", "twice"],
            "as_of": pa.array([AS_OF] * 4, pa.date32()),
            SILENCE: [late, within, 10.0, late],
            "days_since_first_order": [400.0] * 4,
            "orders_count_lifetime": [6.0, 6.0, 6.0, 2.0],
            "order_gap_days_mean_lifetime": [4.0, 150.0, 7.0, 4.0],
            "order_gap_days_max_lifetime": [9.0, 200.0, 30.0, 4.0],
            "net_revenue_sum_lifetime": [900.0, 900.0, 900.0, 90.0],
        }
    )
    return pa.concat_tables([base, extra.cast(base.schema)])


def of(placed, who, scheme="classic11-1"):
    mine = pc.and_(pc.equal(placed["customer_id"], who), pc.equal(placed["scheme"], scheme))
    return placed.filter(mine).to_pylist()[0]


def test_own_rhythm_moves_the_overdue_to_at_risk_and_keeps_those_within_it(rhythm):
    _, before = fitted(rhythm)
    _, after = fitted(rhythm, personal_cadence=True)
    assert (of(before, "late")["segment_key"], of(after, "late")["segment_key"]) == ("champions", "at_risk")
    row = of(after, "late")
    assert row["placed_because"] == "Silent for 10 days, 2.5 times the usual 4: late by their own rhythm."
    assert row["placed_because_zh"] == "已沉默 10 天，为平时间隔 4 天的 2.5 倍：按其自身节奏已逾期。"
    for who in ("neither", "twice"):
        assert of(after, who) == of(before, who)
    assert before["placed_because"].null_count == before.num_rows


def test_own_rhythm_reads_silent_customers_as_halfway_recent_while_they_are_within_their_gap(rhythm):
    silent = with_column(
        rhythm,
        SILENCE,
        [
            140.0 if who == "within" else min(v, 100.0)
            for who, v in zip(rhythm["customer_id"].to_pylist(), rhythm[SILENCE].to_pylist(), strict=True)
        ],
    )
    _, before = fitted(silent)
    _, after = fitted(silent, personal_cadence=True)
    assert of(before, "within")["segment_key"] == "cant_lose"
    assert of(after, "within")["segment_key"] == "loyal"
    assert of(after, "within")["placed_because"] == (
        "Silent for 140 days, within the usual 150: not late by their own rhythm."
    )
    assert of(after, "within", "cn8-1") == of(before, "within", "cn8-1")


def test_the_moves_are_counted_in_quality_and_add_up(shop):
    names = ("classic11", "community10", "putler11", "shopify11", "klaviyo6", "pymc5", "lifecycle")
    _, before = fitted(shop, schemes=names)
    model, after = fitted(shop, schemes=names, personal_cadence=True)
    said = segments.evaluate(model, after).to_pylist()
    counted = {row["slice"] for row in said if row["measure"] == "kept_by_own_rhythm"}
    assert counted == {f"{name}-1" for name in names[:5]}
    for scheme in counted:
        moved = sum(a != b for a, b in zip(keys(before, scheme), keys(after, scheme), strict=True))
        told = [why for why in keys(after, scheme, "placed_because") if why]
        numbers = [r["value"] for r in said if r["slice"] == scheme and r["measure"].endswith("by_own_rhythm")]
        assert sum(numbers) == moved == len(told) > 0


def test_a_scheme_of_another_version_is_not_read_from_the_shelf(everything, tmp_path):
    model, _ = everything
    model.save(tmp_path)
    path = tmp_path / "segments.json"
    path.write_text(path.read_text("utf-8").replace('"classic11-1"', '"classic11-0"'), encoding="utf-8")
    with pytest.raises(UnreadableFile, match="made with classic11-0; this Patron has classic11-1"):
        SegmentModel.load(tmp_path)


@pytest.mark.parametrize("wrong", [{"schemes": ("clasic11",)}, {"m_source": "clv"}, {"own": ()}])
def test_rules_that_are_not_known_are_refused(wrong):
    with pytest.raises(ValidationError):
        RuleSpec(**wrong)
