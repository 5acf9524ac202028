"""What follows from a customer's counts and sums: the second half of one snapshot in hand-written SQL."""

from __future__ import annotations

from benchmarks.snapshot_writing import ALL_DAYS, LONG, NEAR, TWO, deviation, name, ratio, ratios

_AGE = "(as_of() - first_day)"
_REST = "(as_of() - last_day)"


def derived() -> list[str]:
    """Return every formula as `expression AS name`."""
    return [*purchases(), *rhythm(), *baskets(), *returns(), *visits(), *answers()]


def purchases() -> list[str]:
    net = [f"revenue_sum_{s} - refund_sum_{s} AS net_revenue_sum_{s}" for s in (name("", d)[1:] for d in ALL_DAYS)]
    return [
        *net,
        f"{_REST} AS days_since_last_order",
        f"{_AGE} AS days_since_first_order",
        "ln(1 + orders_count_lifetime) AS orders_log_lifetime",
        "coalesce(repeat_revenue, 0) AS repeat_revenue_sum_lifetime",
        *ratios("order_value_mean", "revenue_sum", "revenue_count", LONG),
        f"{deviation('revenue_sum_lifetime', 'revenue_squares', 'revenue_count_lifetime')} AS order_value_std_lifetime",
        "ln(1 + greatest((revenue_sum_lifetime - refund_sum_lifetime)::DOUBLE, 0)) AS net_revenue_log_lifetime",
        f"{ratio('(revenue_sum_lifetime - refund_sum_lifetime)', _AGE)} AS net_revenue_per_day_lifetime",
        *[
            f"{ratio(f'{what}_{days}d', f'{what}_365d', f' * (365 / {days}::DOUBLE)')} AS {label}_trend_{days}d_over_365d"
            for what, label, spans in (("orders_count", "orders", (30, 90, 180)), ("revenue_sum", "revenue", (30, 90)))
            for days in spans
        ],
        "(revenue_sum_90d::DOUBLE / nullif(revenue_count_90d, 0))"
        " / nullif(revenue_sum_lifetime::DOUBLE / nullif(revenue_count_lifetime, 0), 0)"
        " AS order_value_trend_90d_over_lifetime",
    ]


def rhythm() -> list[str]:
    gap_std = deviation("gap_sum", "gap_squares", "gap_count")
    gap_mean = ratio("gap_sum", "gap_count")
    parts = ("weekend", "monthend", "morning", "afternoon", "evening", "night")
    return [
        "coalesce(gap_sum, 0) AS order_gap_days_sum_lifetime",
        "gap_count AS order_gap_days_count_lifetime",
        "gap_max AS order_gap_days_max_lifetime",
        "gap_min AS order_gap_days_min_lifetime",
        f"{gap_mean} AS order_gap_days_mean_lifetime",
        f"{gap_std} AS order_gap_days_std_lifetime",
        f"({gap_std}) / nullif({gap_mean}, 0) AS order_gap_days_variation_lifetime",
        f"{_REST} / nullif({gap_mean}, 0) AS order_overdue_ratio",
        f"{ratio(_REST, 'gap_max')} AS order_silence_ratio",
        f"{ratio('orders_count_lifetime', _AGE, ' * 365')} AS orders_per_year_lifetime",
        "gap_count AS btyd_frequency",
        "last_day - first_day AS btyd_recency_days",
        f"{_AGE} AS btyd_T_days",
        f"{ratio('repeat_revenue', 'gap_count')} AS btyd_monetary_mean",
        *[
            f"{ratio(f'{part}_orders_count_lifetime', 'orders_count_lifetime')} AS {part}_order_share_lifetime"
            for part in parts
        ],
    ]


def baskets() -> list[str]:
    return [
        *ratios("items_mean", "items_sum", "orders_count", TWO),
        *ratios("lines_mean", "lines_count", "orders_count", TWO),
        *ratios("line_value_mean", "line_revenue_sum", "lines_count", TWO),
        f"{ratio('product_distinct_lifetime', 'lines_count_lifetime')} AS product_variety_lifetime",
        *ratios("discount_share", "discount_sum", "gross_sum", TWO),
        *ratios("discounted_order_share", "discounted_orders_count", "orders_count", LONG),
        *ratios("coupon_share", "coupon_orders_count", "orders_count", LONG),
        *ratios("promoted_line_share", "promoted_lines_count", "lines_count", TWO),
        *ratios("promoted_revenue_share", "promoted_revenue_sum", "line_revenue_sum", TWO),
        *ratios("price_position_mean", "price_position_sum", "price_position_count", TWO),
        f"{ratio('unit_price_sum_lifetime', 'unit_price_count_lifetime')} AS unit_price_mean_lifetime",
        f"{deviation('unit_price_sum_lifetime', 'unit_price_squares', 'unit_price_count_lifetime')} AS unit_price_std_lifetime",
    ]


def returns() -> list[str]:
    return [
        *ratios("refund_share", "refund_sum", "revenue_sum", LONG),
        *ratios("returns_per_order", "returns_count", "orders_count", LONG),
        "as_of() - last_return AS days_since_last_return",
    ]


def visits() -> list[str]:
    visits_over = [
        ("views_per_session", "views_count", "sessions_count"),
        ("dwell_seconds_per_session", "dwell_seconds_sum", "sessions_count"),
        ("view_to_cart_rate", "carts_count", "views_count"),
        ("cart_to_checkout_rate", "checkouts_count", "carts_count"),
        ("cart_abandon_rate", "cart_removals_count", "carts_count"),
        ("view_to_purchase_rate", "purchase_events_count", "views_count"),
        ("mobile_share", "mobile_events_count", "events_count"),
        ("viewed_price_mean", "viewed_price_sum", "viewed_price_count"),
        ("view_to_buy_days_mean", "view_to_buy_days_sum", "view_to_buy_days_count"),
    ]
    return [
        "as_of() - last_visit AS days_since_last_visit",
        "as_of() - last_view AS days_since_last_view",
        "as_of() - last_cart AS days_since_last_cart",
        *[column for what, top, bottom in visits_over for column in ratios(what, top, bottom, NEAR)],
        f"{ratio('views_count_30d', 'views_count_365d', ' * (365 / 30::DOUBLE)')} AS views_trend_30d_over_365d",
    ]


def answers() -> list[str]:
    return [
        f"{ratio('rating_sum_lifetime', 'reviews_count_lifetime')} AS rating_mean_lifetime",
        f"{deviation('rating_sum_lifetime', 'rating_squares', 'reviews_count_lifetime')} AS rating_std_lifetime",
        "as_of() - last_review AS days_since_last_review",
        *ratios("open_rate", "opens_count", "touches_count", (90, 365)),
        *ratios("click_rate", "clicks_count", "touches_count", (90, 365)),
        *ratios("conversion_rate", "conversions_count", "touches_count", (90, 365)),
        "as_of() - last_touch AS days_since_last_touch",
        f"{ratio('touches_count_30d', 'touches_count_365d', ' * (365 / 30::DOUBLE)')} AS touch_fatigue",
    ]
