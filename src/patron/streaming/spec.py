"""The knobs of the live fold."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class StreamSpec(BaseModel):
    """How messages are taken in, and how often what follows from them is read again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_rows: int = Field(50_000, ge=1, description="Messages folded in one transaction, at most.")
    reread_seconds: float = Field(1.0, gt=0, description="Features of touched customers are read this often at least.")
    score_seconds: float = Field(5.0, gt=0, description="Segments and forecasts follow this often.")
    most_active_customers: int = Field(
        500_000, ge=1, description="Customers whose tiles are held in memory; more are settled on disk and let go."
    )
    skew_seconds: int = Field(
        300, ge=0, description="How far ahead of our clock a message may be; beyond, it is kept aside as the future."
    )
