from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from explanations.conftest import Formula, customers
from patron import explanations
from patron.contracts.published import EXPLANATIONS, IMPORTANCES
from patron.explanations import ExplanationSpec
from patron.explanations.explainer import matrix_of
from patron.explanations.sentences import LEAST_TOLD
from patron.explanations.vocabulary import label, phrase

ENGLISH = re.compile(r"[A-Za-z]{2,}")
HALF_WIDTH = re.compile(r"[;:!?()]|,(?!\d{3})|\.(?!\d)")


@pytest.fixture(scope="module")
def said(explainer, people):
    return explanations.explain(explainer, people, currency="EUR")


def test_reasons_and_base_are_the_formulas_own(said, people, explainer):
    row, terms = said.to_pylist()[0], Formula().terms(matrix_of(people, Formula().features))[0]
    factors = {row[f"reason_{k}_group"]: row[f"reason_{k}_factor"] for k in (1, 2, 3)}
    assert row["base_value"] == pytest.approx(np.exp(4.0))
    expected = {"recency": terms[0], "frequency": terms[1] + terms[2], "value": terms[3], "basket": terms[4]}
    strongest = sorted(expected, key=lambda group: -abs(expected[group]))[:3]
    assert list(factors) == strongest
    for group in strongest:
        assert factors[group] == pytest.approx(np.exp(expected[group]))
    assert row["predicted_value"] == pytest.approx(np.exp(4.0 + terms.sum()))
    assert EXPLANATIONS.check(said).num_rows == people.num_rows


def test_a_number_and_its_logarithm_are_one_reason(said):
    features = {row[f"reason_{k}_feature"] for row in said.to_pylist() for k in (1, 2, 3)}
    assert "orders_log_lifetime" not in features
    assert "orders_count_lifetime" in features


def test_every_sentence_tells_the_customers_own_numbers(said, people):
    for row, who in zip(said.to_pylist(), people.to_pylist(), strict=True):
        orders, last = int(who["orders_count_lifetime"]), int(who["days_since_last_order"])
        text, chinese = row["reason"], row["reason_zh"]
        assert text.startswith("1 order for €" if orders == 1 else f"{orders} orders for €")
        assert f"{last} {'day' if last == 1 else 'days'} ago" in text
        assert chinese.startswith(f"{orders} 单，共 €")
        assert f"{last} 天前" in chinese
        assert "{" not in text + chinese
        assert "nan" not in text + chinese
        found = [(k, row[f"reason_{k}_factor"]) for k in (1, 2, 3) if row[f"reason_{k}_group"]]
        told = [factor for k, factor in found if k == 1 or abs(math.log(factor)) >= LEAST_TOLD]
        assert ("aises: " in text) == any(factor > 1 for factor in told)
        assert ("owers: " in text) == any(factor < 1 for factor in told)


def test_chinese_sentences_hold_no_english_and_no_half_width_punctuation(said):
    for row in said.to_pylist():
        assert not ENGLISH.search(row["reason_zh"]), row["reason_zh"]
        assert not HALF_WIDTH.search(row["reason_zh"]), row["reason_zh"]


def test_a_late_customer_is_told_by_how_much(explainer, people):
    late = people.slice(0, 1).to_pylist()[0] | {
        "orders_count_lifetime": 6.0,
        "btyd_frequency": 5.0,
        "days_since_last_order": 63.0,
        "order_gap_days_mean_lifetime": 21.0,
        "net_revenue_sum_lifetime": 1234.0,
    }
    table = type(people).from_pylist([late], schema=people.schema)
    row = explanations.explain(explainer, table, currency="GBP").to_pylist()[0]
    assert row["reason"].startswith("6 orders for £1,234, the last 63 days ago: 3 times the usual gap of 21 days. ")
    assert row["reason_zh"].startswith("6 单，共 £1,234，最近一单在 63 天前，是通常间隔 21 天的 3 倍。")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_words_of_all_features_are_there_in_both_languages(lang):
    assert phrase("orders_count_90d", lang).unit == "order"
    assert phrase("net_revenue_sum_365d", "en").text == "{v} of net revenue in the last 365 days"
    assert phrase("orders_trend_90d_over_365d", "zh").text == "近 90 天下单频率是近一年的 {v} 倍"
    from patron.contracts.catalogue import published_names  # noqa: PLC0415

    for name in published_names():
        told = label(name, lang)
        assert told != name
        assert lang == "en" or not ENGLISH.search(told)


def test_importances_are_ranked_with_their_luck(explainer, people):
    rows = explanations.importances(explainer, explainer.sample(people))
    assert IMPORTANCES.check(rows).num_rows == rows.num_rows
    groups = [row for row in rows.to_pylist() if row["kind"] == "group"]
    terms = np.abs(Formula().terms(matrix_of(people, Formula().features)))
    assert {row["name"] for row in groups} == {"recency", "frequency", "value", "basket"}
    assert next(r for r in groups if r["name"] == "recency")["importance"] == pytest.approx(terms[:, 0].mean())
    for row in groups:
        assert row["lower"] < row["importance"] < row["upper"]
        assert row["rank_best"] <= row["rank"] <= row["rank_worst"]
    assert [row["rank"] for row in groups] == [1, 2, 3, 4]
    assert groups[0]["rank_best"] == groups[0]["rank_worst"] == 1


def test_importances_lie_between_the_ends_that_other_seeds_found(explainer, people):
    @dataclass(frozen=True)
    class Stronger(Formula):
        """The same formula, in which days count for half as much again and orders for nothing."""

        def terms(self, matrix):
            return super().terms(matrix) * np.array([1.5, 0.0, 0.0, 1.0, 1.0, 1.0])

    sample = explainer.sample(people)
    again = explainer.attribute_again([Stronger()], sample)
    rows = {row["name"]: row for row in explanations.importances(explainer, sample, again).to_pylist()}
    recency, frequency, value = (rows[name] for name in ("recency", "frequency", "value"))
    assert (recency["seed_count"], recency["seed_lower"]) == (2, recency["importance"])
    assert recency["seed_upper"] == pytest.approx(1.5 * recency["importance"])
    assert (frequency["seed_lower"], frequency["seed_upper"]) == (0.0, frequency["importance"])
    assert frequency["seed_rank_best"] < frequency["seed_rank_worst"] == 4
    assert value["seed_lower"] == value["seed_upper"] == value["importance"]
    alone = explanations.importances(explainer, sample).to_pylist()[0]
    assert (alone["seed_count"], alone["seed_lower"], alone["seed_rank_worst"]) == (1, None, None)


def test_a_forecast_that_does_not_split_itself_is_not_asked_under_other_seeds(people, spec):
    sampled = explanations.prepare(Formula(additive=False), people, spec, seed=7)
    assert sampled.attribute_again([Formula(additive=False)], sampled.sample(people)) == ()


def test_without_the_models_own_contributions_every_coalition_is_asked(people, spec):
    quiet = people.filter(pc.less(people["days_since_last_order"], 90))  # nobody's forecast is next to nothing
    coalitions = explanations.prepare(Formula(additive=False), quiet, spec, seed=7)
    matrix = matrix_of(quiet, Formula().features)[:20]
    said = coalitions.attribute(matrix)
    assert coalitions.how == "coalitions"
    assert said.base + said.values.sum(axis=1) == pytest.approx(np.log(Formula().predict(matrix)), abs=1e-6)
    # additive in the log, so that differences between customers are the formula's own
    terms = Formula().terms(matrix)
    assert np.diff(said.values[:, said.names.index("days_since_last_order")]) == pytest.approx(np.diff(terms[:, 0]))


def test_one_order_is_one_reason_to_a_purchase_process(people, spec):
    history = ("btyd_frequency", "btyd_recency_days", "btyd_T_days")

    class Process(Formula):
        features: tuple[str, ...] = history

        def predict(self, matrix):
            x, recency, known = matrix.T
            assert (recency <= np.where(x > 0, known, 0.0)).all()  # a mixture of two customers is a customer
            return (1 + x) * np.exp((recency - known) / 300)

    age = people["days_since_first_order"].to_numpy()
    days = pa.array(
        np.where(people["btyd_frequency"].to_numpy() > 0, age - people["days_since_last_order"].to_numpy(), 0)
    )
    shop = people.append_column("btyd_recency_days", days).append_column("btyd_T_days", pa.array(age))
    explainer = explanations.prepare(Process(features=history, additive=False), shop, spec, seed=7)
    matrix = matrix_of(shop, history)
    said = explainer.attribute(matrix)
    once = matrix[:, 0] == 0
    assert (said.values[once, 1] == 0.0).all()
    assert (said.values[~once, 1] != 0.0).any()
    assert said.base + said.values.sum(axis=1) == pytest.approx(explainer.log_forecast(matrix), abs=1e-9)


def test_a_model_of_many_features_is_sampled_within_its_budget(people, monkeypatch):
    monkeypatch.setattr("patron.explanations.explainer.MOST_FEATURES", 3)
    few = ExplanationSpec(permutations=10, most_predictions=100_000)
    sampled = explanations.prepare(Formula(additive=False), people, few, seed=7)
    assert sampled.how == "sampled"
    assert sampled.most_customers == 100_000 // (10 * 6)
    matrix = matrix_of(people, Formula().features)[:20]
    said = sampled.attribute(matrix)
    assert said.base + said.values.sum(axis=1) == pytest.approx(np.log(Formula().predict(matrix)), abs=1e-9)


def test_a_forecast_of_zero_is_told_as_zero(people, spec):
    class Nothing(Formula):
        def predict(self, matrix):
            return np.where(matrix[:, 0] > 100, 0.0, 50.0)

    explainer = explanations.prepare(Nothing(additive=False), people, spec, seed=7)
    said = explanations.explain(explainer, people, currency="EUR").to_pylist()
    gone = [row for row in said if row["predicted_value"] == 0.0]
    assert gone
    assert all("Expected in 90 days: €0 (typical: " in row["reason"] for row in gone)
    assert all(row["reason_1_group"] == "recency" and row["reason_1_factor"] < 0.1 for row in gone)


def test_orders_are_explained_as_orders(people, spec):
    explainer = explanations.prepare(Formula(target="orders"), people, spec, seed=7)
    text = explanations.explain(explainer, customers(3)).to_pylist()[0]["reason"]
    assert re.search(r"Expected in 90 days: [\d.,]+ orders? \(typical: 54.6 orders\)", text)
