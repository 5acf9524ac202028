"""The scene: what all blocks of customers share, and the random streams each block draws from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa

from patron.ground.dates import zone
from patron.ground.seeds import derive
from patron.simulation.methods import calendar, catalogue, expectation
from patron.simulation.methods.arrays import IntArray
from patron.simulation.methods.calendar import Calendar, Promotion
from patron.simulation.spec import SimulationSpec

BLOCK_SIZE = 16_384  # customers drawn together; part of the world: another size is another world
_CAMPAIGN_HOUR_S = 10 * calendar.HOUR_S


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything about the world that no customer changes."""

    spec: SimulationSpec
    seed: int
    calendar: Calendar  # history and horizon
    promotions: tuple[Promotion, ...]
    catalogue: catalogue.Catalogue
    product_ids: pa.Array
    campaign_s: IntArray  # when each campaign is sent
    as_of_s: int
    ahead: expectation.Horizon

    def stream(self, process: str, block: int) -> np.random.Generator:
        """Return the random numbers of one process in one block: no process can disturb another."""
        entropy = derive(self.seed, "simulation", process)
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy, spawn_key=(block,))))

    def blocks(self) -> list[tuple[int, int]]:
        """Return (block, customers in it) for all blocks."""
        whole, rest = divmod(self.spec.customers, BLOCK_SIZE)
        return [(block, BLOCK_SIZE) for block in range(whole)] + ([(whole, rest)] if rest else [])


def build(spec: SimulationSpec, seed: int) -> Scene:
    """Set the scene: calendar, promotions, catalogue and campaigns."""
    first_day = spec.as_of - timedelta(days=spec.history_days)
    days = spec.history_days + spec.horizon_days
    where = zone(spec.zone)
    promotions = _promotions(spec, days)
    buying = spec.purchases
    months = calendar.build(first_day, days, where, buying.yearly_swing, buying.weekend_lift, promotions)
    products = catalogue.build(np.random.default_rng(derive(seed, "simulation", "catalogue")))
    # The last campaign's window ends before as_of, so that no touch reaches into the horizon.
    last = max(spec.history_days - spec.marketing.touch_window_days - 1, 0)
    campaigns = calendar.evenly(spec.marketing.campaigns_per_year, last)
    return Scene(
        spec,
        seed,
        months,
        promotions,
        products,
        pa.array(catalogue.product_ids(len(products))),
        np.array([calendar.midnight_s(first_day + timedelta(days=int(d)), where) for d in campaigns], np.int64)
        + _CAMPAIGN_HOUR_S,
        calendar.midnight_s(spec.as_of, where),
        expectation.horizon(months, spec.history_days, spec.horizon_days),
    )


def _promotions(spec: SimulationSpec, days: int) -> tuple[Promotion, ...]:
    depths = spec.marketing.promotion_depths
    first = calendar.evenly(spec.marketing.promotions_per_year, days)
    return tuple(
        Promotion(int(day), spec.marketing.promotion_days, depths[turn % len(depths)]) for turn, day in enumerate(first)
    )
