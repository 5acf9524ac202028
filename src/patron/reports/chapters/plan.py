"""What to do: actions with the customers they reach, their cost, and the money they are expected to bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.reports import charts
from patron.reports.backtest import checked_horizons
from patron.reports.blocks import Chart, Figure, chart, number, table, words
from patron.reports.numbers import decimal, times
from patron.reports.playbook import ActionTotals
from patron.reports.reading import Reading


@dataclass(frozen=True, slots=True)
class Plan:
    """The chapter; `figure` is None when no action is worth doing, `notes` say what the numbers rest on."""

    sentence: str
    figure: Figure | None
    notes: tuple[str, ...]


def plan(reading: Reading, actions: tuple[ActionTotals, ...]) -> Plan:
    """Build the chapter."""
    voice = reading.voice
    floor = _floor(reading)
    if not actions:
        return Plan(voice.say("plan.none"), None, floor)
    held_out = any(one.held_out for one in actions)
    unchecked = any(np.isfinite(one.margin) for one in actions) and not checked_horizons(reading)
    notes = [
        *([voice.say("plan.unchecked")] if unchecked else []),
        voice.say("plan.assumed"),
        *([voice.say("plan.holdout")] if held_out else []),
    ]
    return Plan(_sentence(reading, actions), _figure(reading, actions), (*floor, *notes))


def _floor(reading: Reading) -> tuple[str, ...]:
    """Say how many customers are left alone because no action brings enough for its cost."""
    rows = reading.story.quality.to_pylist()
    left = sum(row["value"] or 0.0 for row in rows if (row["room"], row["measure"]) == ("decisions", "below_floor"))
    return (reading.voice.say("plan.floor", who=reading.voice.customers(left)),) if left else ()


def _sentence(reading: Reading, actions: tuple[ActionTotals, ...]) -> str:
    voice = reading.voice
    contacting = [one for one in actions if one.contacts]
    reached, out = sum(one.treated for one in contacting), sum(one.held_out for one in contacting)
    said = voice.say("plan.reach", who=voice.customers(reached), n=voice.counted("action", len(contacting)))
    cost, margin = (float(np.nansum([getattr(one, name) for one in actions])) for name in ("cost", "margin"))
    parts = [said]
    if any(np.isfinite(one.margin) for one in actions):
        amounts = {"margin": margin, "gross": margin + cost, "cost": cost}
        parts.append(voice.say("plan.money", **{name: voice.money(value) for name, value in amounts.items()}))
    last = max((one.measure_until for one in contacting if one.measure_until), default=None)
    if out and last:
        parts.append(voice.say("plan.check", out=voice.customers(out), day=voice.day(last)))
    spared = [one for one in actions if not one.contacts]
    if spared:
        titles, left = voice.listed([one.title for one in spared]), sum(one.treated + one.held_out for one in spared)
        parts.append(voice.say("plan.spared", who=voice.customers(left), titles=titles))
    return voice.say("space").join(parts)


def _figure(reading: Reading, actions: tuple[ActionTotals, ...]) -> Figure:
    voice = reading.voice
    keys = ("action", "channel", "contacted", "held_out", "cost", "margin", "return", "owner", "measure_until")
    rows = [
        [
            words(voice.say("colon").join(part for part in (one.title, one.offer) if part)),
            words(one.channel),
            number(voice.count(one.treated) if one.contacts else decimal(None)),
            number(voice.count(one.held_out) if one.contacts else decimal(None)),
            number(voice.money(one.cost)),
            number(voice.money(one.margin)),
            number(times(one.margin / one.cost) if one.cost > 0 else decimal(None)),
            words(voice.name("owner", one.owner)),
            words(voice.day(one.measure_until)),
        ]
        for one in actions
    ]
    title = voice.say("plan.title")
    sentence = _best(reading, actions)
    head = [voice.say(f"column.{key}") for key in keys]
    return Figure(title, sentence, _chart(reading, actions, sentence), table("plan", title, head, rows), wide=True)


def _best(reading: Reading, actions: tuple[ActionTotals, ...]) -> str:
    voice, paying = reading.voice, [one for one in actions if one.cost > 0 and np.isfinite(one.margin)]
    if not paying:
        return voice.say("plan.no_money")
    most, keenest = paying[0], max(paying, key=lambda one: one.margin / one.cost)
    return voice.say(
        "plan.best_same" if most is keenest else "plan.best",
        most=most.title,
        amount=voice.money(most.margin),
        keen=keenest.title,
        times=times(keenest.margin / keenest.cost),
    )


def _chart(reading: Reading, actions: tuple[ActionTotals, ...], label: str) -> Chart | None:
    voice = reading.voice
    shown = [one for one in actions if np.isfinite(one.margin) and np.isfinite(one.cost)]
    if not shown:
        return None
    drawn = []
    for key, colour in (("margin", "@c2"), ("cost", "@c4")):
        name = voice.say(f"column.{key}")
        values = [float(getattr(one, key)) for one in shown]
        drawn.append(charts.Series(name, values, [f"{name}: {voice.money(value)}" for value in values], colour))
    return chart("plan", charts.ranking([one.title for one in shown], drawn, "@money"), 70 + 56 * len(shown), label)
