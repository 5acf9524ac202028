"""How the numbers were made, what they mean, and what they cannot tell."""

from __future__ import annotations

from dataclasses import dataclass

from patron.measures import lateness
from patron.reports.numbers import decimal, percent
from patron.reports.playbook import ActionTotals
from patron.reports.reading import Reading, card_meaning, card_name

SHORT_DAYS = 365


@dataclass(frozen=True, slots=True)
class Term:
    """One word and what it means here."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Methods:
    """The last chapter: definitions, limits, and what identifies the run."""

    terms: tuple[Term, ...]
    limits: tuple[str, ...]
    run: tuple[Term, ...]


def methods(reading: Reading, actions: tuple[ActionTotals, ...]) -> Methods:
    """Build the chapter."""
    return Methods(_terms(reading), _limits(reading, actions), _run(reading))


def _terms(reading: Reading) -> tuple[Term, ...]:
    voice, customers = reading.voice, reading.customers
    keys = ["as_of", "revenue" if reading.has_money else "orders", "scores", "tier", "slipping", "cohort"]
    keys += ["forecast", "interval", "naive", "churn", "next_order", "lift"] if customers.horizon_days else []
    facts = _late_facts()
    said = [*keys, "holdout", "gini"]
    terms = [Term(voice.say(f"term.{key}"), voice.say(f"term.{key}_meaning", **facts)) for key in said]
    named = [scheme for scheme in (reading.scheme, *reading.others) if scheme.key]
    terms += [Term(card_name(scheme, voice), card_meaning(scheme, voice) or scheme.key) for scheme in named]
    return tuple(terms)


def _late_facts() -> dict[str, str]:
    shares = {"low": lateness.LOST, "high": lateness.AS_EXPECTED}
    shares |= {"returned": lateness.RETURNED, "all_returned": lateness.ALL_RETURNED}
    ratios = {"ratio": decimal(lateness.LATE_RATIO, 1), "lost": decimal(lateness.LOST_RATIO)}
    return ratios | {name: percent(share) for name, share in shares.items()}


def _limits(reading: Reading, actions: tuple[ActionTotals, ...]) -> tuple[str, ...]:
    voice, story = reading.voice, reading.story
    days = (story.as_of - story.first_day).days
    limits = [voice.say("limit.past")]
    if days < SHORT_DAYS:
        limits.append(voice.say("limit.short", days=voice.days(days)))
    elif days < 2 * SHORT_DAYS:
        limits.append(voice.say("limit.one_year", days=voice.days(days)))
    if (story.as_of - story.last_day).days > 7:
        limits.append(voice.say("limit.stale", day=voice.day(story.last_day)))
    limits.append(voice.say("limit.first_orders", day=voice.day(story.first_day)))
    if not reading.has_money:
        limits.append(voice.say("limit.no_money"))
    if actions:
        limits.append(voice.say("limit.assumed"))
    limits.append(voice.say("limit.cause"))
    return tuple(limits)


def _run(reading: Reading) -> tuple[Term, ...]:
    voice, story = reading.voice, reading.story
    facts = [
        ("run", story.run_id),
        ("as_of", voice.day(story.as_of)),
        ("period", voice.say("run.span", first=voice.day(story.first_day), last=voice.day(story.last_day))),
        ("currency", voice.currency or voice.say("run.no_currency")),
        ("scheme", card_name(reading.scheme, voice) or "–"),
        ("model", voice.name("model", reading.customers.model) or "–"),
    ]
    return tuple(Term(voice.say(f"run.{key}"), text) for key, text in facts)
