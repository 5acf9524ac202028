"""The truth about one block's customers, in columns the shop never sees."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from patron.simulation.exports import Names
from patron.simulation.methods import catalogue, cells, expectation, marketing, purchases
from patron.simulation.methods.arrays import NEVER, FloatArray, IntArray
from patron.simulation.population import FAR_S, Careers, Population
from patron.simulation.sales import Sales
from patron.simulation.scene import Scene

COLUMNS = {
    "customer_id": "the customer",
    "acquired_at": "first order",
    "rate_per_day": "usual repeat orders per busy day while the customer stays; a busy day is a day on average",
    "dropout_hazard_per_day": "hazard of leaving for good; empty where customers leave after orders",
    "dropout_probability": "probability of leaving after each repeat order; empty where lifetimes are exponential",
    "dropped_at": "when the customer left for good; empty when not before the end of the horizon",
    "is_alive": "had not left as of the world's as_of",
    "exposure_days": "busy days between first order and leaving or as_of: usual repeats ~ Poisson(rate x exposure)",
    "promotion_exposure_days": "the exposure within promotions: their orders ~ Poisson(rate x promo_uplift x it)",
    "mean_order_value": "expected goods value of an order at list prices",
    "price_sensitivity": "0 to 1; coupon use and promotion uplift are proportional to it",
    "promo_uplift": "extra order rate during promotions, as a share of the usual rate",
    "touch_uplift": "probability that a campaign sent makes the customer, while staying, place an extra order",
    "coupon_share": "probability of a coupon on an order",
    "return_share": "probability that a unit comes back",
    "favorite_category": "the category half of the lines come from",
    "order_count": "orders before as_of",
    "usual_order_count": "of them, repeats caused by neither promotion nor touch",
    "promotion_order_count": "of them, caused by a promotion",
    "touch_order_count": "of them, caused by a touch",
    "expected_touch_orders": "touch_uplift x campaigns sent while the customer stayed",
    "net_revenue": "goods less discounts and refunds before as_of",
    "expected_orders": "orders expected in the horizon given this row and no campaigns",
    "expected_net_revenue": "net revenue of those orders, less their refunds within the horizon",
    "actual_orders": "orders that did happen in the horizon",
    "actual_net_revenue": "net revenue of those orders, less their refunds within the horizon",
}


def customers(scene: Scene, folk: Population, lives: Careers, past: Sales, ahead: Sales, known: Names) -> pa.Table:
    """Write the truth table of a block, one row per customer; `COLUMNS` says what each column means."""
    size, latent, tastes = len(folk), folk.latent, folk.tastes
    alive = lives.alive_at(scene.as_of_s)
    expected = expectation.expect(scene.ahead, latent, tastes, alive, scene.spec.baskets.coupon_discount)
    ends_s = np.minimum(lives.left_s, scene.as_of_s)
    months = scene.calendar
    exposure = np.maximum(months.busy_at(ends_s) - months.busy_at(folk.acquired_s), 0.0)
    promoted = np.maximum(months.promoted_at(ends_s) - months.promoted_at(folk.acquired_s), 0.0)
    by_cause = _counts(past.orders, size)
    table = {
        "customer_id": cells.words(np.arange(size, dtype=np.int64), known.customers),
        "acquired_at": cells.instants(folk.acquired_s),
        "rate_per_day": cells.reals(latent.rate),
        "dropout_hazard_per_day": cells.reals(_absent_if_all_zero(latent.hazard, latent.leave_probability)),
        "dropout_probability": cells.reals(_absent_if_all_zero(latent.leave_probability, None)),
        "dropped_at": cells.instants(np.where(lives.left_s < FAR_S, lives.left_s, NEVER)),
        "is_alive": cells.flags(alive),
        "exposure_days": cells.reals(exposure),
        "promotion_exposure_days": cells.reals(promoted),
        "mean_order_value": cells.reals(latent.mean_order_value),
        "price_sensitivity": cells.reals(tastes.price_sensitivity),
        "promo_uplift": cells.reals(latent.promo_uplift),
        "touch_uplift": cells.reals(folk.attributes.touch_uplift),
        "coupon_share": cells.reals(tastes.coupon_share),
        "return_share": cells.reals(tastes.return_share),
        "favorite_category": cells.words(tastes.first_category, catalogue.CATEGORIES),
        "order_count": cells.wholes(by_cause.sum(axis=0)),
        "usual_order_count": cells.wholes(by_cause[1]),
        "promotion_order_count": cells.wholes(by_cause[2]),
        "touch_order_count": cells.wholes(by_cause[3]),
        "expected_touch_orders": cells.reals(folk.attributes.touch_uplift * _sent_while_staying(lives, size)),
        "net_revenue": cells.reals(past.net_revenue(size, scene.as_of_s)),
        "expected_orders": cells.reals(expected.orders),
        "expected_net_revenue": cells.reals(expected.net_revenue),
        "actual_orders": cells.wholes(np.bincount(ahead.orders.customer, minlength=size).astype(np.int64)),
        "actual_net_revenue": cells.reals(ahead.net_revenue(size, scene.calendar.closes_s)),
    }
    return pa.table(table)


def _counts(orders: purchases.Orders, size: int) -> IntArray:
    causes = len(purchases.CAUSES)
    flat = np.bincount(orders.cause * size + orders.customer, minlength=causes * size)
    return flat.reshape(causes, size).astype(np.int64)


def _sent_while_staying(lives: Careers, size: int) -> IntArray:
    sent = lives.touches
    reached = (sent.arm == marketing.TREATMENT) & (sent.sent_s < lives.left_s[sent.customer])
    return np.bincount(sent.customer[reached], minlength=size).astype(np.int64)


def _absent_if_all_zero(values: FloatArray, other: FloatArray | None) -> FloatArray:
    """Keep zeros that mean 'never leaves', but leave the column of the mechanism not in use empty."""
    unused = not values.any() and (other is None or bool(other.any()))
    return np.full(len(values), np.nan) if unused else values
