"""Every shipped profile recognises its own export and brings it to the canonical columns that a person would expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from patron.engines.duck import DuckEngine
from patron.records.reading import look, stage
from patron.records.spec import SourceProfile

Profiles = tuple[SourceProfile, ...]
Row = Mapping[str, Any]
SHIPPED = {
    "online-retail", "cdnow", "shopify-orders", "woocommerce", "magento", "olist", "retailrocket", "rees46",
    "taobao-behavior", "taobao-orders", "jd-orders", "douyin", "pinduoduo", "youzan", "ga4-export", "segment-events",
    "complete-journey", "canonical",
}  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# file: (profile, layout, rows, the first rows' cells)
EXPECTED: Mapping[str, tuple[str, str, int, Sequence[Row]]] = {
    "online-retail.csv": ("online-retail", "lines", 6, [
        {"order_id": "536365", "product_id": "85123A", "customer_id": "17850", "quantity": 6.0,
         "unit_price": Decimal("2.55"), "ordered_at": at("2010-12-01 08:26"), "currency": "GBP",
         "product_name": "WHITE HANGING HEART, T-LIGHT", "_is_non_product": False},
        {"product_id": "POST", "_is_non_product": True},
        {"order_id": "C536379", "quantity": -1.0, "_is_cancellation": True, "product_name": "RÉGENCY CAKESTAND £"},
        {"customer_id": None, "unit_price": Decimal(0), "_issue": None},
        {"product_id": "m", "_is_non_product": True, "_is_test": False},
        {"product_id": "TEST001", "_is_test": True},
    ]),
    "cdnow.csv": ("cdnow", "master", 3, [
        {"customer_id": "00001", "ordered_at": at("1997-01-01"), "item_count": 1.0, "goods_amount": Decimal("11.77")},
    ]),
    "cdnow-sample.csv": ("cdnow", "sample", 2, [{"customer_id": "00004", "goods_amount": Decimal("29.33")}]),
    "cdnow-master.txt": ("cdnow", "master-text", 3, [
        {"customer_id": "00001", "ordered_at": at("1997-01-01"), "goods_amount": Decimal("11.77")},
        {"customer_id": "00002"},
        {"customer_id": "00002", "item_count": 5.0, "goods_amount": Decimal(77)},
    ]),
    "shopify-orders.csv": ("shopify-orders", "orders", 3, [
        {"order_id": "#1001", "customer_id": "ann@example.com", "ordered_at": at("2026-05-01 08:00"),
         "phone": "+491701234567", "product_id": "0042", "quantity": 2.0, "unit_price": Decimal(20), "status": "paid",
         "goods_amount": Decimal(45), "discount_amount": Decimal(5), "total_amount": Decimal("49.90"), "country": "DE"},
        {"order_id": "#1001", "customer_id": "ann@example.com", "total_amount": Decimal("49.90"), "product_id": "0043",
         "status": "paid", "list_price": None},
        {"order_id": "#1002", "status": "cancelled", "cancelled_at": at("2026-05-04 06:00"), "_is_test": True,
         "refunded_amount": Decimal(10)},
    ]),
    "woocommerce.csv": ("woocommerce", "order-items", 2, [
        {"order_id": "5001", "customer_id": "ann@example.com", "status": "paid", "unit_price": Decimal("14.95")},
        {"order_id": "5002", "status": "pending", "coupon": "SAVE5"},
    ]),
    "woocommerce-rest.json": ("woocommerce", "rest-orders", 2, [
        {"order_id": "727", "customer_id": "john.doe@example.com", "ordered_at": at("2026-03-22 19:28:02"),
         "total_amount": Decimal("29.35"), "city": "San Francisco"},
        {"customer_id": "12", "status": "cancelled", "coupon": "TWO"},
    ]),
    "magento.csv": ("magento", "grid", 2, [
        {"order_id": "000000012", "ordered_at": at("2026-05-01 10:00"), "total_amount": Decimal("1249.90")},
        {"status": "cancelled", "ordered_at": at("2026-05-02 23:30"), "refunded_amount": None},
    ]),
    "olist-orders.csv": ("olist", "orders", 2, [
        {"ordered_at": at("2017-10-02 13:56:33"), "status": "paid", "currency": "BRL"}, {"status": "cancelled"},
    ]),
    "olist-items.csv": ("olist", "items", 1, [{"line_no": 1, "quantity": 1.0, "unit_price": Decimal("29.99")}]),
    "olist-customers.csv": ("olist", "customers", 1, [{"customer_id": "9ef432eb", "person_id": "7c396fd4"}]),
    "olist-reviews.csv": ("olist", "reviews", 1, [{"rating": 4.0, "text": "Não testei\nainda"}]),
    "olist-products.csv": ("olist", "products", 1, [{"category": "utilidades_domesticas"}]),
    "retailrocket.csv": ("retailrocket", "events", 3, [
        {"type": "view", "customer_id": "257597", "occurred_at": at("2015-06-02 05:02:12.117")},
        {"type": "cart"}, {"type": "purchase", "order_id": "4000"},
    ]),
    "retailrocket-reduced.csv": ("retailrocket", "events-reduced", 3, [{"type": "view"}, {}, {"type": "purchase"}]),
    "rees46.csv.gz": ("rees46", "events", 3, [
        {"occurred_at": at("2019-10-01"), "type": "view", "price": Decimal("35.79"), "category": "2103807459595387724"},
        {"category": "electronics.smartphone"}, {"type": "remove_cart"},
    ]),
    "taobao-behavior.csv.zst": ("taobao-behavior", "behavior", 4, [
        {"customer_id": "1", "type": "view", "occurred_at": at("2017-11-24 17:21:10")},
        {"type": "favorite"}, {"type": "purchase"}, {"occurred_at": at("1902-05-07 22:32:46"), "_issue": None},
    ]),
    "taobao-behavior-named.csv": ("taobao-behavior", "behavior-named", 3, [{"type": "favorite"}]),
    "taobao-orders.csv": ("taobao-orders", "orders", 2, [
        {"order_id": "2400123456789012345", "customer_id": "t**1", "ordered_at": at("2024-05-20 12:13:14"),
         "status": "paid", "total_amount": Decimal(54), "phone": "13800000000", "channel": "mobile", "item_count": 2.0,
         "address": "浙江省 杭州市 西湖区, 文三路"},
        {"status": "cancelled", "shipping_amount": Decimal(8)},
    ]),
    "jd-orders.xlsx": ("jd-orders", "lines", 3, [
        {"order_id": "256789012345", "customer_id": "jd_abc", "quantity": 1.0, "unit_price": Decimal(199),
         "total_amount": Decimal(248), "ordered_at": at("2024-06-17 16:00:08")},
        {"product_id": "100012043979"}, {"status": "cancelled"},
    ]),
    "douyin.csv": ("douyin", "lines", 2, [
        {"order_id": "6917000000000000001", "product_id": "3500001", "line_total": Decimal("89.80"),
         "line_discount": Decimal(10), "customer_id": "##TelXyz="},
        {"status": "cancelled"},
    ]),
    "pinduoduo.csv": ("pinduoduo", "orders", 2, [
        {"order_id": "240501-123456789012345", "customer_id": None, "gross_amount": Decimal("19.90"),
         "total_amount": Decimal("16.90"), "ordered_at": at("2024-05-01 02:00:30"), "product_id": "55501"},
        {"status": "cancelled"},
    ]),
    "youzan-orders.csv": ("youzan", "orders", 1, [
        {"customer_id": "13700000001", "total_amount": Decimal(110), "status": "paid", "city": "杭州市"},
    ]),
    "youzan-items.csv": ("youzan", "items", 1, [
        {"product_id": "BR-01", "line_discount": Decimal(20), "line_total": Decimal(100), "quantity": 2.0},
    ]),
    **{
        f"ga4-export.{form}": ("ga4-export", "events", 2, [
            {"type": "purchase", "order_id": "741471", "revenue": Decimal(60), "session_id": "661084800",
             "anonymous_id": "1026454.4271112504", "customer_id": None, "product_id": "9195841", "currency": "USD",
             "occurred_at": at("2021-01-31 05:05:10.766593")},
            {"type": "view", "order_id": None, "customer_id": "u-7", "device": "desktop"},
        ])
        for form in ("parquet", "jsonl")
    },
    "segment-events.jsonl": ("segment-events", "events", 4, [
        {"event_id": "m-1", "type": "view", "occurred_at": at("2026-02-01 10:00:00.250"), "currency": "USD"},
        {"type": "purchase", "customer_id": "u-1", "order_id": "50314b8e", "revenue": Decimal(25),
         "product_id": "507f1f", "email": "ann@example.com", "occurred_at": at("2026-02-01 10:00")},
        {"type": "other"},
        {"event_id": None, "_issue": "line is not JSON"},
    ]),
    "complete-journey.csv": ("complete-journey", "transactions", 2, [
        {"order_id": "31198570044", "customer_id": "900", "line_total": Decimal("0.5")},
        {"quantity": 2.0, "line_total": Decimal("0.99"), "line_discount": Decimal("0.1")},
    ]),
    "complete-journey-products.csv": ("complete-journey", "products", 1, [{"category": "GROCERY"}]),
    "complete-journey-demographics.csv": ("complete-journey", "demographics", 1, [{"customer_id": "1"}]),
    "complete-journey-redemptions.csv": ("complete-journey", "coupon_redemptions", 1, [{"campaign_id": "26"}]),
    "canonical-orders.tsv": ("canonical", "orders", 3, [
        {"customer_id": "007", "ordered_at": at("2024-02-29 23:30"), "total_amount": Decimal("1234.50"),
         "currency": "EUR", "status": "paid"},
        {"ordered_at": at("2024-02-29 16:00"), "total_amount": Decimal(12), "status": "cancelled"},
        {"total_amount": None, "_issue": "total_amount 'abc' is not an amount"},
    ]),
    "canonical-zh.csv": ("canonical", "order_lines", 2, [
        {"customer_id": "0001", "order_id": "D1", "ordered_at": at("2024-05-01 09:05"), "quantity": 2.0,
         "line_total": Decimal("19.9"), "product_id": "P1", "category": "茶", "channel": "小程序"},
        {"line_total": Decimal(1200)},
    ]),
    "canonical-lines.csv": ("canonical", "order_lines", 2, [{"unit_price": Decimal("9.90")}]),
    "canonical-events.jsonl": ("canonical", "events", 2, [{"type": "view"}, {"type": "purchase"}]),
    "canonical-returns.csv": ("canonical", "returns", 1, [{"amount": Decimal("9.90"), "order_id": "1"}]),
    "canonical-reviews.csv": ("canonical", "reviews", 1, [{"text": "good 👍", "rating": 5.0}]),
    "canonical-products.csv": ("canonical", "products", 1, [{"category": "Home / Kitchen", "unit_cost": Decimal(4)}]),
    "canonical-customers.csv": ("canonical", "customers", 1, [
        {"gender": "f", "consent_email": True, "birth_year": 1980, "attributes": '{"loyalty_tier":"gold"}'},
    ]),
    "canonical-touches.csv": ("canonical", "touches", 1, [{"propensity": 0.5, "opened_at": None}]),
    "canonical-links.csv": ("canonical", "links", 1, [{"kind": "referral", "since": at("2024-01-05")}]),
    "canonical-signals.csv": ("canonical", "signals", 1, [{"name": "devices", "value": 3.0}]),
    "canonical-contacts.csv": ("canonical", "contacts", 1, [{"customer_id": "c_1", "phone": "+49 170"}]),
}  # fmt: skip


def test_every_profile_is_shipped_and_has_a_sample(profiles: Profiles) -> None:
    assert {profile.id for profile in profiles} == SHIPPED
    assert {profile for profile, *_ in EXPECTED.values()} == SHIPPED


def test_every_sample_is_expected(samples: Path) -> None:
    assert {path.name for path in samples.iterdir()} == set(EXPECTED) | {"online-retail-ii.xlsx"}


def test_a_sample_is_its_own_profile_and_nothing_else(samples: Path, engine: DuckEngine, profiles: Profiles) -> None:
    for name, (profile, layout, *_) in EXPECTED.items():
        [found] = look(samples / name, engine, profiles)
        best, *others = found.matches
        assert (best.profile.id, best.layout.name) == (profile, layout)
        assert best.fits
        assert not others or best.confidence - others[0].confidence > 0.1, name


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_staged_as_a_person_would_read_it(
    name: str, samples: Path, engine: DuckEngine, profiles: Profiles
) -> None:
    _, layout, n_rows, expected = EXPECTED[name]
    [staged] = stage(samples / name, engine, profiles)
    rows = engine.rows(staged.table.order_by("_row_no"))
    assert (staged.layout.name, staged.row_count, len(rows)) == (layout, n_rows, n_rows)
    assert [row["_row_no"] for row in rows] == list(range(1, n_rows + 1))
    for row, wanted in zip(rows, expected, strict=False):
        assert {column: row[column] for column in wanted} == wanted


def test_both_sheets_of_online_retail_ii_are_read(samples: Path, engine: DuckEngine, profiles: Profiles) -> None:
    first, second = stage(samples / "online-retail-ii.xlsx", engine, profiles)
    assert [first.path.split("#")[1], second.path.split("#")[1]] == ["Year 2009-2010", "Year 2010-2011"]
    assert first.digest != second.digest
    rows = engine.rows(first.table.order_by("_row_no"))
    assert [row["order_id"] for row in rows] == ["489434", "C489449"]
    assert [row["customer_id"] for row in rows] == ["13085", "16321"]
    assert rows[0]["ordered_at"] == at("2009-12-01 07:45")
