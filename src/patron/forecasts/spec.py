"""All knobs of the forecasts room, each default explained."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ModelName = Literal[
    "naive",
    "last_period",
    "bg_nbd",
    "mbg_nbd",
    "pareto_nbd",
    "decision_tree",
    "random_forest",
    "hurdle",
    "direct_boosting",
    "multilayer_perceptron",
    "zero_inflated_lognormal",
    "stack",
]


class ForecastSpec(BaseModel):
    """What to forecast, who competes, and how surely to say it.

    >>> ForecastSpec().horizons_days
    (90, 365)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizons_days: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = Field(
        default=(90, 365),
        min_length=1,
        description="Windows to forecast, in days; a quarter to act on and a year to budget with. "
        "A window that the history cannot check is refused by name.",
    )
    models: tuple[ModelName, ...] = Field(
        default=("naive", "last_period", "mbg_nbd", "hurdle", "stack"),
        min_length=1,
        description="Who competes. The naive formula always does: whoever cannot beat it is not used.",
    )
    interval_levels: tuple[Annotated[float, Field(gt=0.0, lt=1.0)], Annotated[float, Field(gt=0.0, lt=1.0)]] = Field(
        default=(0.8, 0.95),
        description="Share of customers whose outcome should fall inside their usual interval, narrow enough to use, "
        "and inside their wide one, what to be prepared for.",
    )
    interval_bands: int = Field(
        default=10,
        ge=1,
        le=100,
        description="Bands of predicted value that get intervals of their own; ten, or fewer when customers are few.",
    )
    least_customers: int = Field(
        default=50,
        ge=2,
        description="Fewest customers at an origin for a judged forecast; below it, one big buyer decides everything.",
    )
    least_buyers: int = Field(
        default=10,
        ge=1,
        description="Fewest customers who bought in a window, and fewest repeat buyers for a purchase model.",
    )
    most_customers: int = Field(
        default=50_000,
        ge=1000,
        description="Customers drawn per origin to learn and judge, spread over purchase counts; all are forecast.",
    )
    trees: int = Field(
        default=150,
        ge=10,
        le=5000,
        description="Trees in each boosted ensemble and forest; 150 small ones suit shops of a few thousand.",
    )
    bootstrap_draws: int = Field(
        default=100,
        ge=20,
        le=10_000,
        description="Draws behind each 95 % interval of a measure; a hundred give its ends to a tenth of its width.",
    )
    threads: int = Field(
        default=2, ge=1, le=256, description="Threads of the boosted model; the numbers do not depend on it."
    )
