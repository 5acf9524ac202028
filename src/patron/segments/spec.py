"""All knobs of the segments room, each default explained."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from patron.contracts.catalogue import is_a_feature, published_names
from patron.ground import faults

LEARNING_FEATURES = (
    "days_since_last_order",
    "orders_count_lifetime",
    "net_revenue_sum_lifetime",
    "order_value_mean_lifetime",
    "days_since_first_order",
    "orders_count_90d",
    "product_distinct_lifetime",
)


def _feature(name: str) -> str:
    return (
        name if is_a_feature(name) else faults.named(name, published_names(), "a feature that `patron features` lists")
    )


class SegmentSpec(BaseModel):
    """How customers are segmented: by published rules, and by a cut learned from their features.

    >>> SegmentSpec().k_max
    10
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[Annotated[str, AfterValidator(_feature)], ...] = Field(
        LEARNING_FEATURES,
        min_length=1,
        description="What the learned cut looks at: when, how often, how much, how long, how varied. Few features that "
        "people understand give segments that people understand; those the shop lacks are skipped.",
    )
    method: Literal["k_means"] = Field("k_means", description="How the learned cut is made.")
    k_min: int = Field(
        2,
        ge=1,
        le=50,
        description="Fewest learned segments; with 1, a shop whose customers form no groups gets no learned cut.",
    )
    k_max: int = Field(10, ge=2, le=50, description="Most learned segments; more than a team can treat differently.")
    smallest_share: float = Field(
        0.02,
        ge=0,
        lt=0.5,
        description="A cut with a smaller segment is refused: it is a handful of outliers, whatever its silhouette.",
    )
    learning_customers: int = Field(
        20_000,
        ge=100,
        description="Customers drawn to learn and judge the cut, all of them measured; everyone is then assigned.",
    )
    one_order_cap: bool = Field(
        False,
        description="classic11: exactly one order counts as the lowest orders-and-money score, however large it was.",
    )
    cn8_threshold: Literal["median", "mean"] | tuple[float, Annotated[float, Field(ge=0)], float] = Field(
        "median",
        description="cn8: what is high. The shop's median (half the customers, whatever the tails), its mean, or "
        "your own [days since last order, orders, net revenue], such as [10, 3, 200].",
    )
    tier_by: Literal["predicted_clv", "net_revenue_sum_lifetime"] = Field(
        "predicted_clv",
        description="Value tiers by what customers will bring; by what they brought where there is no forecast.",
    )
    lifecycle_days: tuple[float, float, float] | None = Field(
        None,
        examples=[(60.0, 120.0, 240.0)],
        description="Days of silence after which a customer is at risk, dormant, churned; unset: the 80th and 95th "
        "percentile of the shop's own gaps between orders, and twice the latter.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.k_min > self.k_max:
            raise ValueError(f"k_min = {self.k_min} is larger than k_max = {self.k_max}")
        days = self.lifecycle_days
        if days is not None and not 0 < days[0] < days[1] < days[2]:
            raise ValueError(f"lifecycle_days must ascend from above 0, got {days}")
        return self
