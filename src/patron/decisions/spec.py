"""All knobs of the decisions room, each default explained."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class DecisionSpec(BaseModel):
    """Which playbook, how much money, and who is held out.

    >>> DecisionSpec().holdout_share
    0.1
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    playbook: Path | None = Field(
        default=None,
        examples=["playbook.toml"],
        description="Your own playbook (TOML), relative to the Plan; none: the one that comes with Patron.",
    )
    budget: float | None = Field(
        default=None,
        examples=[1000.0],
        ge=0.0,
        description="Most money to spend on contacts and offers, in the shop's currency; none: whatever pays is done.",
    )
    margin_rate: float = Field(
        default=0.3,
        gt=0.0,
        le=1.0,
        description="Share of net revenue that is margin, where the data hold no costs; 0.3 is common in retail. "
        "Set yours.",
    )
    least_return: float = Field(
        default=1.0,
        ge=0.0,
        description="Least expected margin, net of cost, per unit of cost; an action below it is not done. At 1, where "
        "the lower end of an uplift is no effect, no more can be lost than is expected to be gained.",
    )
    least_margin: float = Field(
        default=0.05,
        ge=0.0,
        description="Least expected margin, net of cost, per customer, in the playbook's money (`cost_factor` converts "
        "it); what brings less is not worth the attention.",
    )
    cost_factor: float = Field(
        default=1.0,
        gt=0.0,
        description="Multiplies the playbook's amounts of money, which suit euros, dollars or pounds: 7 for "
        "yuan, 150 for yen.",
    )
    holdout_share: float = Field(
        default=0.10,
        ge=0.0,
        lt=1.0,
        description="Share of customers who get no action, so that its effect can be measured; 10 % costs little and "
        "shows effects of a few points in shops of some thousand customers.",
    )
    holdout_salt: str = Field(
        default="patron-holdout-1",
        min_length=1,
        description="Fixes who is held out, for as long as it stays; change it only to draw a new holdout.",
    )
    horizon_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Horizon of the forecasts that actions are judged by, unless the table itself says; a quarter, "
        "because actions are measured in weeks.",
    )
