from __future__ import annotations

import pytest
from pydantic import ValidationError

from patron.ground.errors import InputError
from patron.simulation import SimulationSpec
from patron.simulation.spec import ALL_TABLES, Baskets, Browsing, Marketing, Purchases, Ties


def test_a_spec_survives_json() -> None:
    spec = SimulationSpec(customers=7, zone="Asia/Shanghai", dirt={"late": 0.1})
    assert SimulationSpec.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize("wrong", [{"customers": 0}, {"colour": 1}, {"tables": ()}, {"dirt": {"soap": 0.1}}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SimulationSpec.model_validate(wrong)


def test_too_much_dirt_is_refused_with_its_kind() -> None:
    with pytest.raises(ValidationError, match=r"outside 0 to 0\.5: \{'late': 0\.9\}"):
        SimulationSpec(dirt={"late": 0.9})


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InputError, match="is not a time zone"):
        SimulationSpec(zone="Mars/Olympus")


@pytest.mark.parametrize("part", [Purchases, Baskets, Marketing, Browsing, Ties, SimulationSpec])
def test_every_default_is_explained(part: type[Purchases]) -> None:
    nested = {"purchases", "baskets", "marketing", "browsing", "ties"}
    for name, field in part.model_fields.items():
        assert field.description or name in nested, name


def test_all_tables_are_written_by_default() -> None:
    assert SimulationSpec().tables == ALL_TABLES
