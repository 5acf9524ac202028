"""Who belongs to a learned segment, as a rule that people can read and a database can run.

A learned cut has no rule of its own: customers are nearest to a centre. So a shallow tree imitates it on features in
their own units (`methods.surrogate`), and says how often it is right. Rule schemes need no imitation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import sqlglot
from numpy.typing import NDArray
from sqlglot import expressions as sg

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.contracts.segment_tables import SEGMENT_RULES
from patron.ground.errors import InputError
from patron.segments.methods.surrogate import Condition, Rule, SurrogateRules
from patron.segments.words import feature_words, said_number

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DIALECTS = ("duckdb", "postgres", "bigquery", "snowflake", "spark")
UNPLACED = "unplaced"
FAITHFUL = 0.9  # below it, more than one customer in ten is put elsewhere: too many to write to by the rules alone
_UNPLACED_NAME = "Not placed: a feature is missing"
_MOST_TOLD = 2  # rules of one segment that its sentence tells; the SQL holds them all
_LEAST_ROWS = 50
_SAID: Mapping[str, Mapping[str, str]] = {
    "en": {
        "exact": "{label}: {low}",
        "none": "{label}: none",
        "both": "{label}: {low} to {high}",
        "within": "{label}: more than {low}, at most {high}",
        "low": "{label}: {low} or more",
        "above": "{label}: more than {low}",
        "high": "{label}: {high} at most",
    },
    "zh": {
        "exact": "{label}为 {low}",
        "none": "{label}为零",
        "both": "{label} {low} 至 {high}",
        "within": "{label}超过 {low}，不超过 {high}",
        "low": "{label}不少于 {low}",
        "above": "{label}超过 {low}",
        "high": "{label}不超过 {high}",
    },
}


def build_rules(
    features: pa.Table, names: Sequence[str], positions: IntArray, card: SchemeCard, *, seed: int
) -> pa.Table:
    """Imitate one learned scheme by rules, segment by segment.

    Args:
        features: the columns `names` in their own units and `as_of`, one row a customer. A column with empty cells is
            left out: a rule about the absent would not be read rightly.
        names: what the rules may read.
        positions: each customer's position in the card's segments, shape (n_customers,).
        card: the scheme.
        seed: of the half that measures the fidelity.

    Returns:
        The published table `segment_rules`; empty where there are fewer than 50 customers or two segments.
    """
    read = [name for name in names if name in features.column_names and features[name].null_count == 0]
    if not read or positions.size < _LEAST_ROWS or np.unique(positions).size < 2:
        return SEGMENT_RULES.empty()
    matrix = np.column_stack([features[name].cast(pa.float64()).to_numpy() for name in read])
    model = SurrogateRules(random_state=seed).fit(matrix, positions)
    told = [_row(card, int(position), code, model, read) for code, position in enumerate(model.classes_)]
    rows = [{**row, "as_of": features["as_of"][0].as_py()} for row in told]
    return SEGMENT_RULES.check(pa.Table.from_pylist(rows, schema=SEGMENT_RULES.schema))


def with_rules(card: SchemeCard, rules: pa.Table) -> SchemeCard:
    """Return a learned scheme's card with its segments' rules, and how often they are right."""
    mine = {row["segment_key"]: row for row in rules.to_pylist() if row["scheme"] == card.key}
    if not mine:
        return card
    told = tuple(
        replace(segment, rule_en=mine[segment.key]["rule_en"], rule_zh=mine[segment.key]["rule_zh"])
        if segment.key in mine
        else segment
        for segment in card.segments
    )
    share = f"{next(iter(mine.values()))['fidelity']:.0%}"
    en = f"The rules imitate the cut: they put {share} of customers where it does, of those they were not learned from."
    zh = f"规则是对分群的近似：在未参与学习的客户中，{share} 的客户按规则与按分群归入同一群。"
    return replace(card, segments=told, definition_en=en, definition_zh=zh)


def membership_sql(rules: pa.Table, scheme: str, dialect: str, table: str = "features") -> str:
    """Return a query that gives every customer of a feature table a segment of one scheme, its key and its name.

    The rules were learned from customers who have every feature that they read. A customer who lacks one is placed
    where the rest of a rule suffices; whom no rule holds gets the key `UNPLACED` and a name that says why.

    Args:
        rules: the published table `segment_rules`.
        scheme: whose rules.
        dialect: one of `DIALECTS`.
        table: the name of the table that holds `customer_id` and the features.

    Raises:
        InputError: no rules of such a scheme, or no such dialect.
    """
    mine = [row for row in rules.to_pylist() if row["scheme"] == scheme and row["sql"]]
    if not mine:
        known = sorted(set(rules["scheme"].to_pylist()))
        there = f"there are those of {known}" if known else "this run publishes no learned segments"
        raise InputError(
            f"segment_rules: no rules of the scheme {scheme!r}; {there}.\n"
            "Next: the report says why under the learned segments; segments.unproven = 'publish' publishes a cut that "
            "RFM outdoes."
        )
    if dialect not in DIALECTS:
        raise InputError(f"dialect {dialect!r} is not known.\nNext: choose one of {', '.join(DIALECTS)}.")
    held, key = sg.Case(), sg.column("segment_key")
    named = sg.Case()
    for row in mine:
        held = held.when(sqlglot.parse_one(row["sql"], read="duckdb"), sg.Literal.string(row["segment_key"]))
        named = named.when(key.eq(row["segment_key"]), sg.Literal.string(row["segment_name"]))
    held, named = (case.else_(sg.Literal.string(text)) for case, text in ((held, UNPLACED), (named, _UNPLACED_NAME)))
    placed = sg.select("customer_id", sg.alias_(held, "segment_key")).from_(sg.to_table(table, dialect=dialect))
    query = sg.select("customer_id", "segment_key", sg.alias_(named, "segment_name")).from_("placed")
    return query.with_("placed", as_=placed).sql(dialect=dialect, pretty=True)


def fidelity(rules: pa.Table, scheme: str) -> float:
    """Return the share of customers, of those not learned from, whom the rules put where the scheme does.

    Args:
        rules: the published table `segment_rules`.
        scheme: whose rules; there are some.
    """
    return next(float(row["fidelity"]) for row in rules.to_pylist() if row["scheme"] == scheme)


@dataclass(frozen=True, slots=True)
class _Told:
    en: str
    zh: str


def _row(card: SchemeCard, position: int, code: int, model: SurrogateRules, names: Sequence[str]) -> dict[str, object]:
    segment = card.segments[position]
    mine = sorted((rule for rule in model.rules_ if rule.label == code), key=lambda rule: -rule.customers)
    told = _sentence(mine, segment, names)
    return {
        "scheme": card.key,
        "segment_key": segment.key,
        "segment_name": segment.name_en,
        "segment_name_zh": segment.name_zh,
        "rule_en": told.en,
        "rule_zh": told.zh,
        "sql": _sql(mine, names),
        "rule_count": len(mine),
        "fidelity": model.fidelity_,
        "precision": float(model.precision_[code]),
        "recall": float(model.recall_[code]),
    }


def _sentence(rules: Sequence[Rule], segment: SegmentCard, names: Sequence[str]) -> _Told:
    if not rules:
        return _Told(
            f"No short rule tells {segment.name_en} from the others.", f"没有简短的规则能区分“{segment.name_zh}”。"
        )
    en = "; or ".join(" and ".join(_words(it, names, "en") for it in rule.conditions) for rule in rules[:_MOST_TOLD])
    zh = "；或".join("且".join(_words(it, names, "zh") for it in rule.conditions) for rule in rules[:_MOST_TOLD])
    more = len(rules) - _MOST_TOLD
    rarer = f"; or {more} rarer rules" if more > 1 else "; or a rarer rule" if more == 1 else ""
    return _Told(f"{en[:1].upper()}{en[1:]}{rarer}.", f"{zh}{f'；另有 {more} 条较少见的规则' if more > 0 else ''}。")


def _words(it: Condition, names: Sequence[str], language: str) -> str:
    """Say one condition; counts of whole things are bounded by whole numbers, so that no two segments share one."""
    words = feature_words(names[it.feature])
    label, unit = words[language], words["unit"]
    whole = unit in ("orders", "days", "products")
    low = None if np.isinf(it.above) else said_number(np.floor(it.above) + 1 if whole else it.above, unit)
    high = None if np.isinf(it.up_to) else said_number(np.floor(it.up_to) if whole else it.up_to, unit)
    return _SAID[language][_kind(low, high, whole=whole)].format(label=label, low=low, high=high)


def _kind(low: str | None, high: str | None, *, whole: bool) -> str:
    """Return which words fit; of a measure that is not counted, the lower bound itself belongs to another segment."""
    if low is None:
        return "none" if high == "0" else "high"
    if not whole:
        return "above" if high is None else "within"
    return "low" if high is None else "exact" if low == high else "both"


def _sql(rules: Sequence[Rule], names: Sequence[str]) -> str:
    """Return one condition for a database, in DuckDB's dialect; empty where the segment has no rule."""
    return " OR ".join(f"({' AND '.join(_bounds(it, names) for it in rule.conditions)})" for rule in rules)


def _bounds(it: Condition, names: Sequence[str]) -> str:
    name = sg.to_identifier(names[it.feature], quoted=True).sql("duckdb")
    parts = [f"{name} > {float(it.above)!r}"] if np.isfinite(it.above) else []
    parts += [f"{name} <= {float(it.up_to)!r}"] if np.isfinite(it.up_to) else []
    return " AND ".join(parts)
