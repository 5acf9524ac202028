"""What was measured when the rules were learned: the thresholds in use, and what could not be read."""

from __future__ import annotations

from patron.segments.judgement import Judgement
from patron.segments.methods.lifecycle import LifecycleDays
from patron.segments.rules import Rules


def judge_rules(
    rules: Rules, lifecycle: LifecycleDays, *, thresholds_known: bool, m_source: str
) -> tuple[Judgement, ...]:
    """Say which thresholds are in use, where M comes from, and which schemes were left out.

    Args:
        rules: learned.
        lifecycle: the days in use.
        thresholds_known: whether those days come from the shop or the Plan, and are no guess.
        m_source: what the Plan asked M to be.
    """
    source = (
        "info: from the shop's own gaps or the Plan" if thresholds_known else "fair: nobody has ordered twice; a guess"
    )
    days = {
        "at_risk_after_days": lifecycle.at_risk_after_days,
        "dormant_after_days": lifecycle.dormant_after_days,
        "churned_after_days": lifecycle.churned_after_days,
    }
    rows = [Judgement(measure, "lifecycle", value, source) for measure, value in days.items()]
    return (*rows, *_left_out(rules), *_money(rules, m_source), *_high_low(rules))


def _left_out(rules: Rules) -> list[Judgement]:
    return [
        Judgement("published", key, 0.0, "refused: it needs money, and the shop's data hold none")
        for key in rules.left_out
    ]


def _money(rules: Rules, m_source: str) -> list[Judgement]:
    if m_source == "history":
        return []
    is_there = rules.money == "predicted"
    word = "info: M is read off the forecast" if is_there else "fair: no forecast in money; M is read off history"
    return [Judgement("m_from_forecast", "all", float(is_there), word)]


def _high_low(rules: Rules) -> list[Judgement]:
    limits = rules.high_low
    if limits is None:
        return []
    found = {
        "recency_high_up_to_days": limits.days,
        "frequency_high_from_orders": limits.orders,
        "money_high_from": limits.money,
    }
    keys = [scheme.card.key for scheme in rules.schemes if scheme.reads == "high_low"]
    return [Judgement(name, key, value, f"info: {limits.how}") for key in keys for name, value in found.items()]
