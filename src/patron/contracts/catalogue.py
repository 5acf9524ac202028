"""The catalogue: every feature Patron declares, by family. To add one, copy the shape of its neighbour.

A feature exists only where the data behind it does: `available` keeps those whose fact columns hold values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import get_args

from patron.contracts import tiles
from patron.contracts.features import (
    ALWAYS,
    LONG,
    Affinity,
    Attribute,
    Copy,
    Days,
    DaysBetween,
    DaysSince,
    Derived,
    Deviation,
    Difference,
    Dimension,
    Feature,
    Formula,
    Log1p,
    Ratio,
    Social,
    Spread,
    TileColumn,
    Windowed,
    window_suffix,
)

MOST_SIGNALS = 20
_INGREDIENTS = (
    "order_gap_days_sum", "order_gap_days_count", "revenue_count", "unit_price_sum", "unit_price_count",
    "price_position_sum", "price_position_count", "viewed_price_sum", "viewed_price_count", "view_to_buy_days_sum",
    "view_to_buy_days_count", "rating_sum", "repeat_revenue_sum", "orders_per_year", "net_revenue_per_day",
    "views_trend", "touch_fatigue",
)  # fmt: skip


def _windowed(family: str, columns: Iterable[TileColumn], windows: Iterable[Days]) -> list[Feature]:
    spans = tuple(windows)
    return [Windowed(tile=column, days=days, family=family) for column in columns for days in spans]


def _pick(source: str, *names: str) -> list[TileColumn]:
    by_name = {column.name: column for column in tiles.TILES[source]}
    return [by_name[name] for name in names]


def _each(family: str, name: str, meaning: str, unit: str, windows: Iterable[Days], *formula: str) -> list[Feature]:
    """Declare one ratio for several windows; `formula` is (numerator, denominator) without their windows."""
    top, bottom = formula
    return [
        Derived(
            name=f"{name}_{window_suffix(days)}",
            formula=Ratio(f"{top}_{window_suffix(days)}", f"{bottom}_{window_suffix(days)}"),
            family=family,
            meaning=f"{meaning}, {'lifetime' if days is None else f'last {days} days'}",
            unit=unit,
        )
        for days in windows
    ]


def _one(family: str, name: str, formula: Formula, meaning: str, unit: str = "") -> Feature:
    return Derived(name=name, formula=formula, family=family, meaning=meaning, unit=unit)


def _recency() -> list[Feature]:
    last, first = _pick("orders", "order_day_last", "order_day_first")
    return [
        *_windowed("recency", [last, first], [None]),
        _one("recency", "days_since_last_order", DaysSince("order_day_last_lifetime"), "Days since the last order", "days"),
        _one("recency", "days_since_first_order", DaysSince("order_day_first_lifetime"), "Days since the first order", "days"),
    ]  # fmt: skip


def _frequency() -> list[Feature]:
    return [
        *_windowed("frequency", _pick("orders", "orders_count"), ALWAYS),
        *_windowed("frequency", _pick("orders", "order_days_count"), (90, 365, None)),
        *_windowed("frequency", _pick("cancellations", "cancelled_orders_count"), (365, None)),
        _one("frequency", "orders_log_lifetime", Log1p("orders_count_lifetime"), "ln(1 + paid orders)"),
    ]


def _monetary() -> list[Feature]:
    net: list[Feature] = [
        Derived(
            name=f"net_revenue_sum_{window_suffix(days)}",
            formula=Difference(f"revenue_sum_{window_suffix(days)}", f"refund_sum_{window_suffix(days)}"),
            family="monetary",
            meaning=f"Revenue less refunds paid back, {'lifetime' if days is None else f'last {days} days'}",
            unit="money",
        )
        for days in ALWAYS
    ]
    return [
        *_windowed("monetary", _pick("orders", "revenue_sum"), ALWAYS),
        *net,
        *_windowed("monetary", _pick("orders", "revenue_count"), LONG),
        *_windowed("monetary", _pick("orders", "revenue_max", "revenue_min"), [None]),
        *_windowed("monetary", _pick("orders", "revenue_squares", "repeat_revenue_sum", "shipping_sum"), [None]),
        *_windowed("monetary", _pick("orders", "margin_sum"), (365, None)),
        *_windowed("monetary", _pick("orders", "costed_revenue_sum"), [None]),
        *_each("monetary", "order_value_mean", "Mean order revenue", "money", LONG, "revenue_sum", "revenue_count"),
        _one("monetary", "order_value_std_lifetime", Deviation("revenue_sum_lifetime", "revenue_squares_lifetime", "revenue_count_lifetime"), "Spread of order revenue", "money"),
        _one("monetary", "net_revenue_log_lifetime", Log1p("net_revenue_sum_lifetime"), "ln(1 + net revenue)"),
        _one("monetary", "margin_share_lifetime", Ratio("margin_sum_lifetime", "costed_revenue_sum_lifetime"), "Margin over revenue, of orders whose costs are known", "share"),
        _one("monetary", "net_revenue_per_day_lifetime", Ratio("net_revenue_sum_lifetime", "days_since_first_order"), "Net revenue per day as a customer", "money"),
    ]  # fmt: skip


def _timing() -> list[Feature]:
    names = (
        "order_gap_days_sum",
        "order_gap_days_squares",
        "order_gap_days_count",
        "order_gap_days_max",
        "order_gap_days_min",
    )
    return [
        *_windowed("timing", _pick("orders", *names), [None]),
        _one("timing", "order_gap_days_mean_lifetime", Ratio("order_gap_days_sum_lifetime", "order_gap_days_count_lifetime"), "Usual gap between order days", "days"),
        _one("timing", "order_gap_days_std_lifetime", Deviation("order_gap_days_sum_lifetime", "order_gap_days_squares_lifetime", "order_gap_days_count_lifetime"), "Spread of gaps between order days", "days"),
        _one("timing", "order_gap_days_variation_lifetime", Ratio("order_gap_days_std_lifetime", "order_gap_days_mean_lifetime"), "Spread of gaps over their mean", "ratio"),
        _one("timing", "order_overdue_ratio", Ratio("days_since_last_order", "order_gap_days_mean_lifetime"), "Days since the last order over the usual gap", "ratio"),
        _one("timing", "order_silence_ratio", Ratio("days_since_last_order", "order_gap_days_max_lifetime"), "Days since the last order over the longest gap", "ratio"),
        _one("timing", "orders_per_year_lifetime", Ratio("orders_count_lifetime", "days_since_first_order", 365.0), "Orders per year as a customer", "orders"),
    ]  # fmt: skip


def _btyd() -> list[Feature]:
    return [
        _one("btyd", "btyd_frequency", Copy("order_gap_days_count_lifetime"), "Repeat order days (x of the purchase models)", "days"),
        _one("btyd", "btyd_recency_days", DaysBetween("order_day_first_lifetime", "order_day_last_lifetime"), "Days from first to last order day (t_x)", "days"),
        _one("btyd", "btyd_T_days", Copy("days_since_first_order"), "Days from the first order day to as_of (T)", "days"),
        _one("btyd", "btyd_monetary_mean", Ratio("repeat_revenue_sum_lifetime", "order_gap_days_count_lifetime"), "Mean revenue of repeat order days", "money"),
    ]  # fmt: skip


def _trend() -> list[Feature]:
    return [
        _one("trend", "orders_trend_30d_over_365d", Ratio("orders_count_30d", "orders_count_365d", 365 / 30), "Order rate of 30 days over that of 365", "ratio"),
        _one("trend", "orders_trend_90d_over_365d", Ratio("orders_count_90d", "orders_count_365d", 365 / 90), "Order rate of 90 days over that of 365", "ratio"),
        _one("trend", "orders_trend_180d_over_365d", Ratio("orders_count_180d", "orders_count_365d", 365 / 180), "Order rate of 180 days over that of 365", "ratio"),
        _one("trend", "revenue_trend_30d_over_365d", Ratio("revenue_sum_30d", "revenue_sum_365d", 365 / 30), "Revenue rate of 30 days over that of 365", "ratio"),
        _one("trend", "revenue_trend_90d_over_365d", Ratio("revenue_sum_90d", "revenue_sum_365d", 365 / 90), "Revenue rate of 90 days over that of 365", "ratio"),
        _one("trend", "order_value_trend_90d_over_lifetime", Ratio("order_value_mean_90d", "order_value_mean_lifetime"), "Mean order of 90 days over that of the lifetime", "ratio"),
    ]  # fmt: skip


def _basket() -> list[Feature]:
    return [
        *_windowed("basket", _pick("orders", "items_sum"), (90, 365, None)),
        *_windowed("basket", _pick("orders", "items_max"), [None]),
        *_windowed("basket", _pick("lines", "lines_count", "line_revenue_sum"), (365, None)),
        *_windowed("basket", _pick("lines", "quantity_sum", "quantity_max"), [None]),
        *_each("basket", "items_mean", "Units per order", "units", (365, None), "items_sum", "orders_count"),
        *_each("basket", "lines_mean", "Lines per order", "lines", (365, None), "lines_count", "orders_count"),
        *_each("basket", "line_value_mean", "Revenue per order line", "money", (365, None), "line_revenue_sum", "lines_count"),
        _one("basket", "product_variety_lifetime", Ratio("product_distinct_lifetime", "lines_count_lifetime"), "Different products per order line", "share"),
    ]  # fmt: skip


def _affinity() -> list[Feature]:
    spans: dict[Dimension, tuple[Days, ...]] = {"category": (365, None), "brand": (365, None), "product": (None,)}
    return [
        Affinity(dimension=dimension, statistic=statistic, days=days)
        for dimension, windows in spans.items()
        for statistic in get_args(Spread)
        for days in windows
    ]


def _price() -> list[Feature]:
    return [
        *_windowed("price", _pick("orders", "gross_sum", "discount_sum"), (365, None)),
        *_windowed("price", _pick("orders", "discounted_orders_count", "coupon_orders_count"), (90, 365, None)),
        *_windowed("price", _pick("lines", "promoted_lines_count", "promoted_revenue_sum"), (365, None)),
        *_windowed("price", _pick("lines", "unit_price_sum", "unit_price_count", "unit_price_squares", "unit_price_max", "unit_price_min"), [None]),
        *_windowed("price", _pick("lines", "price_position_sum", "price_position_count"), (365, None)),
        *_each("price", "discount_share", "Discounts over goods before discounts", "share", (365, None), "discount_sum", "gross_sum"),
        *_each("price", "discounted_order_share", "Share of orders with a discount", "share", (90, 365, None), "discounted_orders_count", "orders_count"),
        *_each("price", "coupon_share", "Share of orders with a coupon", "share", (90, 365, None), "coupon_orders_count", "orders_count"),
        *_each("price", "promoted_line_share", "Share of lines bought on promotion", "share", (365, None), "promoted_lines_count", "lines_count"),
        *_each("price", "promoted_revenue_share", "Share of revenue bought on promotion", "share", (365, None), "promoted_revenue_sum", "line_revenue_sum"),
        *_each("price", "price_position_mean", "Unit price over the category's mean that day", "ratio", (365, None), "price_position_sum", "price_position_count"),
        _one("price", "unit_price_mean_lifetime", Ratio("unit_price_sum_lifetime", "unit_price_count_lifetime"), "Mean unit price", "money"),
        _one("price", "unit_price_std_lifetime", Deviation("unit_price_sum_lifetime", "unit_price_squares_lifetime", "unit_price_count_lifetime"), "Spread of unit prices", "money"),
    ]  # fmt: skip


def _returns() -> list[Feature]:
    return [
        *_windowed("returns", _pick("returns", "returns_count"), (90, 365, None)),
        *_windowed("returns", _pick("returns", "refund_sum"), ALWAYS),
        *_windowed("returns", _pick("returns", "refund_max", "returned_units_sum", "return_day_last"), [None]),
        *_each("returns", "refund_share", "Money paid back over revenue", "share", LONG, "refund_sum", "revenue_sum"),
        *_each("returns", "returns_per_order", "Returns per order", "ratio", LONG, "returns_count", "orders_count"),
        _one("returns", "days_since_last_return", DaysSince("return_day_last_lifetime"), "Days since the last return", "days"),
    ]  # fmt: skip


def _rhythm() -> list[Feature]:
    parts = ("weekend", "monthend", "morning", "afternoon", "evening", "night")
    counts = [f"{part}_orders_count" for part in parts]
    shares = [
        feature
        for part in parts
        for feature in _each("rhythm", f"{part}_order_share", f"Share of {part} orders", "share", [None], f"{part}_orders_count", "orders_count")
    ]  # fmt: skip
    return [*_windowed("rhythm", _pick("orders", *counts), [None]), *shares]


def _browsing() -> list[Feature]:
    counts = ("views_count", "sessions_count", "carts_count", "browse_days_count", "events_count")
    few = (
        "searches_count",
        "favorites_count",
        "cart_removals_count",
        "checkouts_count",
        "purchase_events_count",
        "mobile_events_count",
    )
    sums = (
        "dwell_seconds_sum",
        "viewed_price_sum",
        "viewed_price_count",
        "view_to_buy_days_sum",
        "view_to_buy_days_count",
    )
    spans: tuple[Days, ...] = (30, 365)
    return [
        *_windowed("browsing", _pick("events", *counts), (7, 30, 90, 365)),
        *_windowed("browsing", _pick("events", *few, *sums), spans),
        *_windowed("browsing", _pick("events", "browse_day_last", "view_day_last", "cart_day_last"), [None]),
        _one("browsing", "days_since_last_visit", DaysSince("browse_day_last_lifetime"), "Days since the last event", "days"),
        _one("browsing", "days_since_last_view", DaysSince("view_day_last_lifetime"), "Days since the last view", "days"),
        _one("browsing", "days_since_last_cart", DaysSince("cart_day_last_lifetime"), "Days since the last addition to the cart", "days"),
        *_each("browsing", "views_per_session", "Views per visit", "views", spans, "views_count", "sessions_count"),
        *_each("browsing", "dwell_seconds_per_session", "Time spent per visit", "seconds", spans, "dwell_seconds_sum", "sessions_count"),
        *_each("browsing", "view_to_cart_rate", "Additions to the cart per view", "ratio", spans, "carts_count", "views_count"),
        *_each("browsing", "cart_to_checkout_rate", "Checkouts per addition to the cart", "ratio", spans, "checkouts_count", "carts_count"),
        *_each("browsing", "cart_abandon_rate", "Removals per addition to the cart", "ratio", spans, "cart_removals_count", "carts_count"),
        *_each("browsing", "view_to_purchase_rate", "Purchase events per view", "ratio", spans, "purchase_events_count", "views_count"),
        *_each("browsing", "mobile_share", "Share of events on a phone", "share", spans, "mobile_events_count", "events_count"),
        *_each("browsing", "viewed_price_mean", "Mean price viewed", "money", spans, "viewed_price_sum", "viewed_price_count"),
        *_each("browsing", "view_to_buy_days_mean", "Days from the last day with a view to a purchase", "days", spans, "view_to_buy_days_sum", "view_to_buy_days_count"),
        _one("browsing", "views_trend_30d_over_365d", Ratio("views_count_30d", "views_count_365d", 365 / 30), "View rate of 30 days over that of 365", "ratio"),
    ]  # fmt: skip


def _reviews() -> list[Feature]:
    return [
        *_windowed("reviews", _pick("reviews", "reviews_count"), (365, None)),
        *_windowed("reviews", _pick("reviews", "rating_sum", "rating_squares", "rating_min", "review_day_last"), [None]),
        _one("reviews", "rating_mean_lifetime", Ratio("rating_sum_lifetime", "reviews_count_lifetime"), "Mean rating", "stars"),
        _one("reviews", "rating_std_lifetime", Deviation("rating_sum_lifetime", "rating_squares_lifetime", "reviews_count_lifetime"), "Spread of ratings", "stars"),
        _one("reviews", "days_since_last_review", DaysSince("review_day_last_lifetime"), "Days since the last review", "days"),
    ]  # fmt: skip


def _marketing() -> list[Feature]:
    return [
        *_windowed("marketing", _pick("touches", "touches_count", "opens_count", "clicks_count", "conversions_count"), (30, 90, 365)),
        *_windowed("marketing", _pick("touches", "touch_cost_sum"), (365, None)),
        *_windowed("marketing", _pick("touches", "touch_day_last"), [None]),
        *_each("marketing", "open_rate", "Opens per contact", "ratio", (90, 365), "opens_count", "touches_count"),
        *_each("marketing", "click_rate", "Clicks per contact", "ratio", (90, 365), "clicks_count", "touches_count"),
        *_each("marketing", "conversion_rate", "Conversions per contact", "ratio", (90, 365), "conversions_count", "touches_count"),
        _one("marketing", "days_since_last_touch", DaysSince("touch_day_last_lifetime"), "Days since the last contact", "days"),
        _one("marketing", "touch_fatigue", Ratio("touches_count_30d", "touches_count_365d", 365 / 30), "Contact rate of 30 days over that of 365", "ratio"),
    ]  # fmt: skip


def _demographics() -> list[Feature]:
    return [
        Attribute(name="age_years", column="birth_year", statistic="age_years", meaning="Age in the year of as_of", unit="years"),
        Attribute(name="account_age_days", column="created_day", statistic="tenure_days", meaning="Days since the account was made", unit="days"),
        Attribute(name="is_female", column="gender", statistic="is", value="f", meaning="1 if recorded as female"),
        Attribute(name="is_male", column="gender", statistic="is", value="m", meaning="1 if recorded as male"),
    ]  # fmt: skip


def _social() -> list[Feature]:
    return [
        Social(name="links_count_lifetime", statistic="degree", meaning="Ties of any kind", unit="ties"),
        Social(name="referred_count_lifetime", statistic="referred", meaning="Customers referred", unit="customers"),
        Social(name="was_referred", statistic="was_referred", meaning="1 if referred by another customer"),
        Social(name="neighbour_orders_mean", statistic="neighbour_orders_mean", meaning="Mean paid orders of tied customers", unit="orders"),
        Social(name="neighbour_revenue_mean", statistic="neighbour_revenue_mean", meaning="Mean revenue of tied customers", unit="money"),
    ]  # fmt: skip


def _signal(name: str) -> list[Feature]:
    total, squares, count = tiles.signal_columns(name)
    what = f"signal_{name}"
    return [
        *_windowed("signals", [total, count], (30, 180)),
        *_windowed("signals", [squares], [180]),
        *_each("signals", f"{what}_mean", f"Mean {name}", "", (30, 180), f"{what}_sum", f"{what}_count"),
        _one("signals", f"{what}_std_180d", Deviation(f"{what}_sum_180d", f"{what}_squares_180d", f"{what}_count_180d"), f"Spread of {name}"),
        _one("signals", f"{what}_trend_30d_over_180d", Ratio(f"{what}_mean_30d", f"{what}_mean_180d"), f"Mean {name} of 30 days over that of 180", "ratio"),
    ]  # fmt: skip


def declared(signals: Collection[str] = ()) -> tuple[Feature, ...]:
    """Return every declared feature, and those of the named signals (at most 20).

    >>> len(declared()) >= 120
    True
    """
    families = (
        _recency, _frequency, _monetary, _timing, _btyd, _trend, _basket, _affinity, _price, _returns, _rhythm,
        _browsing, _reviews, _marketing, _demographics, _social,
    )  # fmt: skip
    fixed = [feature for family in families for feature in family()]
    return (*fixed, *(feature for name in sorted(signals)[:MOST_SIGNALS] for feature in _signal(name)))


def is_published(feature: Feature) -> bool:
    """Tell whether a feature is for readers, and not only an ingredient of others (sums of squares, days)."""
    return not (isinstance(feature, Windowed) and feature.tile.how in {"squares", "first", "last"})


def published_names() -> tuple[str, ...]:
    """Return the names of all declared features that are for readers; those of a shop's own signals are not among them."""
    return tuple(feature.name for feature in declared() if is_published(feature))


def families() -> tuple[str, ...]:
    """Return the families of the declared features, in their order.

    >>> families()[:3]
    ('recency', 'frequency', 'monetary')
    """
    return tuple(dict.fromkeys(feature.family for feature in (*declared(), *_signal("any"))))


def is_a_feature(name: str) -> bool:
    """Tell whether a feature can have that name; what a shop's own signals are called is known to its data only."""
    return name.startswith("signal_") or name in published_names()


def is_plain(feature: Feature) -> bool:
    """Tell whether a number speaks for itself to a marketer: no logarithm, no rate over another, no model's input."""
    if isinstance(feature, Derived) and isinstance(feature.formula, Log1p):
        return False
    if feature.family in {"trend", "btyd"} or feature.unit.endswith("²"):
        return False
    return is_published(feature) and not feature.name.startswith(_INGREDIENTS)


def inputs(feature: Feature) -> tuple[str, ...]:
    """Return the names of the features that a derived feature cannot do without."""
    if not isinstance(feature, Derived):
        return ()
    match feature.formula:
        case Ratio(top, bottom):
            return (top, bottom)
        case Difference(left, _):
            return (left,)
        case Deviation(total, squares, count):
            return (total, squares, count)
        case DaysBetween(start, end):
            return (start, end)
        case DaysSince(name) | Log1p(name) | Copy(name):
            return (name,)


def needs(feature: Feature) -> tuple[str, ...]:
    """Return the fact columns, as 'table.column', that a feature reads directly."""
    match feature:
        case Windowed(tile=tile):
            table = {"lines": "order_lines", "cancellations": "orders.cancelled"}.get(tile.source, tile.source)
            return (table, *tile.needs)
        case Affinity(dimension=dimension):
            return ("order_lines", f"order_lines.{dimension}" if dimension != "product" else "order_lines.product_id")
        case Attribute(column=column):
            return ("customers", f"customers.{column}")
        case Social(statistic=statistic):
            read = {"neighbour_orders_mean": ("orders",), "neighbour_revenue_mean": ("orders", "orders.order_revenue")}
            return ("links", *read.get(statistic, ()))
        case Derived():
            return ()


def available(capabilities: Collection[str], signals: Collection[str] = ()) -> tuple[Feature, ...]:
    """Return the features whose data exist.

    Args:
        capabilities: names of fact tables with rows and of their columns with values, such as {"orders", "orders.coupon"}.
        signals: names of the signals that exist.
    """
    kept: dict[str, Feature] = {}
    pending = list(declared(signals))
    while pending:
        ready = [f for f in pending if set(needs(f)) <= set(capabilities) and set(inputs(f)) <= set(kept)]
        if not ready:
            break
        kept.update({feature.name: feature for feature in ready})
        pending = [feature for feature in pending if feature.name not in kept]
    order = [feature.name for feature in declared(signals)]
    return tuple(kept[name] for name in order if name in kept)
