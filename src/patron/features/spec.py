"""The knobs of the features room."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from patron.contracts.catalogue import families, is_a_feature, published_names
from patron.ground import faults


def _family_or_feature(name: str) -> str:
    if is_a_feature(name):
        return name
    groups = families()
    return faults.named(
        name,
        (*groups, *published_names()),
        f"a feature that `patron features` lists, or one of the families {', '.join(groups)}",
    )


class FeatureSpec(BaseModel):
    """Which features are computed, and how they are prepared for learning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leave_out: tuple[Annotated[str, AfterValidator(_family_or_feature)], ...] = Field(
        (), description="Features, or whole families, that are not wanted; `patron features` lists them."
    )
    fewest_present: float = Field(
        0.02, ge=0, le=1, description="Features that fewer than this share of customers have are not used to learn."
    )
    training_customers: int = Field(
        50_000, ge=100, description="Customers sampled per origin for learning; scoring covers everyone."
    )
    most_origins: int = Field(5, ge=1, le=24, description="Past dates from which forecasts are trained and judged.")
