"""One snapshot of features in hand-written DuckDB SQL: what Patron's declarations are measured against.

One CTE per source, straight from the facts of this one shop: no tiles on disk, no second snapshot, no capability that
the data do not use. The windows are written with loops, as an engineer would.
"""

from __future__ import annotations

from benchmarks.snapshot_formulas import derived
from benchmarks.snapshot_writing import ALL_DAYS, LONG, NEAR, RETURN_MONEY, TWO, VISITS, Windows, name, windows


def orders() -> str:
    columns = [
        *windows("orders_count", "count", ALL_DAYS),
        *windows("revenue_sum", "sum", ALL_DAYS, "order_revenue"),
        *windows("revenue_count", "count", LONG, "order_revenue"),
        *windows("items_sum", "sum", LONG, "item_count"),
        *windows("gross_sum", "sum", TWO, "gross_amount"),
        *windows("discount_sum", "sum", TWO, "discount_amount"),
        *windows("discounted_orders_count", "count", LONG, where="discount_amount > 0"),
        *windows("coupon_orders_count", "count", LONG, "coupon"),
        *windows("weekend_orders_count", "count", [None], where="isodow(day) >= 6"),
        *windows("monthend_orders_count", "count", [None], where="day(day) > 24"),
        *windows("morning_orders_count", "count", [None], where="hour BETWEEN 5 AND 11"),
        *windows("afternoon_orders_count", "count", [None], where="hour BETWEEN 12 AND 17"),
        *windows("evening_orders_count", "count", [None], where="hour BETWEEN 18 AND 22"),
        *windows("night_orders_count", "count", [None], where="(hour = 23 OR hour <= 4)"),
        "max(order_revenue) AS revenue_max_lifetime",
        "min(order_revenue) AS revenue_min_lifetime",
        "sum(order_revenue::DOUBLE * order_revenue::DOUBLE) AS revenue_squares",
        "sum(shipping_amount) AS shipping_sum_lifetime",
        "max(item_count) AS items_max_lifetime",
        "min(day) AS first_day",
        "max(day) AS last_day",
    ]
    return f"SELECT customer_id, {', '.join(columns)} FROM paid_orders GROUP BY customer_id"


def gaps() -> str:
    columns = [
        *windows("order_days_count", "count", LONG),
        "sum(gap) AS gap_sum",
        "sum(gap * gap) AS gap_squares",
        "count(gap) AS gap_count",
        "max(gap) AS gap_max",
        "min(gap) AS gap_min",
        "sum(CASE WHEN gap IS NOT NULL THEN revenue END) AS repeat_revenue",
    ]
    return f"""
      SELECT customer_id, {", ".join(columns)}
      FROM (
        SELECT customer_id, day, revenue, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap
        FROM (SELECT customer_id, day, sum(order_revenue) AS revenue FROM paid_orders GROUP BY customer_id, day)
      ) GROUP BY customer_id"""


def lines() -> str:
    columns = [
        *windows("lines_count", "count", TWO),
        *windows("line_revenue_sum", "sum", TWO, "line_revenue"),
        *windows("promoted_lines_count", "count", TWO, where="promoted"),
        *windows("promoted_revenue_sum", "sum", TWO, "line_revenue", "promoted"),
        *windows("price_position_sum", "sum", TWO, "price_position"),
        *windows("price_position_count", "count", TWO, "price_position"),
        "sum(quantity) AS quantity_sum_lifetime",
        "max(quantity) AS quantity_max_lifetime",
        "sum(unit_price) AS unit_price_sum_lifetime",
        "count(unit_price) AS unit_price_count_lifetime",
        "sum(unit_price::DOUBLE * unit_price::DOUBLE) AS unit_price_squares",
        "max(unit_price) AS unit_price_max_lifetime",
        "min(unit_price) AS unit_price_min_lifetime",
    ]
    return f"""
      SELECT customer_id, {", ".join(columns)}
      FROM (
        SELECT customer_id, l.day, quantity, line_revenue, unit_price,
               (line_discount > 0 OR unit_price < list_price) AS promoted,
               unit_price::DOUBLE / nullif(usual.price, 0) AS price_position
        FROM paid_lines AS l
        LEFT JOIN (
          SELECT day, coalesce(category, '') AS category, avg(unit_price::DOUBLE) AS price
          FROM paid_lines GROUP BY ALL
        ) AS usual ON usual.day = l.day AND usual.category = coalesce(l.category, '')
      ) GROUP BY customer_id"""


def spread(dimension: str, column: str, days_of: Windows) -> str:
    counts = windows("n", "count", days_of)
    columns = []
    for days in days_of:
        n = name("n", days)
        columns += [
            f"count(CASE WHEN {n} > 0 THEN 1 END) AS {name(f'{dimension}_distinct', days)}",
            f"max({n}) / nullif(sum({n}), 0)::DOUBLE AS {name(f'{dimension}_top_share', days)}",
            f"ln(nullif(sum({n}), 0)) - sum(CASE WHEN {n} > 0 THEN {n} * ln({n}) END) / nullif(sum({n}), 0)"
            f" AS {name(f'{dimension}_entropy', days)}",
        ]
    return f"""
      SELECT customer_id, {", ".join(columns)}
      FROM (SELECT customer_id, {column}, {", ".join(counts)} FROM paid_lines
            WHERE {column} IS NOT NULL GROUP BY customer_id, {column})
      GROUP BY customer_id"""


def returns() -> str:
    columns = [
        *windows("returns_count", "count", LONG),
        *windows("refund_sum", "sum", RETURN_MONEY, "amount", "order_id IS NOT NULL"),
        "max(CASE WHEN order_id IS NOT NULL THEN amount END) AS refund_max_lifetime",
        "sum(quantity) AS returned_units_sum_lifetime",
        "max(day) AS last_return",
    ]
    return f"SELECT customer_id, {', '.join(columns)} FROM returns WHERE day < as_of() GROUP BY customer_id"


_EVENT_COUNTS = {
    "views": "type = 'view'",
    "carts": "type = 'cart'",
    "searches": "type = 'search'",
    "favorites": "type = 'favorite'",
    "cart_removals": "type = 'remove_cart'",
    "checkouts": "type = 'checkout'",
    "purchase_events": "type = 'purchase'",
    "mobile_events": "device = 'mobile'",
}


def browsing() -> str:
    counted = [f"count(CASE WHEN {test} THEN 1 END) AS {what}" for what, test in _EVENT_COUNTS.items()]
    columns = [
        *windows("sessions_count", "sum", VISITS, "sessions"),
        *windows("browse_days_count", "count", VISITS),
        *[column for what in ("views", "carts", "events") for column in windows(f"{what}_count", "sum", VISITS, what)],
        *[column for what in list(_EVENT_COUNTS)[2:] for column in windows(f"{what}_count", "sum", NEAR, what)],
        *windows("dwell_seconds_sum", "sum", NEAR, "dwell_seconds"),
        *windows("viewed_price_sum", "sum", NEAR, "viewed_price"),
        *windows("viewed_price_count", "sum", NEAR, "viewed_prices"),
        *windows("view_to_buy_days_sum", "sum", NEAR, "lag_days"),
        *windows("view_to_buy_days_count", "count", NEAR, "lag_days"),
        "max(day) AS last_visit",
        "max(CASE WHEN views > 0 THEN day END) AS last_view",
        "max(CASE WHEN carts > 0 THEN day END) AS last_cart",
    ]
    return f"""
      SELECT customer_id, {", ".join(columns)}
      FROM (
        SELECT *, CASE WHEN purchase_events > 0 THEN day - max(CASE WHEN views > 0 THEN day END)
                    OVER (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING) END AS lag_days
        FROM (
          SELECT customer_id, day, count(DISTINCT session_id) AS sessions, count(*) AS events, {", ".join(counted)},
                 sum(dwell_seconds) AS dwell_seconds, sum(CASE WHEN type = 'view' THEN price END) AS viewed_price,
                 count(CASE WHEN type = 'view' THEN price END) AS viewed_prices
          FROM events WHERE customer_id IS NOT NULL AND day < as_of() GROUP BY customer_id, day
        )
      ) GROUP BY customer_id"""


def reviews() -> str:
    columns = [
        *windows("reviews_count", "count", TWO),
        "sum(rating) AS rating_sum_lifetime",
        "sum(rating * rating) AS rating_squares",
        "min(rating) AS rating_min_lifetime",
        "max(day) AS last_review",
    ]
    return f"SELECT customer_id, {', '.join(columns)} FROM reviews WHERE day < as_of() GROUP BY customer_id"


def touches() -> str:
    """Count what followed a contact on the day it followed, so that each kind has windows of its own."""
    later = {"opens": "opened_day", "clicks": "clicked_day", "conversions": "converted_day"}
    columns = [
        *windows("touches_count", "count", (30, 90, 365), where="day < as_of()"),
        *windows("touch_cost_sum", "sum", TWO, "cost", "day < as_of()"),
        "max(CASE WHEN day < as_of() THEN day END) AS last_touch",
        *[
            f"count(CASE WHEN {day} < as_of() AND {day} >= as_of() - {days} THEN 1 END) AS {what}_count_{days}d"
            for what, day in later.items()
            for days in (30, 90, 365)
        ],
    ]
    return f"SELECT customer_id, {', '.join(columns)} FROM touches GROUP BY customer_id"


def people() -> str:
    return """
      SELECT customer_id, created_day,
             CASE WHEN year(as_of()) - birth_year BETWEEN 0 AND 120 THEN year(as_of()) - birth_year END AS age_years,
             as_of() - created_day AS account_age_days, gender = 'f' AS is_female, gender = 'm' AS is_male
      FROM customers WHERE created_day IS NULL OR created_day < as_of()"""


def social() -> str:
    return """
      SELECT t.customer_id, sum(ties) AS links_count_lifetime, sum(referred) AS referred_count_lifetime,
             sum(referred_by) > 0 AS was_referred, avg(coalesce(o.orders_count_lifetime, 0)) AS neighbour_orders_mean,
             avg(coalesce(o.revenue_sum_lifetime::DOUBLE, 0)) AS neighbour_revenue_mean
      FROM (
        SELECT customer_id, other_id, count(*) AS ties, count(CASE WHEN referral AND is_from THEN 1 END) AS referred,
               count(CASE WHEN referral AND NOT is_from THEN 1 END) AS referred_by
        FROM (
          SELECT from_customer AS customer_id, to_customer AS other_id, kind = 'referral' AS referral, true AS is_from
          FROM links WHERE day < as_of()
          UNION ALL
          SELECT to_customer, from_customer, kind = 'referral', false FROM links WHERE day < as_of()
        ) GROUP BY customer_id, other_id
      ) AS t LEFT JOIN orders_by_customer AS o ON o.customer_id = t.other_id
      GROUP BY t.customer_id"""


# Counts and sums of sources where a customer may have nothing at all: absent there means zero.
_ZERO = (
    [name("lines_count", d) for d in TWO]
    + [name(what, d) for what in ("line_revenue_sum", "promoted_lines_count", "promoted_revenue_sum") for d in TWO]
    + [name(what, d) for what in ("price_position_sum", "price_position_count") for d in TWO]
    + ["quantity_sum_lifetime", "unit_price_sum_lifetime", "unit_price_count_lifetime"]
    + [name(what, d) for what in ("category_distinct", "brand_distinct") for d in TWO]
    + ["product_distinct_lifetime"]
    + [name("returns_count", d) for d in LONG]
    + [name("refund_sum", d) for d in RETURN_MONEY]
    + ["returned_units_sum_lifetime"]
    + [name(f"{what}_count", d) for what in ("sessions", "browse_days", "views", "carts", "events") for d in VISITS]
    + [
        name(what, d)
        for what in (
            *(f"{kind}_count" for kind in list(_EVENT_COUNTS)[2:]),
            "dwell_seconds_sum",
            "viewed_price_sum",
            "viewed_price_count",
            "view_to_buy_days_sum",
            "view_to_buy_days_count",
        )
        for d in NEAR
    ]
    + [name("reviews_count", d) for d in TWO]
    + ["rating_sum_lifetime"]
    + [f"{what}_count_{d}d" for what in ("touches", "opens", "clicks", "conversions") for d in (30, 90, 365)]
    + [name("touch_cost_sum", d) for d in TWO]
    + ["links_count_lifetime", "referred_count_lifetime", "was_referred"]
    + [name(what, d) for what in ("revenue_sum",) for d in ALL_DAYS]
    + [name("items_sum", d) for d in LONG]
    + [name(what, d) for what in ("gross_sum", "discount_sum") for d in TWO]
    + ["shipping_sum_lifetime"]
)


_INGREDIENTS = (
    "revenue_squares first_day last_day gap_sum gap_squares gap_count gap_max gap_min repeat_revenue unit_price_squares "
    "last_return last_visit last_view last_cart rating_squares last_review last_touch created_day"
).split()


def snapshot(as_of: str) -> list[str]:
    """Return the statements that leave one snapshot in the view `snapshot`; the facts are views of their own names."""
    zeros = ", ".join(f"coalesce({column}, 0) AS {column}" for column in _ZERO)
    ctes = {
        "orders_by_customer": orders(),
        "gaps": gaps(),
        "lines": lines(),
        "categories": spread("category", "category", TWO),
        "brands": spread("brand", "brand", TWO),
        "products_bought": spread("product", "product_id", [None]),
        "returned": returns(),
        "browsing": browsing(),
        "reviewed": reviews(),
        "touched": touches(),
        "people": people(),
        "social": social(),
    }
    joined = list(ctes)[1:]
    ctes["wide"] = f"SELECT * REPLACE ({zeros}) FROM orders_by_customer " + " ".join(
        f"LEFT JOIN {part} USING (customer_id)" for part in joined
    )
    written = ", ".join(f"{cte} AS ({body})" for cte, body in ctes.items())
    numbers = f"SELECT * EXCLUDE ({', '.join(_INGREDIENTS)}), {', '.join(derived())} FROM wide"
    return [
        f"CREATE MACRO as_of() AS DATE '{as_of}'",
        "CREATE VIEW paid_orders AS SELECT * FROM orders WHERE status = 'paid' AND day < as_of()",
        "CREATE VIEW paid_lines AS SELECT * FROM order_lines WHERE status = 'paid' AND day < as_of()",
        f"CREATE VIEW snapshot AS WITH {written} "
        f"SELECT customer_id, as_of() AS as_of, COLUMNS(* EXCLUDE customer_id)::DOUBLE FROM ({numbers})",
    ]
