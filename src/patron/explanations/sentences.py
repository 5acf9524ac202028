"""One sentence a customer, in English and in Chinese: their own numbers, then what raises and lowers their forecast."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.explanations.explainer import Attribution
from patron.explanations.reasons import MOST, Reasons
from patron.explanations.vocabulary import Lang, label, money, phrase, spoken

FloatArray = NDArray[np.float64]
ORDERS, MONEY = "orders_count_lifetime", "net_revenue_sum_lifetime"
LAST, GAP = "days_since_last_order", "order_gap_days_mean_lifetime"
GAPS = "btyd_frequency"
READ = (ORDERS, MONEY, LAST, GAP, GAPS)
_LATE = 1.5
LEAST_TOLD = 0.14  # of the logarithm, 15 %: beside the strongest reason a weaker one only distracts
_DIGITS = {"money": 2, "expected": 2, "day": 0}
_TEXTS: Mapping[Lang, Mapping[str, str]] = {
    "en": {
        "orders": "{orders}",
        "worth": "{orders} for {money}",
        "once": ", {last} ago. ",
        "last": ", the last {last} ago. ",
        "pair": ", the last {last} ago, {gap} after the first. ",
        "early": ", the last {last} ago; the usual gap is {gap}: not due yet. ",
        "due": ", the last {last} ago; the usual gap is {gap}: now due. ",
        "late": ", the last {last} ago: {times} times the usual gap of {gap}. ",
        "ahead": "Expected in {days} days: {value} (typical: {base}). ",
        "raises": "Raises: ",
        "lowers": "Lowers: ",
        "both": "; lowers: ",
        "comma": ", ",
        "end": ".",
        "nothing": "Nothing sets this customer apart.",
        "factor": " (×{factor})",
    },
    "zh": {
        "orders": "{orders}",
        "worth": "{orders}，共 {money}",
        "once": "，在 {last}前。",
        "last": "，最近一单在 {last}前。",
        "pair": "，最近一单在 {last}前，与首单相隔 {gap}。",
        "early": "，最近一单在 {last}前；通常间隔 {gap}，尚未到期。",
        "due": "，最近一单在 {last}前；通常间隔 {gap}，已到期。",
        "late": "，最近一单在 {last}前，是通常间隔 {gap}的 {times} 倍。",
        "ahead": "未来 {days} 天预计 {value}（典型客户 {base}）。",
        "raises": "推高：",
        "lowers": "拉低：",
        "both": "；拉低：",
        "comma": "、",
        "end": "。",
        "nothing": "该客户没有特别突出之处。",
        "factor": "（×{factor}）",
    },
}


def write_sentences(
    said: Attribution,
    found: Reasons,
    facts: Mapping[str, FloatArray],
    ahead: tuple[str, int, FloatArray],
    currency: str,
) -> dict[Lang, pa.Array]:
    """Return the sentences of all customers at once, by language.

    Args:
        said: the contributions.
        found: the reasons.
        facts: the customers' numbers that every sentence starts with, those of `READ` that the shop has.
        ahead: the target, the horizon in days, and the forecasts.
        currency: the code of the shop's currency; empty: none is known.
    """
    languages: tuple[Lang, ...] = ("en", "zh")
    return {
        lang: _joined(
            _start(facts, lang, currency),
            _ahead(said.base, ahead, lang, currency),
            _why(said, found, lang, currency),
        )
        for lang in languages
    }


def _start(facts: Mapping[str, FloatArray], lang: Lang, currency: str) -> pa.Array:
    texts, last = _TEXTS[lang], facts[LAST]
    absent = np.full(last.size, np.nan)
    gap, orders, worth = facts.get(GAP, absent), facts[ORDERS], facts.get(MONEY, absent)
    times = last / np.where(gap > 0, gap, np.nan)
    shown = {
        "orders": _spoken(orders, "order", lang, currency),
        "money": _spoken(worth, "money", lang, currency),
        "last": _spoken(last, "day", lang, currency),
        "gap": _spoken(gap, "day", lang, currency),
        "times": _spoken(times, "number", lang, currency),
    }
    opening = _filled(np.where(np.isfinite(worth), "worth", "orders"), texts, shown)
    early = np.where(times < 1, "early", np.where(times < _LATE, "due", "late"))
    early = np.where(facts.get(GAPS, absent) == 1, "pair", early)
    rest = np.where(np.isfinite(times), early, np.where(orders > 1, "last", "once"))
    return _joined(opening, _filled(rest, texts, shown))


def _ahead(base: float, ahead: tuple[str, int, FloatArray], lang: Lang, currency: str) -> pa.Array:
    target, days, values = ahead
    as_money = target == "net_revenue"
    typical = (
        money(float(np.exp(base)), currency)
        if as_money
        else spoken(round(float(np.exp(base)), 2), "expected", lang, "")
    )
    text = _TEXTS[lang]["ahead"].replace("{days}", str(days)).replace("{base}", typical)
    shown = {"value": _spoken(values, "money" if as_money else "expected", lang, currency)}
    return _filled(np.full(values.size, "ahead"), {"ahead": text}, shown)


def _why(said: Attribution, found: Reasons, lang: Lang, currency: str) -> pa.Array:
    texts, n = _TEXTS[lang], said.values.shape[0]
    clauses = [_clause(said, found, k, lang, currency) for k in range(MOST)]
    told = np.where(np.abs(found.log_factor) >= LEAST_TOLD, found.log_factor, 0.0)
    told[:, 0] = found.log_factor[:, 0]
    up = _listed([_only(clause, told[:, k] > 0) for k, clause in enumerate(clauses)], texts["comma"])
    down = _listed([_only(clause, told[:, k] < 0) for k, clause in enumerate(clauses)], texts["comma"])
    rises, falls = pc.not_equal(up, ""), pc.not_equal(down, "")
    before_down = pc.if_else(rises, texts["both"], texts["lowers"])
    raised = pc.if_else(rises, _joined(pa.repeat(texts["raises"], n), up), "")
    lowered = pc.if_else(falls, _joined(before_down, down), "")
    some = _joined(raised, lowered, pa.repeat(texts["end"], n))
    return pc.if_else(pc.or_(rises, falls), some, texts["nothing"])


def _clause(said: Attribution, found: Reasons, k: int, lang: Lang, currency: str) -> pa.Array:
    """Return reason k of every customer: the feature in words, else its group, and the factor."""
    feature, group = found.feature[:, k], found.group[:, k]
    parts, rows = [], []
    for one in np.unique(feature):
        here = np.flatnonzero(feature == one)
        rows.append(here)
        words = None if one < 0 else phrase(said.names[one], lang)
        told = pa.nulls(here.size, pa.string()) if words is None else words.of(said.numbers[here, one], lang, currency)
        parts.append(told)
    told = pa.concat_arrays(parts).take(pa.array(np.argsort(np.concatenate(rows), kind="stable")))
    labels = pa.array([label(name, lang) for name in found.groups], pa.string())
    general = labels.take(pa.array(group, mask=group < 0))
    return _joined(pc.coalesce(told, general), _factors(found.log_factor[:, k], lang))


def _factors(log_factor: FloatArray, lang: Lang) -> pa.Array:
    factor = np.exp(log_factor)
    rounded = np.where(factor < 0.095, np.round(factor, 2), np.round(factor, 1))
    rounded = np.where((factor > 0.9) & (factor < 1.1), np.round(factor, 2), rounded)
    distinct, back = np.unique(rounded, return_inverse=True)
    text = _TEXTS[lang]["factor"]
    said = [text.replace("{factor}", _times(value)) for value in distinct]
    return pa.array(said, pa.string()).take(pa.array(back))


def _times(factor: float) -> str:
    if factor < 0.01:
        return "<0.01"
    return f"{factor:.2f}" if round(factor, 1) != factor or factor < 0.1 else f"{factor:,.1f}"


def _spoken(values: FloatArray, unit: str, lang: Lang, currency: str) -> pa.Array:
    shown: FloatArray = np.round(values, _DIGITS.get(unit, 1))
    distinct, back = np.unique(shown, return_inverse=True, equal_nan=True)
    said = [None if np.isnan(value) else spoken(float(value), unit, lang, currency) for value in distinct]
    return pa.array(said, pa.string()).take(pa.array(back))


def _filled(key: NDArray[np.str_], texts: Mapping[str, str], shown: Mapping[str, pa.Array]) -> pa.Array:
    """Return each row's text with its own values in the places."""
    parts, rows = [], []
    for one in np.unique(key):
        here = np.flatnonzero(key == one)
        filled = pa.repeat(texts[str(one)], here.size)
        for name, values in shown.items():
            if "{" + name + "}" in texts[str(one)]:
                left, right = texts_around(filled, name)
                filled = _joined(left, values.take(pa.array(here)), right)
        parts.append(filled)
        rows.append(here)
    return pa.concat_arrays(parts).take(pa.array(np.argsort(np.concatenate(rows), kind="stable")))


def texts_around(filled: pa.Array, name: str) -> tuple[pa.Array, pa.Array]:
    """Return what stands before and after the place of a value."""
    halves = pc.split_pattern(filled, "{" + name + "}", max_splits=1)
    return pc.list_element(halves, 0), pc.list_element(halves, 1)


def _joined(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _only(clause: pa.Array, holds: NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(pa.array(holds), clause, pa.scalar(None, pa.string()))


def _listed(clauses: list[pa.Array], comma: str) -> pa.Array:
    listed = pa.repeat("", len(clauses[0]))
    for clause in clauses:
        separator = pc.if_else(pc.equal(listed, ""), "", comma)
        listed = pc.coalesce(_joined(listed, separator, clause), listed)
    return listed
