from __future__ import annotations

from typing import get_args

import pytest
from pydantic import ValidationError

from patron.forecasts import ForecastSpec
from patron.forecasts.contenders import LEARN, RESTORE
from patron.forecasts.spec import ModelName


def test_every_knob_is_explained_and_they_are_few():
    assert len(ForecastSpec.model_fields) <= 10
    assert all(field.description for field in ForecastSpec.model_fields.values())


def test_every_model_that_can_be_named_can_compete_and_be_restored():
    assert set(get_args(ModelName)) == set(LEARN) == set(RESTORE)


@pytest.mark.parametrize(
    "wrong", [{"horizons_days": ()}, {"interval_levels": (0.8, 1.0)}, {"models": ("oracle",)}, {"n_trees": 3}]
)
def test_a_spec_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        ForecastSpec(**wrong)
