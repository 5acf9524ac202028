"""The tile columns: every base aggregate that is kept per customer and day, by source."""

from __future__ import annotations

from patron.contracts.features import TileColumn as T

ORDERS = (
    T("orders", "orders", "count", "one", "Paid orders", unit="orders", kind="int"),
    T("orders", "order_days", "count", "day_one", "Days with an order", unit="days", kind="int"),
    T("orders", "order_day", "first", "day", "First day with an order", kind="day"),
    T("orders", "order_day", "last", "day", "Last day with an order", kind="day"),
    T("orders", "order_gap_days", "sum", "gap_days", "Sum of gaps between order days", unit="days", kind="int"),
    T("orders", "order_gap_days", "squares", "gap_days_squared", "Sum of squared gaps", unit="days²", kind="int"),
    T("orders", "order_gap_days", "count", "gap_one", "Gaps between order days", unit="gaps", kind="int"),
    T("orders", "order_gap_days", "max", "gap_days", "Longest gap between order days", unit="days", kind="int"),
    T("orders", "order_gap_days", "min", "gap_days", "Shortest gap between order days", unit="days", kind="int"),
    T("orders", "revenue", "sum", "revenue", "Goods less discounts, before refunds", unit="money", kind="money", needs=("orders.order_revenue",)),
    T("orders", "revenue", "count", "has_revenue", "Orders with a known amount", unit="orders", kind="int", needs=("orders.order_revenue",)),
    T("orders", "revenue", "squares", "revenue_squared", "Sum of squared order revenue", unit="money²", kind="exact", needs=("orders.order_revenue",)),
    T("orders", "revenue", "max", "revenue", "Largest order", unit="money", kind="money", needs=("orders.order_revenue",)),
    T("orders", "revenue", "min", "revenue", "Smallest order", unit="money", kind="money", needs=("orders.order_revenue",)),
    T("orders", "repeat_revenue", "sum", "repeat_revenue", "Revenue of order days after the first", unit="money", kind="money", needs=("orders.order_revenue",)),
    T("orders", "margin", "sum", "margin", "Margin on paid orders", unit="money", kind="money", needs=("orders.margin",)),
    T("orders", "costed_revenue", "sum", "costed_revenue", "Revenue of orders whose margin is known", unit="money", kind="money", needs=("orders.margin", "orders.order_revenue")),
    T("orders", "gross", "sum", "gross", "Goods before discounts", unit="money", kind="money", needs=("orders.gross_amount",)),
    T("orders", "discount", "sum", "discount", "Discounts", unit="money", kind="money", needs=("orders.discount_amount",)),
    T("orders", "discounted_orders", "count", "has_discount", "Orders with a discount", unit="orders", kind="int", needs=("orders.discount_amount",)),
    T("orders", "coupon_orders", "count", "has_coupon", "Orders with a coupon", unit="orders", kind="int", needs=("orders.coupon",)),
    T("orders", "shipping", "sum", "shipping", "Postage and fees paid", unit="money", kind="money", needs=("orders.shipping_amount",)),
    T("orders", "items", "sum", "exact_items", "Units bought", unit="units", kind="exact", needs=("orders.item_count",)),
    T("orders", "items", "max", "items", "Units in the largest order", unit="units", needs=("orders.item_count",)),
    T("orders", "weekend_orders", "count", "is_weekend", "Orders on Saturday or Sunday", unit="orders", kind="int"),
    T("orders", "monthend_orders", "count", "is_month_end", "Orders after the 24th of a month", unit="orders", kind="int"),
    T("orders", "morning_orders", "count", "is_morning", "Orders from 5 to 11 h", unit="orders", kind="int", needs=("orders.hour",)),
    T("orders", "afternoon_orders", "count", "is_afternoon", "Orders from 12 to 17 h", unit="orders", kind="int", needs=("orders.hour",)),
    T("orders", "evening_orders", "count", "is_evening", "Orders from 18 to 22 h", unit="orders", kind="int", needs=("orders.hour",)),
    T("orders", "night_orders", "count", "is_night", "Orders from 23 to 4 h", unit="orders", kind="int", needs=("orders.hour",)),
)  # fmt: skip

LINES = (
    T("lines", "lines", "count", "one", "Order lines", unit="lines", kind="int"),
    T("lines", "quantity", "sum", "exact_quantity", "Units on order lines", unit="units", kind="exact"),
    T("lines", "quantity", "max", "quantity", "Most units on one line", unit="units"),
    T("lines", "line_revenue", "sum", "line_revenue", "Revenue of order lines", unit="money", kind="money", needs=("order_lines.line_revenue",)),
    T("lines", "unit_price", "sum", "unit_price", "Sum of unit prices", unit="money", kind="money", needs=("order_lines.unit_price",)),
    T("lines", "unit_price", "count", "has_unit_price", "Order lines with a known unit price", unit="lines", kind="int", needs=("order_lines.unit_price",)),
    T("lines", "unit_price", "squares", "unit_price_squared", "Sum of squared unit prices", unit="money²", kind="exact", needs=("order_lines.unit_price",)),
    T("lines", "unit_price", "max", "unit_price", "Dearest unit bought", unit="money", kind="money", needs=("order_lines.unit_price",)),
    T("lines", "unit_price", "min", "unit_price", "Cheapest unit bought", unit="money", kind="money", needs=("order_lines.unit_price",)),
    T("lines", "price_position", "sum", "price_position", "Sum of unit price over the mean unit price of its category that day", unit="ratio", kind="exact", needs=("order_lines.unit_price",)),
    T("lines", "price_position", "count", "has_price_position", "Lines with a price position", unit="lines", kind="int", needs=("order_lines.unit_price",)),
    T("lines", "promoted_lines", "count", "is_promoted", "Lines bought below list price or with a line discount", unit="lines", kind="int", needs=("order_lines.line_discount",)),
    T("lines", "promoted_revenue", "sum", "promoted_revenue", "Revenue bought on promotion", unit="money", kind="money", needs=("order_lines.line_discount", "order_lines.line_revenue")),
)  # fmt: skip

RETURNS = (
    T("returns", "returns", "count", "one", "Returns and refunds", unit="returns", kind="int"),
    T("returns", "refund", "sum", "amount", "Money paid back on orders that were found", unit="money", kind="money", needs=("returns.amount",)),
    T("returns", "refund", "max", "amount", "Largest refund", unit="money", kind="money", needs=("returns.amount",)),
    T("returns", "returned_units", "sum", "exact_units", "Units returned", unit="units", kind="exact", needs=("returns.quantity",)),
    T("returns", "return_day", "last", "day", "Last day with a return", kind="day"),
)  # fmt: skip

CANCELLATIONS = (
    T("cancellations", "cancelled_orders", "count", "one", "Orders cancelled before they counted", unit="orders", kind="int"),
)  # fmt: skip


def _events(what: str, row: str, meaning: str) -> T:
    return T("events", what, "count", row, meaning, unit="events", kind="int")


EVENTS = (
    _events("events", "one", "Events of any type"),
    _events("views", "is_view", "Product views"),
    _events("searches", "is_search", "Searches"),
    _events("favorites", "is_favorite", "Favourites added"),
    _events("carts", "is_cart", "Additions to the cart"),
    _events("cart_removals", "is_remove_cart", "Removals from the cart"),
    _events("checkouts", "is_checkout", "Checkouts started"),
    _events("purchase_events", "is_purchase", "Purchase events"),
    _events("mobile_events", "is_mobile", "Events on a phone"),
    T("events", "browse_days", "count", "day_one", "Days with any event", unit="days", kind="int"),
    T("events", "browse_day", "last", "day", "Last day with any event", kind="day"),
    T("events", "view_day", "last", "view_day", "Last day with a view", kind="day"),
    T("events", "cart_day", "last", "cart_day", "Last day with an addition to the cart", kind="day"),
    T("events", "sessions", "count", "sessions_distinct", "Visits, counted per day", unit="visits", kind="int", needs=("events.session_id",)),
    T("events", "viewed_price", "sum", "viewed_price", "Sum of prices viewed", unit="money", kind="money", needs=("events.price",)),
    T("events", "viewed_price", "count", "has_viewed_price", "Views with a price", unit="events", kind="int", needs=("events.price",)),
    T("events", "dwell_seconds", "sum", "exact_dwell_seconds", "Time spent", unit="seconds", kind="exact", needs=("events.dwell_seconds",)),
    T("events", "view_to_buy_days", "sum", "view_lag_days", "Sum of days from the last day with a view to a day with a purchase", unit="days", kind="int"),
    T("events", "view_to_buy_days", "count", "has_view_lag", "Purchase days that a view preceded", unit="days", kind="int"),
)  # fmt: skip

REVIEWS = (
    T("reviews", "reviews", "count", "one", "Reviews written", unit="reviews", kind="int"),
    T("reviews", "rating", "sum", "exact_rating", "Sum of ratings", unit="stars", kind="exact"),
    T("reviews", "rating", "squares", "rating_squared", "Sum of squared ratings", unit="stars²", kind="exact"),
    T("reviews", "rating", "min", "rating", "Lowest rating", unit="stars"),
    T("reviews", "review_day", "last", "day", "Last day with a review", kind="day"),
)  # fmt: skip

TOUCHES = (
    T("touches", "touches", "count", "is_sent", "Marketing contacts", unit="contacts", kind="int"),
    T("touches", "opens", "count", "is_opened", "Contacts opened", unit="contacts", kind="int", needs=("touches.opened_day",)),
    T("touches", "clicks", "count", "is_clicked", "Contacts clicked", unit="contacts", kind="int", needs=("touches.clicked_day",)),
    T("touches", "conversions", "count", "is_converted", "Contacts converted", unit="contacts", kind="int", needs=("touches.converted_day",)),
    T("touches", "touch_cost", "sum", "cost", "Cost of contacts", unit="money", kind="money", needs=("touches.cost",)),
    T("touches", "touch_day", "last", "sent_day", "Last day with a contact", kind="day"),
)  # fmt: skip

TILES = {
    "orders": ORDERS,
    "lines": LINES,
    "returns": RETURNS,
    "cancellations": CANCELLATIONS,
    "events": EVENTS,
    "reviews": REVIEWS,
    "touches": TOUCHES,
}


def signal_columns(name: str) -> tuple[T, ...]:
    """Return the tile columns of one signal: its sum, sum of squares and count per day."""
    return (
        T("signals", f"signal_{name}", "sum", f"{name}_value", f"Sum of {name}"),
        T("signals", f"signal_{name}", "squares", f"{name}_squared", f"Sum of squared {name}"),
        T("signals", f"signal_{name}", "count", f"{name}_one", f"Readings of {name}", kind="int"),
    )  # fmt: skip
