"""The facts: what a shop's exports become.

Instants are UTC; `day` and `hour` are local to the shop's time zone and are what every window is counted in.
Money is DECIMAL(18, 4) in the shop's currency. A refund is a dated fact of its own (`returns`), never a
correction of the past: an order's revenue is known on its own day, what was paid back only on the day it was.
"""

from __future__ import annotations

from patron.contracts.accounts import ORDER_EXTRAS, ROW
from patron.contracts.tables import Column as C
from patron.contracts.tables import TableContract

ORDER_STATUSES = ("paid", "pending", "cancelled", "test")
EVENT_TYPES = (
    "view",
    "search",
    "favorite",
    "unfavorite",
    "cart",
    "remove_cart",
    "checkout",
    "purchase",
    "refund",
    "cancel",
    "coupon",
    "review",
    "other",
)

ORDERS = TableContract(
    "orders",
    "one order, as last reported",
    ("order_id",),
    (
        C("order_id", "text", "the shop's order number", required=True),
        C("customer_id", "text", "pseudonym of the buyer", required=True),
        C("ordered_at", "instant", "when the order was placed", required=True),
        C("day", "day", "local date of the order", required=True),
        C("hour", "int", "local hour of the order; empty where the source has dates only", unit="0-23"),
        C("status", "text", "paid, pending, cancelled or test; only paid orders count as purchases", required=True),
        C("currency", "text", "ISO 4217 code of the amounts", required=True),
        C("gross_amount", "money", "goods before discounts"),
        C("discount_amount", "money", "discounts on goods"),
        C("shipping_amount", "money", "postage and fees charged"),
        C("tax_amount", "money", "tax charged on top of the goods"),
        C("refunded_amount", "money", "sum of the order's returns reported so far"),
        C("order_revenue", "money", "goods less discounts, before refunds; empty where the source has no money"),
        C("net_revenue", "money", "order_revenue less refunded_amount"),
        C("margin", "money", "order_revenue less cost of goods, before refunds, where cost is known"),
        C("item_count", "real", "units bought"),
        C("line_count", "int", "order lines"),
        C("channel", "text", "where the order came from"),
        C("coupon", "text", "coupon code used"),
        C("country", "text", "country of the order"),
        C("is_outlier", "flag", "amount beyond the shop's outlier fence; kept and flagged", required=True),
        C("source", "text", "the import that last wrote this order", required=True),
        *ROW,
    ),
)

ORDER_LINES = TableContract(
    "order_lines",
    "one line of an order",
    ("order_id", "line_no"),
    (
        C("order_id", "text", "the order", required=True),
        C("line_no", "int", "position within the order, from 1", required=True),
        C("customer_id", "text", "pseudonym of the buyer", required=True),
        C("ordered_at", "instant", "when the order was placed", required=True),
        C("day", "day", "local date of the order", required=True),
        C("product_id", "text", "the product", required=True),
        C("category", "text", "top-level category"),
        C("brand", "text", "brand"),
        C("quantity", "real", "units", required=True),
        C("unit_price", "money", "price of a unit before line discounts"),
        C("line_discount", "money", "discount on the line"),
        C("line_revenue", "money", "quantity x unit_price - line_discount"),
        C("list_price", "money", "usual price of a unit, where known"),
        C("returned_quantity", "real", "units returned so far", required=True),
        C("status", "text", "status of the order", required=True),
        C("is_outlier", "flag", "beyond the shop's outlier fence; kept and flagged", required=True),
        C("source", "text", "the import that last wrote this line", required=True),
        *ROW,
    ),
)

RETURNS = TableContract(
    "returns",
    "one return, refund or cancellation, on the day it happened",
    ("return_id",),
    (
        C("return_id", "text", "id of the return", required=True),
        C("order_id", "text", "the order it undoes; empty when that order was not found"),
        C("customer_id", "text", "pseudonym of the buyer", required=True),
        C("returned_at", "instant", "when it happened; the order's instant if unsaid", required=True),
        C("day", "day", "local date of the return", required=True),
        C("product_id", "text", "the product, where known"),
        C("quantity", "real", "units returned"),
        C("amount", "money", "money paid back, positive; empty where the source has no money"),
        C("source", "text", "the import that wrote it", required=True),
        *ROW,
    ),
)

EVENTS = TableContract(
    "events",
    "one thing a visitor did",
    ("event_id",),
    (
        C("event_id", "text", "id of the event", required=True),
        C("customer_id", "text", "pseudonym of the customer; empty for anonymous visitors"),
        C("anonymous_id", "text", "device or cookie id"),
        C("occurred_at", "instant", "when it happened", required=True),
        C("day", "day", "local date", required=True),
        C("hour", "int", "local hour", unit="0-23"),
        C("type", "text", "one of: " + ", ".join(EVENT_TYPES), required=True),
        C("session_id", "text", "visit"),
        C("product_id", "text", "product"),
        C("category", "text", "category"),
        C("brand", "text", "brand"),
        C("price", "money", "price shown"),
        C("quantity", "real", "units"),
        C("device", "text", "device class"),
        C("dwell_seconds", "real", "time spent"),
        C("properties", "json", "everything else, as JSON"),
        C("source", "text", "the import that wrote it", required=True),
        *ROW,
    ),
)

REVIEWS = TableContract(
    "reviews",
    "one product review",
    ("review_id",),
    (
        C("review_id", "text", "id of the review", required=True),
        C("customer_id", "text", "pseudonym of the author", required=True),
        C("product_id", "text", "the product"),
        C("rating", "real", "stars", required=True),
        C("text", "text", "what was written"),
        C("reviewed_at", "instant", "when", required=True),
        C("day", "day", "local date", required=True),
        C("source", "text", "the import that wrote it", required=True),
        *ROW,
    ),
)

PRODUCTS = TableContract(
    "products",
    "one product",
    ("product_id",),
    (
        C("product_id", "text", "the product", required=True),
        C("title", "text", "name"),
        C("category", "text", "category path, levels separated by ' / '"),
        C("brand", "text", "brand"),
        C("list_price", "money", "usual price"),
        C("unit_cost", "money", "cost of a unit"),
        C("image", "text", "address of a picture"),
        C("source", "text", "the import that wrote it", required=True),
    ),
)

CUSTOMERS = TableContract(
    "customers",
    "one customer's attributes, pseudonymous",
    ("customer_id",),
    (
        C("customer_id", "text", "pseudonym", required=True),
        C("created_at", "instant", "when the account was made"),
        C("created_day", "day", "local date of created_at"),
        C("birth_year", "int", "year of birth"),
        C("gender", "text", "f, m or other"),
        C("region", "text", "region"),
        C("city", "text", "city"),
        C("country", "text", "country"),
        C("channel", "text", "acquisition channel"),
        C("consent_email", "flag", "agreed to e-mail"),
        C("consent_sms", "flag", "agreed to SMS"),
        C("consent_ads", "flag", "agreed to ad use"),
        C("consent_profiling", "flag", "agreed to profiling"),
        C("attributes", "json", "everything else, as JSON"),
        C("source", "text", "the import that wrote it", required=True),
    ),
)

TOUCHES = TableContract(
    "touches",
    "one marketing contact",
    ("touch_id",),
    (
        C("touch_id", "text", "id of the contact", required=True),
        C("customer_id", "text", "pseudonym", required=True),
        C("campaign_id", "text", "campaign"),
        C("action", "text", "what was offered"),
        C("channel", "text", "e-mail, SMS, push, mail, ad, …"),
        C("arm", "text", "treatment, holdout or business as usual"),
        C("propensity", "real", "probability with which this arm was chosen"),
        C("sent_at", "instant", "when", required=True),
        C("day", "day", "local date", required=True),
        C("opened_at", "instant", "first open"),
        C("clicked_at", "instant", "first click"),
        C("converted_at", "instant", "first conversion"),
        C("opened_day", "day", "local date of the first open: known from that day on, not before"),
        C("clicked_day", "day", "local date of the first click"),
        C("converted_day", "day", "local date of the first conversion"),
        C("cost", "money", "cost of the contact"),
        C("source", "text", "the import that wrote it", required=True),
        *ROW,
    ),
)

LINKS = TableContract(
    "links",
    "one tie between two customers",
    ("from_customer", "to_customer", "kind"),
    (
        C("from_customer", "text", "pseudonym of the one who referred or follows", required=True),
        C("to_customer", "text", "pseudonym of the other", required=True),
        C("kind", "text", "referral, follow or household", required=True),
        C("since", "instant", "when the tie began", required=True),
        C("day", "day", "local date", required=True),
        C("source", "text", "the import that wrote it", required=True),
        *ROW,
    ),
)

SIGNALS = TableContract(
    "signals",
    "one reading of any other time series about a customer",
    ("customer_id", "name", "at"),
    (
        C("customer_id", "text", "pseudonym", required=True),
        C("at", "instant", "when", required=True),
        C("day", "day", "local date", required=True),
        C("name", "text", "what was measured", required=True),
        C("value", "real", "the reading", required=True),
        C("source", "text", "the import that wrote it", required=True),
        *ROW,
    ),
)

CONTACTS = TableContract(
    "contacts",
    "the only table with direct identifiers",
    ("customer_id",),
    (
        C("customer_id", "text", "pseudonym", required=True),
        C("external_id", "text", "the shop's own id of the customer", required=True),
        C("email", "text", "e-mail address"),
        C("phone", "text", "telephone number"),
        C("first_name", "text", "first name"),
        C("last_name", "text", "last name"),
        C("address", "text", "postal address"),
        C("source", "text", "the import that wrote it", required=True),
    ),
)

FACTS = {
    table.name: table
    for table in (
        ORDERS,
        ORDER_LINES,
        ORDER_EXTRAS,
        RETURNS,
        EVENTS,
        REVIEWS,
        PRODUCTS,
        CUSTOMERS,
        TOUCHES,
        LINKS,
        SIGNALS,
        CONTACTS,
    )
}
