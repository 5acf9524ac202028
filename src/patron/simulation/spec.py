"""The knobs of a simulated shop; every default makes a believable one.

With the defaults a million customers over two years make about 7 million orders, 22 million lines and 52 million
events.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from patron.ground.dates import zone

TableName = Literal[
    "orders",
    "order_lines",
    "returns",
    "events",
    "reviews",
    "products",
    "customers",
    "touches",
    "links",
    "contacts",
]
DirtKind = Literal[
    "exact_duplicate",
    "near_duplicate",
    "cancelled_order",
    "test_order",
    "missing_customer",
    "missing_date",
    "ancient_date",
    "future_date",
    "foreign_currency",
    "outlier",
    "non_product",
    "zero_price",
    "negative_price",
    "missing_product",
    "missing_quantity",
    "late",
    "duplicate_event",
    "unknown_event_type",
    "nobodys_event",
    "orphan_return",
]

ALL_TABLES: tuple[TableName, ...] = (
    "orders",
    "order_lines",
    "returns",
    "events",
    "reviews",
    "products",
    "customers",
    "touches",
    "links",
    "contacts",
)
ORDERS_ONLY: tuple[TableName, ...] = ("order_lines",)
NO_DIRT: dict[DirtKind, float] = {}
SOME_DIRT: dict[DirtKind, float] = {
    "exact_duplicate": 0.004,
    "near_duplicate": 0.001,
    "cancelled_order": 0.02,
    "test_order": 0.0005,
    "missing_customer": 0.01,
    "missing_date": 0.0005,
    "ancient_date": 0.0003,
    "future_date": 0.0003,
    "foreign_currency": 0.0005,
    "outlier": 0.0001,
    "non_product": 0.01,
    "zero_price": 0.001,
    "negative_price": 0.0003,
    "missing_product": 0.0005,
    "missing_quantity": 0.0005,
    "late": 0.002,
    "duplicate_event": 0.002,
    "unknown_event_type": 0.001,
    "nobodys_event": 0.001,
    "orphan_return": 0.01,
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExponentialDropout(_Frozen):
    """Customers leave for good after an exponential lifetime, each at a hazard of their own (Pareto/NBD)."""

    kind: Literal["exponential"] = "exponential"
    per_year: float = Field(default=0.9, ge=0, description="Mean hazard of leaving, per year; 0: nobody ever leaves.")
    shape: float = Field(default=1.2, gt=0, description="Gamma shape of the hazards: small means unlike customers.")


class DropoutAfterOrder(_Frozen):
    """Customers leave right after a repeat order with a probability of their own (BG/NBD)."""

    kind: Literal["after_order"] = "after_order"
    probability: float = Field(
        default=0.08, gt=0, lt=1, description="Mean probability of leaving after a repeat order."
    )
    concentration: float = Field(default=6.0, gt=0, description="a + b of the Beta distribution of the probabilities.")


class Purchases(_Frozen):
    """When customers order."""

    orders_per_year: float = Field(default=9.0, gt=0, description="Mean rate of repeat orders while a customer stays.")
    rate_shape: float = Field(default=0.7, gt=0, description="Gamma shape of the rates: small means unlike customers.")
    dropout: ExponentialDropout | DropoutAfterOrder = Field(
        default=ExponentialDropout(), discriminator="kind", description="How customers leave for good, unseen."
    )
    yearly_swing: float = Field(
        default=0.35, ge=0, lt=1, description="Height of the yearly wave, which peaks in December."
    )
    weekend_lift: float = Field(default=0.3, gt=-1, description="How much busier a weekend day is than a weekday.")


class Baskets(_Frozen):
    """What an order holds and costs."""

    order_value: float = Field(default=60.0, ge=10, description="Mean goods value of an order at list prices.")
    order_shape: float = Field(
        default=4.0, gt=0, description="p of Gamma-Gamma: large means like orders within a customer."
    )
    spend_shape: float = Field(default=4.0, gt=1.5, description="q of Gamma-Gamma: large means like customers.")
    rate_spend_correlation: float = Field(
        default=0.0,
        gt=-1,
        lt=1,
        description="Correlation of rate and spend in a Gaussian copula; 0: as Gamma-Gamma assumes.",
    )
    lines_per_order: float = Field(
        default=3.1, ge=1, description="Mean lines of an order, before small orders are capped."
    )
    return_share: float = Field(default=0.05, ge=0, lt=0.5, description="Mean share of the units that come back.")
    coupon_share: float = Field(default=0.12, ge=0, lt=0.4, description="Mean share of orders with a coupon.")
    coupon_discount: float = Field(default=0.1, ge=0, lt=0.5, description="Discount a coupon gives.")
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$", description="ISO 4217 code of the shop's currency.")


class Marketing(_Frozen):
    """Promotions for everybody and campaigns to some, with known effects."""

    promotions_per_year: int = Field(default=6, ge=0, le=24, description="Shop-wide promotions a year, evenly spread.")
    promotion_days: int = Field(default=5, ge=1, le=14, description="Length of a promotion.")
    promotion_depths: tuple[float, ...] = Field(
        default=(0.1, 0.2, 0.3), min_length=1, description="Discounts, in turn."
    )
    promotion_uplift: float = Field(
        default=0.8, ge=0, description="Mean extra orders during a promotion, as a share of a customer's usual rate."
    )
    campaigns_per_year: int = Field(default=12, ge=0, le=52, description="E-mail campaigns a year, evenly spread.")
    campaign_reach: float = Field(
        default=0.3, ge=0, le=1, description="Share of the consenting customers a campaign looks at."
    )
    touch_uplift: float = Field(
        default=0.04,
        ge=0,
        lt=0.5,
        description="Mean probability that a touch makes a staying customer place an extra order.",
    )
    touch_window_days: int = Field(default=14, ge=1, le=30, description="The extra order falls within so many days.")


class Browsing(_Frozen):
    """What visitors do on the site."""

    tracked_share: float = Field(default=0.4, ge=0, le=1, description="Share of the orders whose visit was tracked.")
    visits_per_order: float = Field(default=1.0, ge=0, description="Visits without an order, per order expected.")
    events_per_visit: float = Field(default=4.0, ge=1, description="Mean events of a visit without an order.")
    anonymous_share: float = Field(
        default=0.15, ge=0, le=1, description="Share of those visits made without signing in."
    )


class Ties(_Frozen):
    """Who knows whom."""

    referral_share: float = Field(
        default=0.08, ge=0, le=0.5, description="Share of the customers whom another one referred."
    )
    likeness: float = Field(default=0.5, ge=0, lt=1, description="Correlation of the latent rates of the two.")
    household_share: float = Field(default=0.05, ge=0, le=0.5, description="Share of the customers who live in pairs.")


class SimulationSpec(_Frozen):
    """A shop to simulate.

    >>> SimulationSpec(customers=500, dirt=NO_DIRT, tables=ORDERS_ONLY).purchases.dropout.kind
    'exponential'
    """

    customers: int = Field(default=10_000, ge=1, le=10_000_000, description="Customers acquired before `as_of`.")
    as_of: date = Field(date(2026, 1, 1), description="The exports hold what was known before this local day.")
    history_days: int = Field(default=730, ge=1, le=3650, description="Days of trade before `as_of`.")
    horizon_days: int = Field(default=365, ge=1, le=1095, description="The truth looks so many days beyond `as_of`.")
    zone: str = Field(default="UTC", description="IANA time zone in which the shop counts its days.")
    purchases: Purchases = Purchases()
    baskets: Baskets = Baskets()
    marketing: Marketing = Marketing()
    browsing: Browsing = Browsing()
    ties: Ties = Ties()
    dirt: dict[DirtKind, float] = Field(
        default=SOME_DIRT,
        description="Kind: dirty rows (or orders) added per clean one; 'late' moves rows. NO_DIRT: none.",
    )
    tables: tuple[TableName, ...] = Field(
        default=ALL_TABLES, min_length=1, description="Exports to write; ORDERS_ONLY: one."
    )

    @property
    def dirt_shares(self) -> dict[str, float]:
        """The dirt by kind, as plain texts."""
        return {str(kind): share for kind, share in self.dirt.items()}

    @field_validator("zone")
    @classmethod
    def _known(cls, name: str) -> str:
        return zone(name).key

    @field_validator("dirt")
    @classmethod
    def _shares(cls, dirt: dict[DirtKind, float]) -> dict[DirtKind, float]:
        wrong = {kind: share for kind, share in dirt.items() if not 0 <= share <= 0.5}
        if wrong:
            raise ValueError(f"dirt has shares outside 0 to 0.5: {wrong}; give each kind its rows per clean row")
        return dirt
