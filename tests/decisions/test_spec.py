"""The knobs: explained, bounded, unknown ones refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from patron.decisions import DecisionSpec


def test_every_knob_is_explained_and_there_are_few():
    fields = DecisionSpec.model_fields
    assert len(fields) <= 10
    assert all(field.description for field in fields.values())


@pytest.mark.parametrize(
    "said", [{"budget": -1}, {"holdout_share": 1.0}, {"margin_rate": 0}, {"budgets": 1}, {"budget": float("nan")}]
)
def test_impossible_choices_are_refused(said):
    with pytest.raises(ValidationError):
        DecisionSpec(**said)
