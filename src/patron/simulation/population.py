"""One block of customers: who they are, and when they order until they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods import marketing, people, purchases, ties
from patron.simulation.methods.arrays import BoolArray, FloatArray, IntArray
from patron.simulation.methods.calendar import DAY_S
from patron.simulation.methods.catalogue import BRANDS, CATEGORIES
from patron.simulation.methods.expectation import Latent
from patron.simulation.scene import BLOCK_SIZE, Scene
from patron.simulation.spec import DropoutAfterOrder, ExponentialDropout

FAR_S = int(np.iinfo(np.int64).max // 2)  # later than any instant of the world


@dataclass(frozen=True, slots=True)
class Population:
    """The customers of one block; every array has one row per customer."""

    block: int
    acquired_s: IntArray  # the first order
    created_s: IntArray  # the account
    latent: Latent
    tastes: people.Tastes
    attributes: people.Attributes
    referrer: IntArray  # row in the block, or -1
    households: tuple[IntArray, IntArray]

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.acquired_s)

    @property
    def numbers(self) -> IntArray:
        """The customers' numbers in the world."""
        return self.block * BLOCK_SIZE + np.arange(len(self), dtype=np.int64)


def populate(scene: Scene, block: int, size: int) -> Population:
    """Draw the customers of a block."""
    spec, draw = scene.spec, scene.stream("population", block)
    months = scene.calendar
    acquired_s = months.when_busy(draw.random(size) * months.busy_at(np.array([scene.as_of_s]))[0])
    referrer = ties.referrers(draw, acquired_s, spec.ties.referral_share)
    latent_rate = ties.alike(draw, referrer, spec.ties.likeness)
    tastes = people.tastes(draw, size, len(CATEGORIES), BRANDS, spec.baskets.coupon_share, spec.baskets.return_share)
    attributes = people.attributes(draw, latent_rate, referrer, spec.as_of.year, spec.marketing.touch_uplift)
    households = ties.households(draw, size, spec.ties.household_share)
    attributes.region[households[1]] = attributes.region[households[0]]
    return Population(
        block,
        acquired_s,
        acquired_s - draw.integers(60, 2 * DAY_S, size),
        _latent(scene, block, latent_rate, tastes.price_sensitivity),
        tastes,
        attributes,
        referrer,
        households,
    )


def _latent(scene: Scene, block: int, latent_rate: FloatArray, sensitivity: FloatArray) -> Latent:
    buying, baskets = scene.spec.purchases, scene.spec.baskets
    draw = scene.stream("latent", block)
    size = len(latent_rate)
    latent_spend = people.correlated(draw, latent_rate, baskets.rate_spend_correlation)
    leaving = buying.dropout
    hazard, leave = np.zeros(size), np.zeros(size)
    if isinstance(leaving, DropoutAfterOrder):
        a = leaving.probability * leaving.concentration
        leave = np.clip(draw.beta(a, leaving.concentration - a, size), 1e-9, 1.0)
    elif leaving.per_year:
        hazard = draw.standard_gamma(leaving.shape, size) * leaving.per_year / leaving.shape / people.DAYS_PER_YEAR
    return Latent(
        people.gamma_rates(latent_rate, buying.rate_shape, buying.orders_per_year / people.DAYS_PER_YEAR),
        people.mean_order_values(latent_spend, baskets.order_shape, baskets.spend_shape, baskets.order_value),
        scene.spec.marketing.promotion_uplift * sensitivity / people.MEAN_SENSITIVITY,
        hazard,
        leave,
    )


@dataclass(frozen=True, slots=True)
class Careers:
    """All orders of the block in history and horizon, when each customer leaves, and the touches so far."""

    orders: purchases.Orders
    left_s: IntArray  # FAR_S where not before the end of the horizon
    touches: marketing.Touches

    def alive_at(self, instant_s: int) -> BoolArray:
        """Say who has not left for good at that epoch second."""
        return self.left_s > instant_s


def live(scene: Scene, folk: Population) -> Careers:
    """Let the customers order: usual, promotion and touch orders, cut off when they leave."""
    touches = _touch(scene, folk)
    candidates = _candidates(scene, folk, touches)
    draw = scene.stream("leaving", folk.block)
    if isinstance(scene.spec.purchases.dropout, ExponentialDropout):
        lifetime_s = np.minimum(purchases.exponential_lifetimes(draw, folk.latent.hazard) * DAY_S, FAR_S / 4)
        left_s = folk.acquired_s + lifetime_s.astype(np.int64)
        left_s = np.where(left_s < scene.calendar.closes_s, left_s, FAR_S)
        stays = (candidates.placed_s < left_s[candidates.customer]) | (candidates.number == 0)
        return Careers(candidates.where(stays), left_s, touches)
    last = purchases.last_repeat_orders(draw, folk.latent.leave_probability)
    left_s = purchases.instants_of(candidates, last, FAR_S)
    return Careers(candidates.where(candidates.number <= last[candidates.customer]), left_s, touches)


def _candidates(scene: Scene, folk: Population, touches: marketing.Touches) -> purchases.Orders:
    months, draw = scene.calendar, scene.stream("orders", folk.block)
    everyone = np.arange(len(folk), dtype=np.int64)
    ends = np.full(len(folk), months.closes_s)
    usual, busy = purchases.arrivals(draw, folk.latent.rate, months.busy_at(folk.acquired_s), months.busy_at(ends))
    lifted, promoted = purchases.arrivals(
        draw,
        folk.latent.rate * folk.latent.promo_uplift,
        months.promoted_at(folk.acquired_s),
        months.promoted_at(ends),
    )
    touched, touched_s = marketing.extra_orders(
        draw, touches, folk.attributes.touch_uplift, scene.spec.marketing.touch_window_days
    )
    return purchases.in_sequence(
        [
            (everyone, folk.acquired_s, 0),
            (usual, months.when_busy(busy), 1),
            (lifted, months.when_promoted(promoted), 2),
            (touched, touched_s, 3),
        ]
    )


def _touch(scene: Scene, folk: Population) -> marketing.Touches:
    consenting_from = np.where(folk.attributes.consents[:, 0] == 1, folk.acquired_s, FAR_S)
    return marketing.assign(
        scene.stream("campaigns", folk.block),
        scene.campaign_s,
        consenting_from,
        scene.spec.marketing.campaign_reach,
        folk.attributes.propensity,
    )
