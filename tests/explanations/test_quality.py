from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from patron import explanations, measures
from patron.contracts.published import QUALITY
from patron.explanations.explainer import matrix_of
from patron.explanations.opinions import agreement, faithfulness, group_contributions, strongest_first


@pytest.fixture(scope="module")
def judged(explainer, people):
    rows = [
        *explanations.coverage(explainer, explained=300, customers=400).to_pylist(),
        *explanations.evaluate(explainer, explainer.sample(people)).to_pylist(),
    ]
    return {row["measure"]: row for row in rows}


def test_what_was_explained_and_how_is_said(judged):
    row = judged["explained"]
    assert (row["value"], row["baseline"]) == (300, 400)
    assert row["slice"] == "90d/net_revenue/formula"
    assert row["verdict"].startswith("info: 300 of 400 customers, by the model itself")


def test_contributions_that_add_up_are_good_and_others_are_not(judged, explainer, people):
    assert judged["additivity_error"]["value"] <= 1e-6
    assert judged["additivity_error"]["verdict"].startswith("good")

    class Wrong(type(explainer.forecast)):
        def contributions(self, matrix):
            said = super().contributions(matrix)
            return type(said)(said.names, said.values * 1.01, said.base)

    other = explanations.prepare(Wrong(), people, explainer.spec, seed=7)
    rows = explanations.evaluate(other, other.sample(people)).to_pylist()
    assert next(r for r in rows if r["measure"] == "additivity_error")["verdict"].startswith("poor")


def test_the_second_method_agrees_on_a_formula_and_not_on_noise(judged, explainer, people):
    assert judged["second_opinion_rank_correlation"]["value"] > 0.7
    assert judged["second_opinion_top_overlap"]["value"] > 0.8
    assert judged["second_opinion_same_sign"]["value"] > 0.8

    class Shuffled(type(explainer.forecast)):
        def contributions(self, matrix):
            said = super().contributions(matrix)
            return type(said)(said.names, np.random.default_rng(0).permuted(said.values, axis=1), said.base)

    other = explanations.prepare(Shuffled(), people, explainer.spec, seed=7)
    matrix = matrix_of(people, explainer.forecast.features)
    rows = matrix[:40]
    found = agreement(other, rows, group_contributions(other, other.attribute(rows)), matrix)
    assert found.rank_correlation.mean() < 0.5
    assert found.same_sign.mean() < 0.8


def test_taking_the_reasons_away_moves_the_forecast_more_than_chance(judged, explainer, people):
    row = judged["reasons_removed"]
    assert row["lower"] > row["baseline"]
    assert row["verdict"].startswith("good")
    assert judged["deletion_area"]["value"] > judged["deletion_area"]["baseline"]


def test_shuffled_reasons_are_found_out(explainer, people):
    matrix = matrix_of(people, explainer.forecast.features)[:200]
    order = strongest_first(group_contributions(explainer, explainer.attribute(matrix)))
    true = faithfulness(explainer, matrix, order)
    shuffled = faithfulness(explainer, matrix, np.random.default_rng(1).permuted(order, axis=1))
    assert measures.interval_of_mean(true.named - true.random).lower > 0
    assert measures.interval_of_mean(shuffled.named - shuffled.random).lower <= 0
    assert true.area.mean() > shuffled.area.mean()


def test_importances_hold_over_draws(judged):
    assert judged["importance_rank_stability"]["value"] > 0.9


def test_seeds_that_agree_in_everything_and_seeds_that_do_not(explainer, people):
    class Turned(type(explainer.forecast)):
        def terms(self, matrix):
            return super().terms(matrix) * np.array([0.001, 1.0, 1.0, 0.02, 1.0, 1.0])

    sample = explainer.sample(people)

    def over_seeds(*others):
        again = explainer.attribute_again(others, sample)
        rows = explanations.evaluate(explainer, sample, again).to_pylist()
        return {row["measure"]: row for row in rows if row["measure"].startswith("seed_")}

    same = over_seeds(type(explainer.forecast)(), type(explainer.forecast)())
    assert {name: row["value"] for name, row in same.items()} == {
        "seed_group_kendall": pytest.approx(1.0),
        "seed_feature_kendall": pytest.approx(1.0),
        "seed_top_overlap": pytest.approx(1.0),
    }
    turned = over_seeds(Turned())
    assert turned["seed_group_kendall"]["value"] < 0.7
    assert turned["seed_group_kendall"]["verdict"].startswith(("poor", "fair"))
    assert over_seeds() == {}


def rows_of(**values):
    return pa.Table.from_pylist(
        [
            {"room": "explanations", "measure": measure, "slice": "90d", "verdict": "info", "reason": None}
            | dict(zip(("value", "lower", "upper", "baseline"), numbers, strict=True))
            for measure, numbers in values.items()
        ],
        schema=QUALITY.schema,
    )


GOOD = {"reasons_removed": (1.0, 0.8, 1.2, 0.5), "second_opinion_same_sign": (0.9, 0.8, 1.0, None)}
FINE = {"customers": 5000, "published": True, "learned": True}


@pytest.mark.parametrize(
    ("measured", "shop", "status", "fact"),
    [
        ({}, {}, "allowed", ""),
        ({}, {"published": False}, "refused", "forecast_published"),
        ({"reasons_removed": (0.6, 0.5, 0.7, 0.5)}, {}, "refused", "faithful"),
        ({"second_opinion_same_sign": (0.5, 0.4, 0.6, None)}, {}, "refused", "same_direction_percent"),
        ({}, {"learned": False}, "warned", "learned"),
        ({}, {"customers": 60}, "warned", "customers"),
    ],
)
def test_the_gate_of_the_reasons_reads_what_was_measured(measured, shop, status, fact):
    ruled = explanations.ruling(rows_of(**(GOOD | measured)), **(FINE | shop))
    assert (ruled.status, ruled.fact) == (status, fact)


def test_a_forecast_of_one_group_is_not_refused_for_what_cannot_be_measured():
    assert explanations.ruling(rows_of(), **FINE).status == "allowed"
