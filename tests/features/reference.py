"""Every declared feature again, the slow and obvious way: lists and loops over the facts, no tiles, no engine.

Counts come back as `int`, money as `Decimal`, everything else as `float`, absent as None; names are typed out here on
purpose, so that a change of the catalogue has to be made twice.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from worlds import Rows

Row = dict[str, Any]
Value = int | float | Decimal | None
Answers = dict[str, Value]

WINDOWS: dict[str, int | None] = {"7d": 7, "30d": 30, "90d": 90, "180d": 180, "365d": 365, "lifetime": None}
LONG = ("90d", "365d", "lifetime")
TWO = ("365d", "lifetime")
PHONES = ("mobile", "phone", "app", "ios", "android", "smartphone")


def features_by_hand(facts: Rows, customer: str, as_of: date, signals: Iterable[str] = ()) -> Answers:
    """Return every published feature of one customer as of one day."""
    past = _Past(facts, customer, as_of)
    families: tuple[Callable[[_Past], Answers], ...] = (
        _purchases, _gaps, _trends, _lines, _affinities, _prices, _returns, _rhythm, _browsing, _reviews, _marketing,
        _demographics, _social,
    )  # fmt: skip
    answers: Answers = {}
    for family in families:
        answers |= family(past)
    for name in signals:
        answers |= _signal(past, name)
    return answers


def label_by_hand(facts: Rows, customer: str, as_of: date, horizon_days: int) -> Answers:
    """Return the order days in [as_of, as_of + horizon_days), their revenue less refunds, and their margin."""
    end = as_of + timedelta(days=horizon_days)
    orders = [o for o in _paid(facts, "orders") if o["customer_id"] == customer and as_of <= o["day"] < end]
    back = [r for r in facts["returns"] if r["customer_id"] == customer and as_of <= r["day"] < end]
    revenue = _sum(orders, "order_revenue")
    refunds = _sum([r for r in back if r["order_id"] is not None], "amount")
    told = {
        "future_order_count": len({o["day"] for o in orders}),
        "future_net_revenue": revenue - refunds,
        "future_days_to_order": min(((o["day"] - as_of).days for o in orders), default=None),
    }
    all_costed = [o for o in _paid(facts, "orders") if o["margin"] is not None]
    if all_costed:
        costed = [o for o in orders if o["margin"] is not None]
        share = _per(_sum(all_costed, "margin"), _sum(all_costed, "order_revenue")) or 0.0
        uncosted = float(revenue - refunds - _sum(costed, "order_revenue"))
        told["future_margin"] = float(_sum(costed, "margin")) + share * uncosted
    return told


class _Past:
    """What was known about one customer before as_of, one list per table."""

    def __init__(self, facts: Rows, customer: str, as_of: date) -> None:
        self.facts, self.customer, self.as_of = facts, customer, as_of
        self.orders = self.mine(_paid(facts, "orders"))
        self.lines = self.mine(_paid(facts, "order_lines"))
        self.cancelled = self.mine([o for o in facts["orders"] if o["status"] == "cancelled"])
        self.returns = self.mine(facts["returns"])
        self.events = self.mine(facts["events"])
        self.reviews = self.mine(facts["reviews"])
        self.touches = self.mine(facts["touches"])

    def mine(self, rows: Iterable[Row], day: str = "day") -> list[Row]:
        return [r for r in rows if r["customer_id"] == self.customer and r[day] is not None and r[day] < self.as_of]

    def within(self, rows: Iterable[Row], window: str, day: str = "day") -> list[Row]:
        days = WINDOWS[window]
        return [r for r in rows if days is None or r[day] >= self.as_of - timedelta(days=days)]

    def days_since(self, rows: Iterable[Row]) -> int | None:
        days = [(self.as_of - r["day"]).days for r in rows]
        return min(days) if days else None


def _paid(facts: Rows, name: str) -> list[Row]:
    return [row for row in facts[name] if row["status"] == "paid"]


def _values(rows: Iterable[Row], column: str) -> list[Any]:
    return [row[column] for row in rows if row[column] is not None]


def _sum(rows: Iterable[Row], column: str) -> Any:
    return sum(_values(rows, column), Decimal(0))


def _real_sum(rows: Iterable[Row], column: str) -> float:
    return math.fsum(_values(rows, column))


def _per(top: Value, bottom: Value, scale: float = 1.0) -> float | None:
    return None if top is None or not bottom else float(top) * scale / float(bottom)


def _mean(values: Sequence[Any]) -> float | None:
    return float(sum(values)) / len(values) if values else None


def _spread(values: Sequence[Any]) -> float | None:
    return statistics.stdev(float(value) for value in values) if len(values) > 1 else None


def _largest(values: Sequence[Any]) -> Any:
    return max(values, default=None)


def _smallest(values: Sequence[Any]) -> Any:
    return min(values, default=None)


def _purchases(past: _Past) -> Answers:
    orders, revenues = past.orders, _values(past.orders, "order_revenue")
    matched = [r for r in past.returns if r["order_id"] is not None]
    costed = [o for o in past.orders if o["margin"] is not None]
    age = max(((past.as_of - o["day"]).days for o in orders), default=None)
    net = _sum(orders, "order_revenue") - _sum(matched, "amount")
    told: Answers = {
        "days_since_last_order": past.days_since(orders),
        "days_since_first_order": age,
        "btyd_T_days": age,
        "orders_log_lifetime": math.log(1 + len(orders)),
        "revenue_max_lifetime": _largest(revenues),
        "revenue_min_lifetime": _smallest(revenues),
        "order_value_std_lifetime": _spread(revenues),
        "shipping_sum_lifetime": _sum(orders, "shipping_amount"),
        "net_revenue_log_lifetime": math.log(1 + max(float(net), 0.0)),
        "net_revenue_per_day_lifetime": _per(net, age),
        "costed_revenue_sum_lifetime": _sum(costed, "order_revenue"),
        "margin_share_lifetime": _per(_sum(costed, "margin"), _sum(costed, "order_revenue")),
        "orders_per_year_lifetime": _per(len(orders), age, 365),
        "items_max_lifetime": _largest(_values(orders, "item_count")),
    }
    for window in WINDOWS:
        some = past.within(orders, window)
        told[f"orders_count_{window}"] = len(some)
        told[f"revenue_sum_{window}"] = _sum(some, "order_revenue")
        told[f"net_revenue_sum_{window}"] = _sum(some, "order_revenue") - _sum(past.within(matched, window), "amount")
    for window in LONG:
        some = past.within(orders, window)
        told[f"order_days_count_{window}"] = len({o["day"] for o in some})
        told[f"revenue_count_{window}"] = len(_values(some, "order_revenue"))
        told[f"order_value_mean_{window}"] = _mean(_values(some, "order_revenue"))
        told[f"items_sum_{window}"] = _real_sum(some, "item_count")
    for window in TWO:
        some = past.within(orders, window)
        told[f"cancelled_orders_count_{window}"] = len(past.within(past.cancelled, window))
        told[f"margin_sum_{window}"] = _sum(some, "margin")
        told[f"items_mean_{window}"] = _per(_real_sum(some, "item_count"), len(some))
    return told


def _gaps(past: _Past) -> Answers:
    days = sorted({o["day"] for o in past.orders})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    repeat = _sum([o for o in past.orders if o["day"] > days[0]], "order_revenue")
    mean, spread, since = _mean(gaps), _spread(gaps), past.days_since(past.orders)
    return {
        "order_gap_days_sum_lifetime": sum(gaps),
        "order_gap_days_count_lifetime": len(gaps),
        "order_gap_days_max_lifetime": _largest(gaps),
        "order_gap_days_min_lifetime": _smallest(gaps),
        "order_gap_days_mean_lifetime": mean,
        "order_gap_days_std_lifetime": spread,
        "order_gap_days_variation_lifetime": _per(spread, mean),
        "order_overdue_ratio": _per(since, mean),
        "order_silence_ratio": _per(since, _largest(gaps)),
        "repeat_revenue_sum_lifetime": repeat,
        "btyd_frequency": len(gaps),
        "btyd_recency_days": (days[-1] - days[0]).days if days else None,
        "btyd_monetary_mean": _per(repeat, len(gaps)),
    }


def _trends(past: _Past) -> Answers:
    def n(window: str) -> int:
        return len(past.within(past.orders, window))

    def revenue(window: str) -> Decimal:
        return Decimal(_sum(past.within(past.orders, window), "order_revenue"))

    def order_value(window: str) -> float | None:
        return _mean(_values(past.within(past.orders, window), "order_revenue"))

    return {
        "orders_trend_30d_over_365d": _per(n("30d"), n("365d"), 365 / 30),
        "orders_trend_90d_over_365d": _per(n("90d"), n("365d"), 365 / 90),
        "orders_trend_180d_over_365d": _per(n("180d"), n("365d"), 365 / 180),
        "revenue_trend_30d_over_365d": _per(revenue("30d"), revenue("365d"), 365 / 30),
        "revenue_trend_90d_over_365d": _per(revenue("90d"), revenue("365d"), 365 / 90),
        "order_value_trend_90d_over_lifetime": _per(order_value("90d"), order_value("lifetime")),
    }


def _lines(past: _Past) -> Answers:
    told: Answers = {
        "quantity_sum_lifetime": _real_sum(past.lines, "quantity"),
        "quantity_max_lifetime": _largest(_values(past.lines, "quantity")),
        "product_variety_lifetime": _per(len({line["product_id"] for line in past.lines}), len(past.lines)),
    }
    for window in TWO:
        some = past.within(past.lines, window)
        told[f"lines_count_{window}"] = len(some)
        told[f"lines_mean_{window}"] = _per(len(some), len(past.within(past.orders, window)))
        told[f"line_revenue_sum_{window}"] = _sum(some, "line_revenue")
        told[f"line_value_mean_{window}"] = _per(_sum(some, "line_revenue"), len(some))
    return told


def _affinities(past: _Past) -> Answers:
    told: Answers = {}
    for dimension, column, windows in (
        ("category", "category", TWO),
        ("brand", "brand", TWO),
        ("product", "product_id", ("lifetime",)),
    ):
        for window in windows:
            counts = Counter(_values(past.within(past.lines, window), column))
            n = sum(counts.values())
            told[f"{dimension}_distinct_{window}"] = len(counts)
            told[f"{dimension}_top_share_{window}"] = _per(_largest(list(counts.values())), n)
            told[f"{dimension}_entropy_{window}"] = (
                -sum(k / n * math.log(k / n) for k in counts.values()) if n else None
            )
    return told


def _usual_price(past: _Past, line: Row) -> float | None:
    alike = [
        o for o in _paid(past.facts, "order_lines") if (o["day"], o["category"]) == (line["day"], line["category"])
    ]
    return _mean(_values(alike, "unit_price"))


def _price_position(past: _Past, line: Row) -> float | None:
    return _per(line["unit_price"], _usual_price(past, line))


def _is_promoted(line: Row) -> bool:
    discounted = line["line_discount"] is not None and line["line_discount"] > 0
    known = line["unit_price"] is not None and line["list_price"] is not None
    return bool(discounted or (known and line["unit_price"] < line["list_price"]))


def _prices(past: _Past) -> Answers:
    prices = _values(past.lines, "unit_price")
    told: Answers = {
        "unit_price_sum_lifetime": sum(prices, Decimal(0)),
        "unit_price_count_lifetime": len(prices),
        "unit_price_max_lifetime": _largest(prices),
        "unit_price_min_lifetime": _smallest(prices),
        "unit_price_mean_lifetime": _mean(prices),
        "unit_price_std_lifetime": _spread(prices),
    }
    for window in LONG:
        orders = past.within(past.orders, window)
        discounted = [o for o in orders if o["discount_amount"] is not None and o["discount_amount"] > 0]
        with_coupon = _values(orders, "coupon")
        told[f"discounted_orders_count_{window}"] = len(discounted)
        told[f"discounted_order_share_{window}"] = _per(len(discounted), len(orders))
        told[f"coupon_orders_count_{window}"] = len(with_coupon)
        told[f"coupon_share_{window}"] = _per(len(with_coupon), len(orders))
    for window in TWO:
        told |= _promotions(past, window)
    return told


def _promotions(past: _Past, window: str) -> Answers:
    orders, lines = past.within(past.orders, window), past.within(past.lines, window)
    goods, discounts = _sum(orders, "gross_amount"), _sum(orders, "discount_amount")
    promoted = [line for line in lines if _is_promoted(line)]
    positions = [p for p in (_price_position(past, line) for line in lines) if p is not None]
    return {
        f"gross_sum_{window}": goods,
        f"discount_sum_{window}": discounts,
        f"discount_share_{window}": _per(discounts, goods),
        f"promoted_lines_count_{window}": len(promoted),
        f"promoted_line_share_{window}": _per(len(promoted), len(lines)),
        f"promoted_revenue_sum_{window}": _sum(promoted, "line_revenue"),
        f"promoted_revenue_share_{window}": _per(_sum(promoted, "line_revenue"), _sum(lines, "line_revenue")),
        f"price_position_sum_{window}": math.fsum(positions),
        f"price_position_count_{window}": len(positions),
        f"price_position_mean_{window}": _mean(positions),
    }


def _returns(past: _Past) -> Answers:
    matched = [r for r in past.returns if r["order_id"] is not None]
    told: Answers = {
        "refund_max_lifetime": _largest(_values(matched, "amount")),
        "returned_units_sum_lifetime": _real_sum(past.returns, "quantity"),
        "days_since_last_return": past.days_since(past.returns),
    }
    for window in WINDOWS:
        told[f"refund_sum_{window}"] = _sum(past.within(matched, window), "amount")
    for window in LONG:
        orders, back = past.within(past.orders, window), past.within(past.returns, window)
        refunds = _sum(past.within(matched, window), "amount")
        told[f"returns_count_{window}"] = len(back)
        told[f"returns_per_order_{window}"] = _per(len(back), len(orders))
        told[f"refund_share_{window}"] = _per(refunds, _sum(orders, "order_revenue"))
    return told


def _rhythm(past: _Past) -> Answers:
    parts = {
        "morning": range(5, 12),
        "afternoon": range(12, 18),
        "evening": range(18, 23),
        "night": (23, 0, 1, 2, 3, 4),
    }
    counts = {part: len([o for o in past.orders if o["hour"] in hours]) for part, hours in parts.items()}
    counts["weekend"] = len([o for o in past.orders if o["day"].isoweekday() in (6, 7)])
    counts["monthend"] = len([o for o in past.orders if o["day"].day >= 25])
    shares = {f"{part}_order_share_lifetime": _per(n, len(past.orders)) for part, n in counts.items()}
    return {**{f"{part}_orders_count_lifetime": n for part, n in counts.items()}, **shares}


def _browsing(past: _Past) -> Answers:
    views, carts = ([e for e in past.events if e["type"] == kind] for kind in ("view", "cart"))
    told: Answers = {
        "days_since_last_visit": past.days_since(past.events),
        "days_since_last_view": past.days_since(views),
        "days_since_last_cart": past.days_since(carts),
        "views_trend_30d_over_365d": _per(len(past.within(views, "30d")), len(past.within(views, "365d")), 365 / 30),
    }
    for window in ("7d", "30d", "90d", "365d"):
        some = past.within(past.events, window)
        told[f"views_count_{window}"] = len(past.within(views, window))
        told[f"carts_count_{window}"] = len(past.within(carts, window))
        told[f"events_count_{window}"] = len(some)
        told[f"browse_days_count_{window}"] = len({e["day"] for e in some})
        told[f"sessions_count_{window}"] = _visits(some)
    for window in ("30d", "365d"):
        told |= _browsing_closer(past, window)
    return told


def _visits(events: Iterable[Row]) -> int:
    return len({(e["day"], e["session_id"]) for e in events if e["session_id"] is not None})


def _browsing_closer(past: _Past, window: str) -> Answers:
    some = past.within(past.events, window)
    n = Counter(e["type"] for e in some)
    phone = len([e for e in some if e["device"] is not None and e["device"].lower() in PHONES])
    prices = _values([e for e in some if e["type"] == "view"], "price")
    dwell, lags = _real_sum(some, "dwell_seconds"), _view_to_buy_days(past, window)
    return {
        f"searches_count_{window}": n["search"],
        f"favorites_count_{window}": n["favorite"],
        f"cart_removals_count_{window}": n["remove_cart"],
        f"checkouts_count_{window}": n["checkout"],
        f"purchase_events_count_{window}": n["purchase"],
        f"mobile_events_count_{window}": phone,
        f"dwell_seconds_sum_{window}": dwell,
        f"viewed_price_sum_{window}": sum(prices, Decimal(0)),
        f"viewed_price_count_{window}": len(prices),
        f"viewed_price_mean_{window}": _mean(prices),
        f"view_to_buy_days_sum_{window}": sum(lags),
        f"view_to_buy_days_count_{window}": len(lags),
        f"view_to_buy_days_mean_{window}": _mean(lags),
        f"views_per_session_{window}": _per(n["view"], _visits(some)),
        f"dwell_seconds_per_session_{window}": _per(dwell, _visits(some)),
        f"view_to_cart_rate_{window}": _per(n["cart"], n["view"]),
        f"cart_to_checkout_rate_{window}": _per(n["checkout"], n["cart"]),
        f"cart_abandon_rate_{window}": _per(n["remove_cart"], n["cart"]),
        f"view_to_purchase_rate_{window}": _per(n["purchase"], n["view"]),
        f"mobile_share_{window}": _per(phone, len(some)),
    }


def _view_to_buy_days(past: _Past, window: str) -> list[int]:
    """Return, for each day with a purchase in the window, the days since the last day with a view, ever."""
    lags = []
    for bought in sorted({e["day"] for e in past.within(past.events, window) if e["type"] == "purchase"}):
        seen = [e["day"] for e in past.events if e["type"] == "view" and e["day"] <= bought]
        lags += [(bought - max(seen)).days] if seen else []
    return lags


def _reviews(past: _Past) -> Answers:
    stars = _values(past.reviews, "rating")
    return {
        "reviews_count_365d": len(past.within(past.reviews, "365d")),
        "reviews_count_lifetime": len(past.reviews),
        "rating_sum_lifetime": math.fsum(stars),
        "rating_min_lifetime": _smallest(stars),
        "rating_mean_lifetime": _mean(stars),
        "rating_std_lifetime": _spread(stars),
        "days_since_last_review": past.days_since(past.reviews),
    }


def _marketing(past: _Past) -> Answers:
    told: Answers = {
        "days_since_last_touch": past.days_since(past.touches),
        "touch_fatigue": _per(len(past.within(past.touches, "30d")), len(past.within(past.touches, "365d")), 365 / 30),
    }
    for window in TWO:
        told[f"touch_cost_sum_{window}"] = _sum(past.within(past.touches, window), "cost")
    everything = past.facts["touches"]
    for window in ("30d", "90d", "365d"):
        n = len(past.within(past.touches, window))
        told[f"touches_count_{window}"] = n
        for what, rate, day in (
            ("opens", "open_rate", "opened_day"),
            ("clicks", "click_rate", "clicked_day"),
            ("conversions", "conversion_rate", "converted_day"),
        ):
            happened = len(past.within(past.mine(everything, day), window, day))
            told[f"{what}_count_{window}"] = happened
            if window != "30d":
                told[f"{rate}_{window}"] = _per(happened, n)
    return told


def _demographics(past: _Past) -> Answers:
    own = [c for c in past.facts["customers"] if c["customer_id"] == past.customer]
    known = [c for c in own if c["created_day"] is None or c["created_day"] < past.as_of]
    row: Row = known[0] if known else {"birth_year": None, "created_day": None, "gender": None}
    age = None if row["birth_year"] is None else past.as_of.year - row["birth_year"]
    created, gender = row["created_day"], row["gender"]
    return {
        "age_years": age if age is not None and 0 <= age <= 120 else None,
        "account_age_days": None if created is None else (past.as_of - created).days,
        "is_female": None if gender is None else int(gender == "f"),
        "is_male": None if gender is None else int(gender == "m"),
    }


def _social(past: _Past) -> Answers:
    links = [link for link in past.facts["links"] if link["day"] < past.as_of]
    mine = [link for link in links if past.customer in (link["from_customer"], link["to_customer"])]
    others = {link["from_customer"] for link in mine} | {link["to_customer"] for link in mine}
    theirs = [_Past(past.facts, other, past.as_of).orders for other in others - {past.customer}]
    referrals = [link for link in mine if link["kind"] == "referral"]
    return {
        "links_count_lifetime": len(mine),
        "referred_count_lifetime": len([link for link in referrals if link["from_customer"] == past.customer]),
        "was_referred": int(any(link["to_customer"] == past.customer for link in referrals)),
        "neighbour_orders_mean": _mean([len(orders) for orders in theirs]),
        "neighbour_revenue_mean": _mean([_sum(orders, "order_revenue") for orders in theirs]),
    }


def _signal(past: _Past, name: str) -> Answers:
    readings = past.mine([s for s in past.facts["signals"] if s["name"] == name])
    month, half = (_values(past.within(readings, window), "value") for window in ("30d", "180d"))
    return {
        f"signal_{name}_sum_30d": math.fsum(month),
        f"signal_{name}_sum_180d": math.fsum(half),
        f"signal_{name}_count_30d": len(month),
        f"signal_{name}_count_180d": len(half),
        f"signal_{name}_mean_30d": _mean(month),
        f"signal_{name}_mean_180d": _mean(half),
        f"signal_{name}_std_180d": _spread(half),
        f"signal_{name}_trend_30d_over_180d": _per(_mean(month), _mean(half)),
    }
