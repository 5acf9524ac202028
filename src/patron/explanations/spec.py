"""All knobs of the explanations room, each default explained."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ExplanationSpec(BaseModel):
    """Who is explained, against whom, and how thoroughly the reasons are checked.

    >>> ExplanationSpec().most_customers
    100000
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_customers: int = Field(
        default=100_000,
        ge=0,
        description="Most customers explained per horizon, those with the most predicted value and the most value at "
        "risk first; 0: nobody. Any other can be asked for with `patron explain`.",
    )
    sample_customers: int = Field(
        default=2_000,
        ge=50,
        le=100_000,
        description="Customers drawn from everyone for the importances; two thousand give ranks that hold.",
    )
    background_customers: int = Field(
        default=20,
        ge=2,
        le=1_000,
        description="Customers drawn to stand for 'not known', where a model cannot split its own forecast.",
    )
    permutations: int = Field(
        default=16,
        ge=4,
        le=1_000,
        description="Orders in which features are made known to models that allow sampling alone; more take longer and "
        "halve the error for four times as many.",
    )
    most_predictions: int = Field(
        default=5_000_000,
        ge=100_000,
        description="Most forecasts made to explain by sampling; customers beyond it are left out, as `quality` says.",
    )
    checked_customers: int = Field(
        default=100,
        ge=20,
        le=10_000,
        description="Customers whose reasons are checked by a second method and by taking the reasons away.",
    )
    perturbations: int = Field(
        default=600,
        ge=100,
        le=100_000,
        description="Variations of a customer from which the second method learns.",
    )
    bootstrap_draws: int = Field(
        default=200, ge=20, le=10_000, description="Draws of customers behind each 95 % interval."
    )
