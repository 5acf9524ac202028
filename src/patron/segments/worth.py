"""What a learned cut adds in money: learned at a past day, judged by what came after a later one.

The cut is learned again from the customers of the learning origin alone, as a run on that day would have learned it,
and places the customers of the held-out origin, whose window began after the learning window had ended. It competes
with one segment, with the 125 cells of RFM quintiles, with the 11 segments of classic11, which are about as many as a
cut's, and with deciles of a forecast; see `methods/worth.py` for how they are compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ground.errors import InputError, MissingColumns
from patron.ground.seeds import derive
from patron.segments import rules, schemes, scores
from patron.segments.judgement import Judgement
from patron.segments.learned import LEARNED, learn_cut
from patron.segments.methods.worth import Contender, Worth, judge_worth
from patron.segments.rows import MONEY, ORDERS, FloatArray, Rows, read_rows
from patron.segments.spec import SegmentSpec

IntArray = NDArray[np.int64]
Prepared = Callable[[pa.Table], FloatArray]
Prepare = Callable[[pa.Table], Prepared]
"""Learns a preparation from the customers of one origin and returns it: a table in, prepared rows out."""

ONE, RFM, CLASSIC, DECILES = "one_segment", "rfm_quintiles", "classic11", "value_deciles"
_MONEY_AFTER, _ORDERS_AFTER, _WINDOW = "future_net_revenue", "future_order_count", "window_days"
_KEEPS = (
    "On held-out time the {n} learned segments rank customers by what they then brought better than RFM quintiles: "
    "normalised Gini {told}."
)
_KEEPS_ZH = "在留出期内，{n} 个学习分群按客户之后带来的收入排序，优于 RFM 五分位：归一化基尼 {told}。"
_ENOUGH = (
    "RFM is enough: on held-out time the {n} learned segments do not rank customers better than RFM quintiles, "
    "normalised Gini {told}. Next: plan by an RFM scheme such as classic11, or give the cut features that RFM does not "
    "hold (segments.features)."
)
_ENOUGH_ZH = (
    "RFM 已足够：在留出期内，{n} 个学习分群并不优于 RFM 五分位，归一化基尼 {told}。"
    "下一步：使用 classic11 等 RFM 方案，或在 segments.features 中加入 RFM 之外的特征。"
)
_RIVAL_EN = {ONE: "one segment", RFM: "RFM quintiles", CLASSIC: "classic11", DECILES: "value deciles"}


@dataclass(frozen=True, slots=True)
class HeldOutWorth:
    """What the learned cut was worth on held-out time.

    Args:
        learned_at, judged_at: the two origins.
        worth: every score and every gain with its interval.
        keeps: whether the cut ranks customers better than RFM quintiles by more than luck.
        why_en, why_zh: one sentence; where it does not, with what to do.
        judgements: the same as rows of the quality table.
    """

    learned_at: date
    judged_at: date
    worth: Worth
    keeps: bool
    why_en: str
    why_zh: str
    judgements: tuple[Judgement, ...]


def judge_on_held_out(
    labelled: pa.Table, spec: SegmentSpec, prepare: Prepare, *, forecast: str | None = None, seed: int
) -> HeldOutWorth | None:
    """Say what the learned cut would have added in money, on the latest window that can be judged.

    Args:
        labelled: past rows, one per customer, origin and window: features as for `fit`, `as_of`, `window_days`, and
            `future_net_revenue` of [as_of, as_of + window_days); for a shop without money, `future_order_count`.
        spec: as for `fit`.
        prepare: learns the preparation from the rows of the learning origin.
        forecast: a column with a forecast of the same window made at each origin, whose deciles are a rival; None:
            deciles of the net revenue (the orders, without money) so far.
        seed: the Plan's seed.

    Returns:
        The judgement; None where no two origins lie a whole window apart.

    Raises:
        MissingColumns, EmptyInput, InputError: `labelled` or what `prepare` makes is not such a table or matrix.
    """
    by, after = _columns(labelled, forecast)
    origins = _origins(labelled)
    if origins is None:
        return None
    then, later = (_at(labelled, day) for day in origins)
    told = [np.nan_to_num(table[after].cast(pa.float64()).to_numpy(zero_copy_only=False)) for table in (then, later)]
    judged, n_segments = _learned(then, later, spec, prepare, seed)
    rivals = {ONE: _one(then, later), **_of_scores(then, later, spec), DECILES: _deciles(then, later, by)}
    worth = judge_worth(
        judged, rivals, value_then=told[0], value_held_out=told[1], seed=derive(seed, "segments", "worth")
    )
    keeps = worth.beats(RFM)
    return HeldOutWorth(*origins, worth, keeps, *_said(worth, n_segments), _judgements(worth, origins))


def _columns(labelled: pa.Table, forecast: str | None) -> tuple[str, str]:
    names = labelled.column_names
    after = _MONEY_AFTER if _MONEY_AFTER in names else _ORDERS_AFTER
    by = forecast or (MONEY if MONEY in names else ORDERS)
    if missing := [name for name in (after, by, _WINDOW, "as_of") if name not in names]:
        raise MissingColumns.found("segments.judge_on_held_out", missing, names, "label past rows first.")
    return by, after


def _origins(labelled: pa.Table) -> tuple[date, date] | None:
    """Return the latest origin and the latest one whose window had ended by then."""
    days = float(pc.max(labelled[_WINDOW]).as_py() or 0.0)
    found = sorted(pc.unique(labelled.filter(pc.equal(labelled[_WINDOW], days))["as_of"]).to_pylist())
    ended = [day for day in found if day + timedelta(days=days) <= found[-1]]
    return (ended[-1], found[-1]) if ended else None


def _at(labelled: pa.Table, day: date) -> pa.Table:
    whole = pc.equal(labelled[_WINDOW], pc.max(labelled[_WINDOW]))
    return labelled.filter(pc.and_(whole, pc.equal(labelled["as_of"], pa.scalar(day, labelled["as_of"].type))))


def _learned(then: pa.Table, later: pa.Table, spec: SegmentSpec, prepare: Prepare, seed: int) -> tuple[Contender, int]:
    prepared = prepare(then)
    matrices = [prepared(then), prepared(later)]
    if matrices[1].shape[0] != later.num_rows:
        raise InputError(f"`prepare` made {matrices[1].shape[0]} rows of {later.num_rows}.\nNext: prepare every row.")
    cut, _ = learn_cut(_rows(then), matrices[0], spec, seed=seed)
    labels = [cut.assign(matrix)[0] for matrix in matrices]
    return Contender(*labels), len(cut.card.segments)


def _one(then: pa.Table, later: pa.Table) -> Contender:
    return Contender(np.zeros(then.num_rows, dtype=np.int64), np.zeros(later.num_rows, dtype=np.int64))


def _of_scores(then: pa.Table, later: pa.Table, spec: SegmentSpec) -> dict[str, Contender]:
    """Return the contenders that scores 1-5 make, by thresholds of the learning origin.

    RFM quintiles are the 125 cells of three scores; a customer without an order is in a cell, or segment, of its own.
    """
    tables = [_rows(then), _rows(later)]
    learned = rules.learn_rules(tables[0], spec, [schemes.read(CLASSIC)])
    scored = [scores.score(learned.published, rows) for rows in tables]
    cells = [np.where(it.r > 0, 36 * it.r + 6 * it.f + it.m, 0) for it in scored]
    classic = [_classic(learned, rows, it) for rows, it in zip(tables, scored, strict=True)]
    return {RFM: Contender(*cells), CLASSIC: Contender(*classic)}


def _classic(learned: rules.Rules, rows: Rows, known: scores.Scores) -> IntArray:
    return next(placed.positions for placed in rules.assign(learned, rows, known, {}))


def _deciles(then: pa.Table, later: pa.Table, by: str) -> Contender:
    values = [np.nan_to_num(table[by].cast(pa.float64()).to_numpy(zero_copy_only=False)) for table in (then, later)]
    edges = np.unique(np.quantile(values[0], np.arange(1, 10) / 10.0))
    return Contender(*(np.searchsorted(edges, each, side="right").astype(np.int64) for each in values))


def _rows(table: pa.Table) -> Rows:
    return read_rows(table, "segments.judge_on_held_out")


def _said(worth: Worth, n_segments: int) -> tuple[str, str]:
    gain = worth.gains["gini", RFM]
    told = f"{gain.value:+.3f} ({gain.lower:+.3f} … {gain.upper:+.3f})"
    en, zh = (_KEEPS, _KEEPS_ZH) if worth.beats(RFM) else (_ENOUGH, _ENOUGH_ZH)
    return en.format(n=n_segments, told=told), zh.format(n=n_segments, told=told)


def _judgements(worth: Worth, origins: tuple[date, date]) -> tuple[Judgement, ...]:
    when = f"learned {origins[0]}, judged after {origins[1]}"
    rows = [
        Judgement(f"held_out_{measure}", _slice(name), it.value, f"info: {when}", it.lower, it.upper)
        for (measure, name), it in worth.scores.items()
    ]
    for (measure, rival), it in worth.gains.items():
        word = "good: better" if it.lower > 0 else "poor: worse" if it.upper < 0 else "fair: no different"
        said = f"{word} than {_RIVAL_EN[rival]} beyond luck; {when}"
        baseline = worth.scores[measure, rival].value
        rows.append(
            Judgement(f"held_out_{measure}_gain", f"{LEARNED}/{rival}", it.value, said, it.lower, it.upper, baseline)
        )
    return tuple(rows)


def _slice(name: str) -> str:
    return LEARNED if name == "judged" else name
