"""The landing between a file and the facts: canonical, typed columns; every input row still there, none judged yet.

A *layout* of a source profile says which level a file's rows are on. A staged file is an Ibis table with the columns of
its level (each typed, empty where the source lacks it) and four of its own: `_row_no` (from 1), `_raw` (the row as it
came, as JSON), `_raw_hash` (equal for rows that came equal) and `_issue` (why a cell could not be read, else empty),
and three flags that are never empty:
`_is_cancellation`, `_is_non_product` and `_is_test` (the row matches a pattern of that kind in its layout).

Order-level cells of a line file (amounts, status, buyer) stand on each line of the order or on its first line only:
take one per order, never their sum. `line_total` is what was paid for the line, after `line_discount`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

from patron.contracts.tables import IBIS, Kind
from patron.records.spec import Layout, SourceProfile

Level = Literal[
    "line", "order", "return", "event", "customer", "identity", "product", "review", "touch", "link", "signal"
]

_ORDER: dict[str, Kind] = {
    "order_id": "text",
    "customer_id": "text",
    "ordered_at": "instant",
    "cancelled_at": "instant",
    "refunded_at": "instant",
    "status": "text",
    "currency": "text",
    "gross_amount": "money",  # goods before discounts
    "goods_amount": "money",  # goods after discounts
    "discount_amount": "money",
    "shipping_amount": "money",
    "tax_amount": "money",
    "total_amount": "money",  # everything paid, postage and tax included
    "refunded_amount": "money",
    "item_count": "real",
    "channel": "text",
    "coupon": "text",
    "country": "text",
}
_PERSON: dict[str, Kind] = {
    "email": "text",
    "phone": "text",
    "first_name": "text",
    "last_name": "text",
    "address": "text",
    "region": "text",
    "city": "text",
    "gender": "text",
    "birth_year": "int",
}
_CUSTOMER: dict[str, Kind] = {
    "customer_id": "text",
    "created_at": "instant",
    **_PERSON,
    "country": "text",
    "channel": "text",
    "consent_email": "flag",
    "consent_sms": "flag",
    "consent_ads": "flag",
    "consent_profiling": "flag",
    "attributes": "json",
}

COLUMNS: Mapping[Level, Mapping[str, Kind]] = {
    "order": {**_ORDER, **_PERSON},
    "line": {
        **_ORDER,
        **_PERSON,
        "line_no": "int",
        "product_id": "text",
        "product_name": "text",
        "category": "text",
        "brand": "text",
        "quantity": "real",
        "unit_price": "money",
        "line_discount": "money",
        "line_total": "money",  # used for the unit price where the source has no unit price
        "list_price": "money",
        "unit_cost": "money",
        "returned_quantity": "real",
        "line_refunded": "money",
    },
    "return": {
        "return_id": "text",
        "order_id": "text",
        "customer_id": "text",
        "product_id": "text",
        "returned_at": "instant",
        "quantity": "real",
        "amount": "money",
    },
    "event": {
        "event_id": "text",
        "customer_id": "text",
        "anonymous_id": "text",
        "occurred_at": "instant",
        "type": "text",
        "session_id": "text",
        "order_id": "text",
        "product_id": "text",
        "category": "text",
        "brand": "text",
        "price": "money",
        "quantity": "real",
        "revenue": "money",  # of the whole order, on purchase events
        "shipping_amount": "money",
        "tax_amount": "money",
        "discount_amount": "money",
        "coupon": "text",
        "currency": "text",
        "device": "text",
        "dwell_seconds": "real",
        "email": "text",
        "properties": "json",
    },
    "customer": _CUSTOMER,
    "identity": {**_CUSTOMER, "person_id": "text"},  # customer_id (per order) belongs to person_id
    "product": {
        "product_id": "text",
        "title": "text",
        "category": "text",
        "brand": "text",
        "list_price": "money",
        "unit_cost": "money",
        "image": "text",
    },
    "review": {
        "review_id": "text",
        "order_id": "text",
        "customer_id": "text",
        "product_id": "text",
        "rating": "real",
        "text": "text",
        "reviewed_at": "instant",
    },
    "touch": {
        "touch_id": "text",
        "customer_id": "text",
        "campaign_id": "text",
        "action": "text",
        "channel": "text",
        "arm": "text",
        "propensity": "real",
        "sent_at": "instant",
        "opened_at": "instant",
        "clicked_at": "instant",
        "converted_at": "instant",
        "cost": "money",
    },
    "link": {"from_customer": "text", "to_customer": "text", "kind": "text", "since": "instant"},
    "signal": {"customer_id": "text", "at": "instant", "name": "text", "value": "real"},
}


def types(level: Level) -> dict[str, str]:
    """Return a level's columns as Ibis type names; money is read as DECIMAL(18, 4)."""
    return {name: IBIS[kind] for name, kind in COLUMNS[level].items()}


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One input file, every row of it, in canonical typed columns."""

    path: str
    digest: str  # SHA-256 of the file's bytes, or of the query and its rows for a database table
    profile: SourceProfile
    layout: Layout
    table: ir.Table
    row_count: int
