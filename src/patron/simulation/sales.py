"""What was sold: baskets, discounts and returns of a set of orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods import baskets, purchases, returns
from patron.simulation.methods.arrays import BoolArray, IntArray, chance
from patron.simulation.population import Population
from patron.simulation.scene import Scene

WEB, APP, STORE = range(3)
ORDER_CHANNELS = ("web", "app", "store")
_FREE_SHIPPING_CENTS, _SHIPPING_CENTS = 5000, 495
_TAX_RATE = 0.19


@dataclass(frozen=True, slots=True)
class Sales:
    """Orders with what they hold; `gross_cents`, `discount_cents`, … have one row per order."""

    orders: purchases.Orders
    has_coupon: BoolArray
    is_tracked: BoolArray  # the site saw the visit
    channel: IntArray
    lines: baskets.Lines
    returns: returns.Returns

    @property
    def line_customer(self) -> IntArray:
        """The customer of each line."""
        return self.orders.customer[self.lines.order]

    @property
    def line_placed_s(self) -> IntArray:
        """The instant of each line's order."""
        return self.orders.placed_s[self.lines.order]

    def per_order(self, line_values: IntArray) -> IntArray:
        """Sum values of lines by order."""
        return np.bincount(self.lines.order, line_values, len(self.orders)).astype(np.int64)

    def shipping_cents(self) -> IntArray:
        """Postage charged: none in store or for large orders."""
        free = (self.per_order(self.lines.revenue_cents) >= _FREE_SHIPPING_CENTS) | (self.channel == STORE)
        return np.where(free, 0, _SHIPPING_CENTS)

    def tax_cents(self) -> IntArray:
        """Tax charged on top of the goods."""
        return np.round(self.per_order(self.lines.revenue_cents) * _TAX_RATE).astype(np.int64)

    def net_revenue(self, size: int, paid_back_before_s: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Sum what each of `size` customers paid for goods, less what was paid back before that instant."""
        earned = np.bincount(self.line_customer, self.lines.revenue_cents, size)
        known = self.returns.returned_s < paid_back_before_s
        back = np.bincount(self.line_customer[self.returns.line[known]], self.returns.amount_cents[known], size)
        return np.asarray((earned - back) / 100, np.float64)


def sell(scene: Scene, folk: Population, orders: purchases.Orders, chapter: str) -> Sales:
    """Fill the orders' baskets, price them and send some of it back; `chapter` names the random streams."""
    spec, months = scene.spec, scene.calendar
    draw = scene.stream(f"baskets {chapter}", folk.block)
    value = baskets.order_values_cents(draw, folk.latent.mean_order_value[orders.customer], spec.baskets.order_shape)
    counts = baskets.line_counts(draw, value, spec.baskets.lines_per_order)
    order, product, quantity = baskets.fill(draw, scene.catalogue, folk.tastes, orders.customer, value, counts)
    coupon = chance(draw, folk.tastes.coupon_share[orders.customer], len(orders))
    discount = months.depth_at(orders.placed_s) + spec.baskets.coupon_discount * coupon
    lines = baskets.priced(scene.catalogue, order, product, quantity, discount)
    tracked = chance(draw, spec.browsing.tracked_share, len(orders))
    unseen = np.where(chance(draw, 0.5, len(orders)), STORE, WEB)
    mobile = folk.tastes.device[orders.customer] == 0
    channel = np.where(tracked, np.where(mobile & chance(draw, 0.5, len(orders)), APP, WEB), unseen)
    back = returns.draw(
        scene.stream(f"returns {chapter}", folk.block),
        lines,
        folk.tastes.return_share[orders.customer[order]],
        orders.placed_s[order],
    )
    return Sales(orders, coupon, tracked, channel, lines, back)
