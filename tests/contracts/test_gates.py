"""The gates: what an output needs, as data; and how a ruling is made and told."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from patron.contracts.gates import Gate, Need, gates, rule
from patron.contracts.published import FORECASTS
from patron.ground.errors import ContractBroken
from patron.reports import gate_words
from patron.reports.voice import catalogue

GATE = Gate("it", "forecasts", (Need("customers", "a book", 10, 50), Need("origins", "a curve", 1)))


@pytest.mark.parametrize(
    ("customers", "origins", "status", "fact"),
    [
        (9, 3, "refused", "customers"),
        (10, 3, "warned", "customers"),
        (49, 0, "refused", "origins"),
        (50, 1, "allowed", ""),
    ],
)
def test_the_first_fact_that_refuses_decides_then_the_first_that_warns(customers, origins, status, fact):
    ruling = rule(GATE, {"customers": customers, "origins": origins})
    assert (ruling.status, ruling.fact) == (status, fact)


def test_a_fact_that_nobody_measured_is_not_taken_for_granted():
    with pytest.raises(ContractBroken, match="origins"):
        rule(GATE, {"customers": 100})


def test_a_ruling_is_told_with_its_numbers():
    row = rule(GATE, {"customers": 9, "origins": 1}).row("forecasts", "90d/")
    assert (row["measure"], row["slice"], row["value"], row["baseline"]) == ("gate", "90d/it", 9.0, 10)
    assert row["verdict"].startswith("refused: customers is 9, and 10 or more")
    assert json.loads(row["reason"]) == {"key": "gate_customers_refused", "found": 9.0, "needed": 10}


def test_every_number_names_its_source_and_every_column_exists():
    for gate in gates().values():
        assert all(need.source for need in gate.needs), gate.output
        assert all(need.refused_below or need.warned_below for need in gate.needs), gate.output
        assert set(gate.columns) <= set(FORECASTS.names), gate.output


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_ruling_that_can_be_made_has_words(lang):
    said = catalogue(lang)
    for gate in gates().values():
        assert f"output.{gate.output}" in said
        for need in gate.needs:
            limits = {"refused": need.refused_below, "warned": need.warned_below > need.refused_below}
            assert all(f"why.gate_{need.fact}_{status}" in said for status, limit in limits.items() if limit)


def test_outputs_that_lack_the_same_are_told_in_one_sentence():
    facts = {"money": 1, "window_revenue": 1, "origins": 0, "origin_customers": 0, "origin_events": 0}
    rows = [rule(gates()[name], facts).row("forecasts", "90d/") for name in ("predicted_clv", "repurchase_probability")]
    table = pa.Table.from_pylist(rows)
    [said] = gate_words(table, "en")
    assert said.startswith(
        "Not published over 90 days: Expected revenue and Chance of an order. It could not be checked"
    )
    assert len(gate_words(table, "zh")) == 1


def test_what_is_refused_alike_over_two_horizons_is_said_once():
    ruled = rule(gates()["probability_alive"], {"purchase_process": 1, "repeat_customers": 900, "leaving_seen": 0})
    rows = [ruled.row("forecasts", f"{days}d/") for days in (90, 180)]
    [said] = gate_words(pa.Table.from_pylist(rows), "en")
    assert said.startswith("Not published over 90 days and 180 days: Chance that they have not left for good. ")
