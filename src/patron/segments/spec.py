"""All knobs of the segments room, each default explained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from patron.contracts.catalogue import is_a_feature, published_names
from patron.ground import faults
from patron.segments.schemes import SCHEMES

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


def _scheme(name: str) -> str:
    return faults.named(name, SCHEMES, f"one of {', '.join(SCHEMES)}")


Method = Literal[
    "auto",
    "k_means",
    "mini_batch_k_means",
    "bisecting_k_means",
    "agglomerative",
    "gaussian_mixture",
    "hdbscan",
    "spectral",
    "value_tree",
]


class RuleSpec(BaseModel):
    """Which rule schemes are read, and how.

    >>> RuleSpec().m_source
    'history'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schemes: tuple[Annotated[str, AfterValidator(_scheme)], ...] = Field(
        ("classic11", "cn8", "community10", "putler11", "lifecycle", "value_tiers"),
        description="The schemes of every run; the Plan's own `scheme` is always read too. On request: shopify11, "
        "klaviyo6, pymc5, value_percentiles. Each is a row per customer and a table in the report.",
    )
    own_schemes: tuple[Path, ...] = Field(
        (),
        description='Schemes of your own, TOML files relative to the Plan, such as ["my_grid.toml"]; '
        "docs/dictionary/schemes.md says what stands in one. The Plan's `scheme` may name them.",
    )
    m_source: Literal["history", "predicted_clv"] = Field(
        "history",
        description="What M is high or low in: what customers brought, or what the forecast expects of them; "
        "history where there is no forecast.",
    )
    one_order_cap: StrictBool = Field(
        False,
        description="Exactly one order counts as the lowest orders-and-money score, however large it was, in the "
        "schemes that allow it: classic11, shopify11.",
    )
    personal_cadence: StrictBool = Field(
        False,
        description="Customers of three or more orders go by their own rhythm: silent for twice their usual gap, they "
        "move to at risk; within it, they count as at least halfway recent. In classic11, community10, putler11, "
        "shopify11, klaviyo6; every move has its sentence.",
    )
    cn8_threshold: Literal["median", "mean"] | tuple[float, Annotated[float, Field(ge=0)], float] = Field(
        "median",
        description="cn8: what is high. The shop's median (half the customers, whatever the tails), its mean, or "
        "your own [days since last order, orders, net revenue], such as [10, 3, 200].",
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
    method: Method = Field(
        "value_tree",
        description="How the learned cut is made. value_tree: rules that separate what customers brought after a past "
        "day, as many as hold still; until there is such a day with a whole window after it, k_means. auto compares "
        "value_tree, k_means, bisecting_k_means, agglomerative, gaussian_mixture and hdbscan on held-out money, and "
        "leaves the first only for what beats it beyond luck. mini_batch_k_means is for millions of "
        "learning_customers.",
    )
    unproven: Literal["withhold", "publish"] = Field(
        "withhold",
        description="What becomes of a learned cut that does not rank customers by held-out money better than RFM "
        "quintiles: everyone stays in one segment and the rule schemes are used, or it is published all the same.",
    )
    k_min: int = Field(
        2,
        ge=1,
        le=50,
        description="Fewest learned segments. With 2 and more, customers that form no groups are cut all the same, for "
        "convenience; with 1, they stay one segment. value_tree and hdbscan find their own number: 1 and 2 are the "
        "same to them, and fewer than this is no cut. Where no cut may be used, everyone is one segment.",
    )
    k_max: int = Field(
        10,
        ge=2,
        le=50,
        description="Most learned segments; 10 are as many as a team can treat differently. value_tree stops there; "
        "where hdbscan finds more, there is no cut.",
    )
    smallest_share: float = Field(
        0.02,
        ge=0,
        lt=0.5,
        description="Least share of the customers learned from in a segment: a cut with a smaller one is refused, "
        "whatever its silhouette, as a handful of outliers. value_tree makes no smaller segment, hdbscan no smaller "
        "dense one.",
    )
    learning_customers: int = Field(
        20_000,
        ge=100,
        description="Customers drawn to learn and judge the cut, all of them measured; everyone is then assigned.",
    )
    rules: RuleSpec = Field(default_factory=RuleSpec, description="Which rule schemes are read, and how.")
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
