"""The headline: the whole story in a few sentences, the key figures, and what to do first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from patron.reports.backtest import Check, checked_horizons, checks, level
from patron.reports.blocks import Tile
from patron.reports.customers import Customers
from patron.reports.earlier import come_due, opening
from patron.reports.heavy import heavy
from patron.reports.numbers import is_known, percent
from patron.reports.playbook import ActionTotals
from patron.reports.reading import Reading
from patron.reports.season import checked_months, unlike

MOST = 0.8
ACTIVE_DAYS = 365
FIRST_STEPS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do first."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The opening page.

    `sentences` tell the story, `caveats` what the data cannot support, `tiles` are key figures, `steps` come from the
    action plan (maybe none: `no_steps` then says why, where there is more to say than that nothing is worth doing),
    `gaps` say what this report cannot tell and why.
    """

    sentences: tuple[str, ...]
    caveats: tuple[str, ...]
    tiles: tuple[Tile, ...]
    steps: tuple[Step, ...]
    no_steps: str
    gaps: tuple[str, ...]


def headline(reading: Reading, actions: tuple[ActionTotals, ...]) -> Headline:
    """Build the opening page."""
    voice = reading.voice
    worth = [one for one in actions if one.contacts and one.treated and not one.margin <= 0]  # NaN: no money is known
    first = [one for one in worth if checked_horizons(reading) or not reading.customers.has_money][:FIRST_STEPS]
    return Headline(
        sentences=_sentences(reading),
        caveats=tuple(voice.pick(one.text_en, one.text_zh) for one in reading.story.caveats),
        tiles=_tiles(reading),
        steps=tuple(_step(reading, one) for one in first),
        no_steps=voice.say("headline.no_steps") if worth and not first else "",
        gaps=_gaps(reading),
    )


def customers_for(customers: Customers, share: float) -> int:
    """Return how many of the best customers hold that share of the total worth; 0 when the total is not above 0."""
    held = np.cumsum(np.sort(customers.worth)[::-1])
    total = float(held[-1])
    return int(np.searchsorted(held, share * total) + 1) if total > 0 else 0


def _sentences(reading: Reading) -> tuple[str, ...]:
    _, champion, _ = checks(reading)
    nothing = _nothing(reading)
    told = (nothing,) if nothing else (_pareto(reading), _ahead(reading, champion), _risk(reading))
    found = (*told[:1], heavy(reading), *told[1:])
    return tuple(text for text in found if text)


def _nothing(reading: Reading) -> str:
    """Say why there is nothing to say of customers: there is only one, or all orders are of one day."""
    customers, voice, story = reading.customers, reading.voice, reading.story
    orders = voice.counted("order", float(customers.orders.sum()))
    if customers.n == 1:
        return voice.say("headline.one_customer", orders=orders)
    if story.first_day == story.last_day:
        day, who = voice.day(story.first_day), voice.customers(customers.n)
        return voice.say("headline.one_day", day=day, who=who, orders=orders)
    return ""


def _pareto(reading: Reading) -> str:
    customers, voice = reading.customers, reading.voice
    few = customers_for(customers, MOST)
    what = voice.say("worth.money" if reading.has_money else "worth.orders")
    if not few:
        return voice.say("headline.no_worth", n=voice.customers(customers.n), what=what)
    form = "one" if few == 1 else "other"
    return voice.say(f"headline.pareto_{form}", few=voice.count(few), n=voice.customers(customers.n), what=what)


def _ahead(reading: Reading, champion: Check | None) -> str:
    customers, voice = reading.customers, reading.voice
    if not customers.has_forecast:
        return ""
    total = float(np.nansum(customers.expected))
    said = voice.say("headline.ahead", days=voice.days(customers.horizon_days), amount=voice.money_about(total))
    if np.isfinite(customers.margin).any():
        margin = voice.money_about(float(np.nansum(customers.margin)))
        said += voice.say("space") + voice.say("headline.ahead_margin", amount=margin)
    if customers.horizon_days not in checked_horizons(reading):
        return said + voice.say("space") + voice.say("headline.unchecked")
    season = unlike(reading, champion)
    if season is None:
        return said
    amount = _about(reading, season.shop)
    told = {"checked": season.checked, "ahead": season.ahead, "amount": amount}
    keys = ["gap.season_drawn"] if season.is_drawn else ["gap.season", *(["gap.season_shop"] if amount else [])]
    return "".join([said, *(voice.say("space") + voice.say(key, **told) for key in keys)])


def _about(reading: Reading, worth: float | None) -> str:
    if worth is None:
        return ""
    return reading.voice.money_about(worth) if reading.has_money else reading.worth(worth)


def _risk(reading: Reading) -> str:
    customers, voice = reading.customers, reading.voice
    late = customers.slipping
    if not late.any():
        return voice.say("headline.no_risk") if (customers.orders >= 2).any() else ""
    who = voice.customers(int(late.sum()))
    if customers.has_forecast:
        amount = float(np.nansum(customers.expected[late]))
        return voice.say("headline.risk_ahead", amount=voice.money_about(amount), who=who)
    share = percent(float(customers.worth[late].sum()) / max(float(customers.worth.sum()), 1e-9))
    what = voice.say("worth.money" if reading.has_money else "worth.orders")
    return voice.say("headline.risk_past", who=who, share=share, what=what)


def _tiles(reading: Reading) -> tuple[Tile, ...]:
    customers, voice = reading.customers, reading.voice
    active = float(np.mean(customers.days_since_last <= ACTIVE_DAYS))
    again = float(np.mean(customers.orders >= 2))
    tiles = [
        Tile(voice.say("tile.customers"), voice.count(customers.n), voice.say("tile.active", share=percent(active))),
        Tile(voice.say("tile.again"), percent(again), voice.say("tile.again_hint")),
    ]
    if reading.has_money:
        total, orders = float(customers.worth.sum()), float(customers.orders.sum())
        hint = voice.say("tile.per_order", amount=voice.money(total / orders)) if orders else ""
        tiles.insert(1, Tile(voice.say("tile.revenue"), voice.money_short(total), hint))
    if customers.has_forecast:
        ahead = float(np.nansum(customers.expected))
        at_risk = float(np.nansum(customers.expected[customers.slipping]))
        days = voice.days(customers.horizon_days)
        tiles.append(Tile(voice.say("tile.ahead"), voice.money_short(ahead), voice.say("tile.ahead_hint", days=days)))
        share = percent(at_risk / ahead) if ahead > 0 else percent(None)
        tiles.append(Tile(voice.say("tile.risk"), voice.money_short(at_risk), voice.say("tile.risk_hint", share=share)))
    return tuple(tiles)


def _step(reading: Reading, action: ActionTotals) -> Step:
    voice = reading.voice
    who = voice.customers(action.treated)
    most = np.argsort(-action.segments, kind="stable")[:2]
    names = [reading.segment_name(int(i)) for i in most if action.segments[i]]
    parts = [
        voice.say("first_step.who", who=who, segments=voice.listed(names))
        if names
        else voice.say("first_step.all", who=who)
    ]
    if np.isfinite(action.margin):
        amounts = {"margin": action.margin, "gross": action.margin + action.cost, "cost": action.cost}
        parts.append(voice.say("first_step.money", **{name: voice.money(value) for name, value in amounts.items()}))
    if action.held_out and action.measure_until:
        out = voice.customers(action.held_out)
        parts.append(voice.say("first_step.check", out=out, day=voice.day(action.measure_until)))
    return Step(action.title, voice.say("space").join(parts))


def _gaps(reading: Reading) -> tuple[str, ...]:
    voice = reading.voice
    gaps = [] if reading.has_money or reading.story.caveats else [voice.say("gap.money")]
    if reading.has_money and not reading.customers.has_forecast:
        gaps.append(voice.say("gap.forecast"))
    target, champion, _ = checks(reading)
    if champion and is_known(champion.sum_ratio) and level(champion.sum_ratio) != "fine":
        months = checked_months(reading, champion)
        key = "gap.level" if target == "net_revenue" else "gap.level_orders"
        gaps.append(voice.say(key, ratio=percent(champion.sum_ratio), months=months))
    missed = next((one for one in come_due(reading) if one.tenths and not one.holds), None)
    if missed:
        gaps.append(voice.say("gap.realised", opening=opening(reading, missed)))
    return tuple(gaps)
