"""What visitors do on the site: the visits that end in an order, and the many that do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.simulation.methods.arrays import ABSENT, BoolArray, FloatArray, IntArray, chance, position_in_run
from patron.simulation.methods.baskets import Lines, pick_brands, pick_categories
from patron.simulation.methods.catalogue import Catalogue, at_price
from patron.simulation.methods.people import Tastes

TYPES = ("view", "search", "favorite", "cart", "remove_cart", "checkout", "purchase", "hover")
VIEW, SEARCH, FAVORITE, CART, REMOVE_CART, CHECKOUT, PURCHASE, UNKNOWN = range(8)
DEVICES = ("mobile", "desktop", "tablet")
QUERIES = ("gift", "sale", "blue", "for kids", "new", "large", "cheap", "organic")
_STEP = np.cumsum([0.62, 0.12, 0.07, 0.13])  # view, search, favorite, cart; the rest removes from the cart
_HOVER_S = np.exp(np.linspace(-2.2, 2.2, 256)) * 25  # dwell seconds: a lognormal around 25 s, by quantile table


@dataclass(frozen=True, slots=True)
class Events:
    """Things visitors did; -1 is an empty cell."""

    customer: IntArray
    session: IntArray  # number of the visit within the block
    occurred_s: IntArray
    type: IntArray
    product: IntArray
    quantity: IntArray
    device: IntArray
    query: IntArray
    dwell_seconds: IntArray
    anonymous: IntArray  # 1: not signed in

    def __len__(self) -> int:
        """Count the events."""
        return len(self.customer)


def _events(
    rng: np.random.Generator,
    visit: tuple[IntArray, IntArray, IntArray, IntArray],
    occurred_s: IntArray,
    kind: IntArray,
    product: IntArray,
    quantity: IntArray,
) -> Events:
    customer, session, device, anonymous = visit
    size = len(customer)
    dwell = _HOVER_S[rng.integers(0, len(_HOVER_S), size)].astype(np.int64)
    shown = (kind == SEARCH) | (kind == CHECKOUT) | (kind == PURCHASE)
    return Events(
        customer,
        session,
        occurred_s,
        kind,
        np.where(shown, ABSENT, product),
        np.where((kind == CART) | (kind == REMOVE_CART), quantity, ABSENT),
        device,
        np.where(kind == SEARCH, rng.integers(0, len(QUERIES), size), ABSENT),
        np.where(kind == VIEW, dwell, ABSENT),
        anonymous,
    )


def together(parts: list[Events]) -> Events:
    """Put the events of several processes into one table."""
    return Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__slots__))


def ordering_visits(
    rng: np.random.Generator, tastes: Tastes, customer: IntArray, placed_s: IntArray, lines: Lines, tracked: BoolArray
) -> Events:
    """Make the visits of the tracked orders: every line viewed and put in the cart, then checkout and purchase."""
    session = np.arange(len(customer), dtype=np.int64)
    line = np.flatnonzero(tracked[lines.order])
    order = lines.order[line]
    done = np.flatnonzero(tracked)
    viewed = 120 + rng.integers(0, 1500, len(line))
    carted = 60 + ((viewed - 60) * rng.random(len(line))).astype(np.int64)
    whose = np.concatenate([order, order, done, done])
    before = np.concatenate([viewed, carted, np.full(len(done), 30), np.zeros(len(done), np.int64)])
    kind = np.repeat([VIEW, CART, CHECKOUT, PURCHASE], [len(line), len(line), len(done), len(done)])
    empty = np.full(2 * len(done), ABSENT)
    visit = (customer[whose], session[whose], tastes.device[customer[whose]], np.zeros(len(whose), np.int64))
    product = np.concatenate([lines.product[line], lines.product[line], empty])
    quantity = np.concatenate([lines.quantity[line], lines.quantity[line], empty])
    return _events(rng, visit, placed_s[whose] - before, kind.astype(np.int64), product, quantity)


def window_shopping(
    rng: np.random.Generator,
    catalogue: Catalogue,
    tastes: Tastes,
    starts: tuple[IntArray, IntArray, int],
    usual_cents: FloatArray,
    lengths: tuple[float, float],
) -> Events:
    """Make the visits without an order.

    `starts` is (customer, instant, first session number), `usual_cents` what each customer usually pays for a product,
    `lengths` (mean events per visit, share of anonymous visits). Events of a visit follow one another by half a minute.
    """
    customer, start_s, first_session = starts
    mean_events, anonymous_share = lengths
    count = rng.geometric(1 / mean_events, len(customer))
    visit = np.repeat(np.arange(len(customer), dtype=np.int64), count)
    step = position_in_run(count.astype(np.int64))
    kind = np.searchsorted(_STEP, rng.random(len(visit)))
    kind = np.where(step == 0, np.where(kind == SEARCH, SEARCH, VIEW), kind)
    who = customer[visit]
    target = usual_cents[who] * (0.4 + 1.2 * rng.random(len(who)))
    product = at_price(rng, catalogue, pick_categories(rng, tastes, who), target, pick_brands(rng, tastes, who))
    device = np.where(chance(rng, 0.8, len(customer)), tastes.device[customer], rng.integers(0, 3, len(customer)))
    anonymous = chance(rng, anonymous_share, len(customer)).astype(np.int64)
    occurred = start_s[visit] + step * 30 + rng.integers(0, 30, len(visit))
    facts = (who, first_session + visit, device[visit], anonymous[visit])
    return _events(rng, facts, occurred, kind.astype(np.int64), product, np.ones(len(who), np.int64))
