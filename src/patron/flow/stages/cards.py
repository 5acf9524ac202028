"""The cards that name things for people: schemes, actions, features."""

from __future__ import annotations

from patron.contracts.cards import ActionCard, FeatureCard, SchemeCard
from patron.contracts.catalogue import declared, is_published
from patron.flow.desk import Desk, Made
from patron.flow.plan import Plan
from patron.flow.stages import segments
from patron.flow.stages.decisions import playbook
from patron.ground.errors import PlanError


def schemes(plan: Plan, made: Made) -> tuple[SchemeCard, ...]:
    """Return the schemes, the Plan's own choice first."""
    first = first_scheme(plan, made)
    return tuple(sorted(segments.cards(made), key=lambda card: card.key != first))


def first_scheme(plan: Plan, made: Made) -> str:
    """Return the key of the scheme that the Plan wants to speak of first, such as 'classic11-1'."""
    keys = [card.key for card in segments.cards(made)]
    found = [key for key in keys if plan.scheme in (key, key.rsplit("-", 1)[0])]
    if not found:
        raise PlanError.unknown_choice("patron.toml, scheme", plan.scheme, (key.rsplit("-", 1)[0] for key in keys))
    return found[0]


def actions(desk: Desk) -> tuple[ActionCard, ...]:
    """Return the playbook as people see it."""
    return playbook(desk).cards


def features() -> tuple[FeatureCard, ...]:
    """Return every published feature in words."""
    return tuple(FeatureCard(f.name, f.meaning, "", _unit(f.unit)) for f in declared() if is_published(f))


def _unit(unit: str) -> str:
    if unit in {"days", "money", "share"}:
        return unit
    return "count" if unit in {"orders", "units", "lines", "events", "visits", "returns", "contacts"} else ""
