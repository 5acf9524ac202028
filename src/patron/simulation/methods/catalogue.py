"""The catalogue: categories with price ladders, several brands on each rung.

A product's number is ``(category * RUNGS + rung) * BRANDS + brand``, so that a line can be priced by arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods.arrays import FloatArray, IntArray

RUNGS = 48
BRANDS = 6
LOWEST_PRICE_CENTS = 99
_TREE = (
    ("Home / Kitchen", 25_000, ("Pan", "Kettle", "Bowl", "Knife", "Jar")),
    ("Home / Decor", 18_000, ("Lamp", "Candle", "Frame", "Vase", "Cushion")),
    ("Fashion / Women", 30_000, ("Dress", "Scarf", "Blouse", "Skirt", "Coat")),
    ("Beauty / Care", 9_000, ("Cream", "Shampoo", "Soap", "Serum", "Balm")),
    ("Electronics / Audio", 60_000, ("Headphones", "Speaker", "Cable", "Microphone", "Radio")),
    ("Grocery / Pantry", 4_000, ("Coffee", "Tea", "Pasta", "Honey", "Oil")),
    ("Fashion / Men", 28_000, ("Shirt", "Belt", "Jacket", "Trousers", "Cap")),
    ("Toys / Games", 12_000, ("Puzzle", "Robot", "Blocks", "Doll", "Cards")),
    ("Books / Paper", 6_000, ("Novel", "Notebook", "Atlas", "Diary", "Cookbook")),
    ("Sports / Outdoor", 40_000, ("Tent", "Bottle", "Racket", "Mat", "Backpack")),
    ("Garden / Plants", 15_000, ("Pot", "Seeds", "Shears", "Hose", "Soil")),
    ("Electronics / Office", 90_000, ("Monitor", "Keyboard", "Mouse", "Printer", "Stand")),
)
_ADJECTIVES = (
    "Classic",
    "Plain",
    "Royal",
    "Tiny",
    "Urban",
    "Soft",
    "Bright",
    "Solid",
    "Vintage",
    "Light",
    "Deep",
    "Wild",
)
_BRAND_NAMES = ("Aldery", "Brisko", "Corvane", "Dunmore", "Elvista", "Farrow")
CATEGORIES = tuple(path for path, _, _ in _TREE)
NON_PRODUCTS = ("POSTAGE", "SAMPLE", "GIFT WRAP")
BRAND_SHARE = np.array([0.34, 0.22, 0.16, 0.12, 0.09, 0.07])


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Prices and costs of the products; shape (products,) unless said otherwise."""

    ladder_cents: IntArray  # (categories, RUNGS) ascending list prices of each category
    unit_cost_cents: IntArray
    quality: FloatArray  # mean rating its buyers give, before noise

    @property
    def list_price_cents(self) -> IntArray:
        """The list price of every product."""
        return np.repeat(self.ladder_cents.ravel(), BRANDS)

    def __len__(self) -> int:
        """Count the products."""
        return self.ladder_cents.size * BRANDS


def build(rng: np.random.Generator) -> Catalogue:
    """Set the prices: each category a geometric ladder from 0.99 to its dearest; cost 40-70 % of list."""
    dearest = np.array([top for _, top, _ in _TREE], np.float64)
    steps = np.linspace(0, 1, RUNGS)
    ladder = LOWEST_PRICE_CENTS * (dearest[:, None] / LOWEST_PRICE_CENTS) ** steps
    cents = np.maximum.accumulate(np.round(ladder / 10).astype(np.int64) * 10 - 1, axis=1)
    cents = np.maximum(cents, LOWEST_PRICE_CENTS + 10 * np.arange(RUNGS))
    products = cents.size * BRANDS
    share = rng.uniform(0.4, 0.7, products)
    quality = np.clip(rng.normal(4.1, 0.35, products), 2.5, 4.9)
    return Catalogue(cents, np.round(np.repeat(cents.ravel(), BRANDS) * share).astype(np.int64), quality)


def product_ids(count: int) -> list[str]:
    """Name the products P00000 on, and after them the lines that are none."""
    return [f"P{number:05d}" for number in range(count)] + list(NON_PRODUCTS)


def titles(count: int) -> list[str]:
    """Give every product a title: brand, adjective, noun and rung."""
    return [
        f"{_BRAND_NAMES[n % BRANDS]} {_ADJECTIVES[n // BRANDS % RUNGS % len(_ADJECTIVES)]} "
        f"{_TREE[n // (RUNGS * BRANDS)][2][n // BRANDS % RUNGS % 5]} {n // BRANDS % RUNGS + 1}"
        for n in range(count)
    ]


def category_of(product: IntArray) -> IntArray:
    """Return the number of each product's category."""
    return product // (RUNGS * BRANDS)


def brand_names(count: int) -> list[str]:
    """Name the brand of every product."""
    return [_BRAND_NAMES[number % BRANDS] for number in range(count)]


def at_price(
    rng: np.random.Generator, catalogue: Catalogue, category: IntArray, target_cents: FloatArray, brand: IntArray
) -> IntArray:
    """Pick a product of that category and brand whose expected list price is the target.

    The rung below or above is drawn so that E[list price] equals `target_cents` wherever it lies on the ladder; that
    keeps order values gamma-distributed around each customer's mean although prices are discrete.
    """
    ladder = catalogue.ladder_cents
    span = int(ladder.max()) + 1
    keys = (ladder + np.arange(len(ladder))[:, None] * span).ravel()
    upper = np.searchsorted(keys, category * span + np.clip(target_cents, LOWEST_PRICE_CENTS, span - 1), side="right")
    upper = np.clip(upper, category * RUNGS + 1, category * RUNGS + RUNGS - 1)
    prices = ladder.ravel()
    low, high = prices[upper - 1], prices[upper]
    take_high = rng.random(len(category)) * (high - low) < target_cents - low
    return (upper - 1 + take_high) * BRANDS + brand
