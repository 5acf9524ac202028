"""The knobs of the features room."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class FeatureSpec(BaseModel):
    """Which features are computed, and how they are prepared for learning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leave_out: tuple[str, ...] = Field((), description="Features, or whole families, that are not wanted.")
    fewest_present: float = Field(
        0.02, ge=0, le=1, description="Features that fewer than this share of customers have are not used to learn."
    )
    training_customers: int = Field(
        50_000, ge=100, description="Customers sampled per origin for learning; scoring covers everyone."
    )
    most_origins: int = Field(5, ge=1, le=24, description="Past dates from which forecasts are trained and judged.")
