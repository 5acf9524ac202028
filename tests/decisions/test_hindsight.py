"""Margins in hindsight: by what customers did without the action, with the playbook's effects."""

from __future__ import annotations

import pyarrow as pa
import pytest

from patron.decisions import DecisionSpec, hindsight_margins, load


def customers(**more):
    columns = {
        "customer_id": ["a", "b"],
        "lifecycle_stage": ["churned", "churned"],
        "segment_key": ["at_risk", "at_risk"],
        "orders_count_lifetime": [2.0, 2.0],
        "net_revenue_sum_lifetime": [80.0, 80.0],
        "days_since_first_order": [500.0, 500.0],
        "days_since_last_order": [300.0, 300.0],
        "future_net_revenue": [0.0, 60.0],
        "future_order_count": [0, 1],
        "window_days": [90.0, 90.0],
    }
    return pa.table(columns | more)


def test_who_ordered_anyway_could_not_be_moved_and_only_costs():
    book = load()
    actions = [action.key for action in book.actions]
    margins = hindsight_margins(customers(), book, DecisionSpec(margin_rate=0.5))
    column = actions.index("reactivation")
    action = book.actions[column]
    assert margins.shape == (2, len(actions))
    assert margins[0, column] == pytest.approx(action.uplift.mean * 40.0 * 0.5 - action.cost_per_contact)
    assert margins[1, column] == pytest.approx(-action.cost_per_contact)


def test_what_makes_no_sense_for_a_customer_brings_nothing():
    book = load()
    column = [action.key for action in book.actions].index("welcome")
    assert (hindsight_margins(customers(), book, DecisionSpec())[:, column] == 0.0).all()
