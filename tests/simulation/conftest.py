from __future__ import annotations

import pytest

from patron.simulation import NO_DIRT, SimulationSpec, World, simulate


@pytest.fixture(scope="session")
def clean_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    spec = SimulationSpec(customers=4000, dirt=NO_DIRT)
    return simulate(spec, tmp_path_factory.mktemp("clean") / "shop", seed=11)


@pytest.fixture(scope="session")
def dirty_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return simulate(SimulationSpec(customers=4000), tmp_path_factory.mktemp("dirty") / "shop", seed=11)
