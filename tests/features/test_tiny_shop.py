"""Features and labels of `tiny_shop`, worked out by hand: what keeps the reference itself honest."""

from __future__ import annotations

import math

import pytest

from worlds import AS_OF, shape_capabilities, tiny_shop

EVERYTHING = shape_capabilities("everything")

ANN = {
    # orders on 01-10 (two), 03-10 and 06-28
    "orders_count_lifetime": 4,
    "orders_count_7d": 1,
    "orders_count_90d": 1,
    "orders_count_180d": 4,  # 01-10 is 173 days before 07-01
    "order_days_count_lifetime": 3,
    "days_since_last_order": 3,
    "days_since_first_order": 173,
    "orders_log_lifetime": math.log(5),
    # money: 100 + 40 + 60 + 200, 20 paid back
    "revenue_sum_lifetime": 400,
    "revenue_sum_30d": 200,
    "net_revenue_sum_lifetime": 380,
    "net_revenue_sum_90d": 200,
    "revenue_max_lifetime": 200,
    "revenue_min_lifetime": 40,
    "order_value_mean_lifetime": 100,
    "order_value_std_lifetime": math.sqrt((0 + 60**2 + 40**2 + 100**2) / 3),
    "margin_sum_lifetime": 195,
    "costed_revenue_sum_lifetime": 400,
    "margin_share_lifetime": 195 / 400,
    "shipping_sum_lifetime": 5,
    "net_revenue_per_day_lifetime": 380 / 173,
    # gaps of 60 and 110 days
    "order_gap_days_sum_lifetime": 170,
    "order_gap_days_mean_lifetime": 85,
    "order_gap_days_std_lifetime": math.sqrt(2 * 25**2),
    "order_gap_days_max_lifetime": 110,
    "order_gap_days_min_lifetime": 60,
    "order_overdue_ratio": 3 / 85,
    "order_silence_ratio": 3 / 110,
    "btyd_frequency": 2,
    "btyd_recency_days": 170,
    "btyd_T_days": 173,
    "btyd_monetary_mean": 130,  # 60 and 200 on the two repeat days
    "orders_trend_90d_over_365d": (1 / 90) / (4 / 365),
    # baskets: garden on four lines, kitchen on one
    "items_mean_lifetime": 2.5,
    "lines_count_lifetime": 5,
    "quantity_sum_lifetime": 10,
    "category_distinct_lifetime": 2,
    "category_top_share_lifetime": 0.8,
    "category_entropy_lifetime": -0.8 * math.log(0.8) - 0.2 * math.log(0.2),
    "product_variety_lifetime": 3 / 5,
    # prices
    "discount_share_lifetime": 10 / 410,
    "coupon_share_lifetime": 0.25,
    "promoted_lines_count_lifetime": 2,
    "promoted_revenue_share_lifetime": (40 + 60) / 400,
    "price_position_sum_lifetime": 5,
    "price_position_mean_lifetime": 1,
    "unit_price_mean_lifetime": (60 + 40 + 50 + 20 + 50) / 5,
    # what came back
    "returns_count_lifetime": 1,
    "refund_sum_lifetime": 20,
    "refund_share_lifetime": 20 / 400,
    "days_since_last_return": 91,
    # rhythm: 10 h, 15 h, 20 h on a Sunday, 23 h on the 28th
    "weekend_order_share_lifetime": 0.25,
    "monthend_orders_count_lifetime": 1,
    "morning_orders_count_lifetime": 1,
    "afternoon_orders_count_lifetime": 1,
    "evening_orders_count_lifetime": 1,
    "night_orders_count_lifetime": 1,
    # browsing: three visits on three days
    "sessions_count_30d": 3,
    "views_count_30d": 2,
    "views_count_7d": 0,
    "view_to_cart_rate_30d": 0.5,
    "mobile_share_30d": 0.5,
    "dwell_seconds_per_session_30d": 40,
    "viewed_price_mean_30d": 35,
    "view_to_buy_days_mean_30d": 8,
    "days_since_last_visit": 3,
    # the rest
    "rating_mean_lifetime": 4,
    "rating_std_lifetime": math.sqrt(2),
    "days_since_last_review": 91,
    "touches_count_30d": 2,
    "opens_count_30d": 1,  # the second contact is opened on 07-02
    "open_rate_90d": 0.5,
    "conversions_count_30d": 1,
    "touch_cost_sum_365d": 0.2,
    "days_since_last_touch": 2,
    "age_years": 40,
    "account_age_days": 182,
    "is_female": 1,
    "links_count_lifetime": 3,
    "referred_count_lifetime": 1,
    "was_referred": 0,
    "neighbour_orders_mean": 1.5,  # bob 2, cat 1; bob counts once though tied twice
    "neighbour_revenue_mean": 105,  # bob 180, cat 30
    "signal_devices_mean_180d": 3,
    "signal_devices_trend_30d_over_180d": 2 / 3,
}
BOB = {
    "net_revenue_sum_lifetime": 180,  # the return without an order takes nothing off the revenue
    "returns_count_lifetime": 1,
    "refund_sum_lifetime": 0,
    "returns_per_order_lifetime": 0.5,
    "orders_count_30d": 1,  # 06-01 is exactly 30 days before 07-01
    "views_count_30d": 0,  # 05-31 is 31 days before
    "view_to_buy_days_mean_30d": 1,
    "cart_abandon_rate_365d": 0.5,
    "was_referred": 1,
    "touch_cost_sum_365d": 0,
    "rating_mean_lifetime": None,
    "signal_calls_sum_30d": 3,
}
CAT = {
    "orders_count_lifetime": 1,
    "orders_count_365d": 0,
    "order_value_mean_365d": None,
    "cancelled_orders_count_365d": 1,
    "order_gap_days_mean_lifetime": None,
    "order_overdue_ratio": None,
    "category_distinct_lifetime": 0,
    "category_top_share_lifetime": None,
    "views_count_30d": 0,
    "days_since_last_visit": None,
    "age_years": None,
    "is_male": None,
}
DAN = {"orders_count_lifetime": 0, "days_since_last_order": None, "account_age_days": None, "links_count_lifetime": 0}
EVE = {
    "orders_count_lifetime": 0,
    "revenue_sum_lifetime": 0,
    "views_count_7d": 1,
    "age_years": None,
    "mobile_share_30d": 1,
}


@pytest.fixture(scope="module")
def told(workbench):
    return workbench.features(tiny_shop(), [(who, AS_OF) for who in ("ann", "bob", "cat", "dan", "eve")], EVERYTHING)


@pytest.mark.parametrize(("who", "by_hand"), [("ann", ANN), ("bob", BOB), ("cat", CAT), ("dan", DAN), ("eve", EVE)])
def test_features_are_what_a_person_works_out(told, who, by_hand):
    row = {name: told[who, AS_OF][name] for name in by_hand}
    assert row == {name: value if value is None else pytest.approx(value, rel=1e-9) for name, value in by_hand.items()}


def test_labels_are_what_a_person_works_out(workbench):
    pairs = [(who, AS_OF) for who in ("ann", "bob", "dan")]
    told = workbench.labels(tiny_shop(), pairs, 20, EVERYTHING)
    assert told == {
        ("ann", AS_OF): {
            "future_order_count": 1,
            "future_net_revenue": 1000,
            "future_margin": 500,
            "future_days_to_order": 4,
        },
        ("bob", AS_OF): {
            "future_order_count": 0,
            "future_net_revenue": 0,
            "future_margin": 0,
            "future_days_to_order": None,
        },
        ("dan", AS_OF): {
            "future_order_count": 2,
            "future_net_revenue": 140,
            "future_margin": 70,
            "future_days_to_order": 0,
        },
    }
