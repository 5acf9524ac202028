"""What an order holds: a gamma-distributed value split over lines, each a product at its list price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods import catalogue as shelves
from patron.simulation.methods.arrays import FloatArray, IntArray, chance, position_in_run
from patron.simulation.methods.people import Tastes

_LEAST_LINE_CENTS = 400  # an order of less than two such lines has one line
_EVEN_SHARE = 0.3  # of an order's value spread evenly, so that no line falls below the cheapest product


@dataclass(frozen=True, slots=True)
class Lines:
    """Order lines, order by order."""

    order: IntArray  # row of the order
    line_no: IntArray  # from 1
    product: IntArray
    quantity: IntArray
    unit_price_cents: IntArray
    discount_cents: IntArray

    def __len__(self) -> int:
        """Count the lines."""
        return len(self.order)

    @property
    def revenue_cents(self) -> IntArray:
        """Quantity x unit price less discount."""
        return self.quantity * self.unit_price_cents - self.discount_cents


def order_values_cents(rng: np.random.Generator, mean_value: FloatArray, shape: float) -> FloatArray:
    """Draw the goods value of each order, z ~ Gamma(p, ν) with mean ζ = p/ν (Gamma-Gamma, Fader and Hardie 2013)."""
    return np.maximum(rng.standard_gamma(shape, len(mean_value)) * (mean_value * 100 / shape), 100.0)


def line_counts(rng: np.random.Generator, value_cents: FloatArray, mean_lines: float) -> IntArray:
    """Draw lines per order: 1 + negative binomial (shape 0.9, long-tailed), capped by what the order is worth."""
    mixed = rng.standard_gamma(0.9, len(value_cents)) * ((mean_lines - 1) / 0.9)
    most = np.maximum(value_cents // _LEAST_LINE_CENTS, 1).astype(np.int64)
    return np.minimum(1 + rng.poisson(mixed), most)


def fill(
    rng: np.random.Generator,
    catalogue: shelves.Catalogue,
    tastes: Tastes,
    customer: IntArray,
    value_cents: FloatArray,
    lines: IntArray,
) -> tuple[IntArray, IntArray, IntArray]:
    """Choose products and quantities for each order so that the expected goods value is `value_cents`.

    Returns the line's order, product and quantity.
    """
    order = np.repeat(np.arange(len(lines), dtype=np.int64), lines)
    target = _split(rng, value_cents, order, lines)
    buyer = customer[order]
    category = pick_categories(rng, tastes, buyer)
    dearest = catalogue.ladder_cents[category, -1]
    extra = rng.geometric(0.8, len(order)) - 1
    affordable = np.maximum((target / shelves.LOWEST_PRICE_CENTS).astype(np.int64), 1)
    quantity = np.maximum(np.minimum(1 + extra, affordable), np.ceil(target / dearest).astype(np.int64))
    brand = pick_brands(rng, tastes, buyer)
    return order, shelves.at_price(rng, catalogue, category, target / quantity, brand), quantity


def _split(rng: np.random.Generator, value_cents: FloatArray, order: IntArray, lines: IntArray) -> FloatArray:
    weight = rng.standard_exponential(len(order))
    total = np.bincount(order, weight, len(lines))
    share = _EVEN_SHARE / lines[order] + (1 - _EVEN_SHARE) * weight / total[order]
    return np.asarray(value_cents[order] * share, np.float64)


def pick_categories(rng: np.random.Generator, tastes: Tastes, customer: IntArray) -> IntArray:
    """Pick a category per row: the customer's first love half the time, the second a fifth, else any."""
    draw = rng.random(len(customer))
    other = rng.integers(0, len(shelves.CATEGORIES), len(customer))
    loved = np.where(draw < 0.5, tastes.first_category[customer], tastes.second_category[customer])
    return np.where(draw < 0.7, loved, other)


def pick_brands(rng: np.random.Generator, tastes: Tastes, customer: IntArray) -> IntArray:
    """Pick a brand per row: the customer's own 40 % of the time, else by market share."""
    any_brand = np.searchsorted(np.cumsum(shelves.BRAND_SHARE)[:-1], rng.random(len(customer)), side="right")
    return np.where(chance(rng, 0.4, len(customer)), tastes.brand[customer], any_brand).astype(np.int64)


def priced(
    catalogue: shelves.Catalogue, order: IntArray, product: IntArray, quantity: IntArray, discount: FloatArray
) -> Lines:
    """Price the lines at list less the discount rate of their order, in whole cents."""
    unit = catalogue.list_price_cents[product]
    starts = np.bincount(order, minlength=len(discount)).astype(np.int64)
    off = np.round(quantity * unit * discount[order]).astype(np.int64)
    return Lines(order, position_in_run(starts) + 1, product, quantity, unit, off)
