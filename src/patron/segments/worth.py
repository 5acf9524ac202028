"""What learned cuts add in money: learned at a past day, judged by what came after a later one.

A cut is learned again from the customers of the learning origin alone, as a run on that day would have learned it, and
places the customers of the held-out origin, whose window began after the learning window had ended. It competes with
one segment, with the 125 cells of RFM quintiles, with the 11 segments of classic11, which are about as many as a cut's,
and with deciles of a forecast; see `methods/worth.py` for how they are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ground.errors import InputError, MissingColumns
from patron.ground.seeds import derive
from patron.segments import rules, schemes, scores
from patron.segments.judgement import Judgement
from patron.segments.learned import LEARNED
from patron.segments.learning import Taught, cut_into, learn_cut
from patron.segments.methods.worth import Contender, Margins, Worth, judge_worth
from patron.segments.rows import MONEY, ORDERS, FloatArray, Rows, read_rows
from patron.segments.spec import SegmentSpec
from patron.segments.worth_words import METHODS_EN, comparison, verdict

IntArray = NDArray[np.int64]
Prepared = Callable[[pa.Table], FloatArray]
Prepare = Callable[[pa.Table], Prepared]
"""Learns a preparation from the customers of one origin and returns it: a table in, prepared rows out."""
Priced = Callable[[pa.Table, pa.Table], tuple[FloatArray, FloatArray]]
"""Says what every action would have brought for the customers of the learning and of the held-out origin."""

ONE, RFM, CLASSIC, DECILES = "one_segment", "rfm_quintiles", "classic11", "value_deciles"
COMPARED = ("value_tree", "k_means", "bisecting_k_means", "agglomerative", "gaussian_mixture", "hdbscan")
_MONEY_AFTER, _ORDERS_AFTER, _WINDOW = "future_net_revenue", "future_order_count", "window_days"
_RIVAL_EN = {ONE: "one segment", RFM: "RFM quintiles", CLASSIC: "classic11", DECILES: "value deciles"}


@dataclass(frozen=True, slots=True)
class HeldOutWorth:
    """What a learned cut was worth on held-out time.

    Args:
        learned_at, judged_at: the two origins.
        method: the method judged; of several, the one to take.
        worth: every score and every gain with its interval.
        keeps: whether the cut ranks customers better than RFM quintiles by more than luck.
        why_en, why_zh: one sentence; where it does not, with what to do.
        judgements: the same as rows of the quality table.
        compared_en, compared_zh: of several methods, why this one is taken; empty where only one was judged.
    """

    learned_at: date
    judged_at: date
    method: str
    worth: Worth
    keeps: bool
    why_en: str
    why_zh: str
    judgements: tuple[Judgement, ...]
    compared_en: str = ""
    compared_zh: str = ""

    def chosen_by(self, comparison: HeldOutWorth) -> HeldOutWorth:
        """Return this judgement of one method with why it was taken, and what the others were worth."""
        others = (it for it in comparison.judgements if it.slice.partition("/")[2] in COMPARED)
        return replace(
            self,
            why_en=f"{comparison.compared_en} {self.why_en}",
            why_zh=f"{comparison.compared_zh}{self.why_zh}",
            judgements=(*self.judgements, *others),
        )


def judge_on_held_out(
    labelled: pa.Table,
    spec: SegmentSpec,
    prepare: Prepare,
    *,
    k: int | None = None,
    forecast: str | None = None,
    priced: Priced | None = None,
    seed: int,
) -> HeldOutWorth | None:
    """Say what the learned cut would have added in money, on the latest window that can be judged.

    With `spec.method` "auto" every method of `COMPARED` is learned, and one is taken: the value tree, unless others
    rank customers better than it beyond luck; of those, the one with the largest Gini.

    Args:
        labelled: past rows, one per customer, origin and window: features as for `fit`, `as_of`, `window_days`, and
            `future_net_revenue` of [as_of, as_of + window_days); for a shop without money, `future_order_count`.
        spec: as for `fit`.
        prepare: learns the preparation from the rows of the learning origin.
        k: how many segments the cut has that is to be published: the past one is given as many. None: as many as hold
            still on the learning origin; for "auto", which compares methods and not sizes, always so.
        forecast: a column with a forecast of the same window made at the held-out origin, whose deciles are a rival;
            only customers who have one are judged. None, or nowhere said: deciles of the net revenue (the orders,
            without money) so far.
        priced: says what the playbook's actions would have brought, from the rows of the two origins; the decision
            value is judged by it.
        seed: of the bootstrap.

    Returns:
        The judgement; None where no two origins lie a whole window apart.

    Raises:
        MissingColumns, EmptyInput, InputError: `labelled` or what `prepare` makes is not such a table or matrix.
    """
    by, after = _columns(labelled)
    origins = held_out_origins(labelled)
    if origins is None:
        return None
    then, later = (at_origin(labelled, day) for day in origins)
    if forecast and later[forecast].null_count < later.num_rows:
        later = later.filter(pc.is_valid(later[forecast]))
    told = [_numbers(table, after) for table in (then, later)]
    cuts = _learned(then, later, told[0], spec, prepare, k)
    chosen, why = _best(cuts, told, seed)
    rivals = {ONE: _one(then, later), **_of_scores(then, later, spec), DECILES: _deciles(then, later, by, forecast)}
    others = {name: cut for name, (cut, _) in cuts.items() if name != chosen}
    judged, n_segments = cuts[chosen]
    worth = judge_worth(
        judged,
        rivals | others,
        value_then=told[0],
        value_held_out=told[1],
        margins=None if priced is None else Margins(*priced(then, later)),
        seed=derive(seed, "segments", "worth"),
    )
    said = verdict(worth, RFM, origins, n_segments)
    en, zh = (f"{first} {second}".strip() for first, second in zip(why, said, strict=True))
    judgements = _judgements(worth, origins, chosen)
    return HeldOutWorth(*origins, chosen, worth, worth.beats(RFM), en, zh, judgements, *why)


def held_out_origins(labelled: pa.Table) -> tuple[date, date] | None:
    """Return the latest origin and the latest one whose window had ended by then; None: no two lie so far apart."""
    days = float(pc.max(labelled[_WINDOW]).as_py() or 0.0)
    found = sorted(pc.unique(labelled.filter(pc.equal(labelled[_WINDOW], days))["as_of"]).to_pylist())
    ended = [day for day in found if day + timedelta(days=days) <= found[-1]]
    return (ended[-1], found[-1]) if ended else None


def at_origin(labelled: pa.Table, day: date) -> pa.Table:
    """Return the rows of one origin with its longest window."""
    whole = pc.equal(labelled[_WINDOW], pc.max(labelled[_WINDOW]))
    return labelled.filter(pc.and_(whole, pc.equal(labelled["as_of"], pa.scalar(day, labelled["as_of"].type))))


def future_value(labelled: pa.Table) -> FloatArray:
    """Return what each row's customer then brought: net revenue, or orders where the shop has no money."""
    return _numbers(labelled, _columns(labelled)[1])


def _columns(labelled: pa.Table) -> tuple[str, str]:
    names = labelled.column_names
    after = _MONEY_AFTER if _MONEY_AFTER in names else _ORDERS_AFTER
    by = MONEY if MONEY in names else ORDERS
    if missing := [name for name in (after, by, _WINDOW, "as_of") if name not in names]:
        raise MissingColumns.found("segments.judge_on_held_out", missing, names, "label past rows first.")
    return by, after


def _numbers(table: pa.Table, name: str) -> FloatArray:
    return np.nan_to_num(np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64))


def _learned(
    then: pa.Table, later: pa.Table, value: FloatArray, spec: SegmentSpec, prepare: Prepare, k: int | None
) -> dict[str, tuple[Contender, int]]:
    """Return each method's cut as a contender, and its number of segments."""
    prepared = prepare(then)
    matrices = [prepared(then), prepared(later)]
    if matrices[1].shape[0] != later.num_rows:
        raise InputError(f"`prepare` made {matrices[1].shape[0]} rows of {later.num_rows}.\nNext: prepare every row.")
    rows, taught = _rows(then), Taught(matrices[0], value)
    found = {}
    for method in COMPARED if spec.method == "auto" else (spec.method,):
        if k is not None and spec.method != "auto":
            model = cut_into(matrices[0], spec, method=method, taught=taught, k=k)
            labels = [model.predict(matrix) for matrix in matrices]
        else:
            cut, _ = learn_cut(rows, matrices[0], spec, method=method, taught=taught)
            labels = [cut.assign(matrix)[0] for matrix in matrices]
        found[method] = Contender(labels[0], labels[1]), int(np.unique(labels[0]).size)
    return found


def _best(
    cuts: Mapping[str, tuple[Contender, int]], told: Sequence[FloatArray], seed: int
) -> tuple[str, tuple[str, str]]:
    """Return the method to take, and a sentence of why; none where there is only one."""
    first, *others = cuts
    if not others:
        return first, ("", "")
    rivals = {name: cuts[name][0] for name in others}
    held = judge_worth(
        cuts[first][0], rivals, value_then=told[0], value_held_out=told[1], seed=derive(seed, "segments", "methods")
    )
    better = [name for name in others if held.gains["gini", name].upper < 0]
    chosen = max(better, key=lambda name: held.scores["gini", name].value, default=first)
    return chosen, comparison(chosen, None if chosen == first else held.gains["gini", chosen], len(cuts))


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
    return {RFM: Contender(cells[0], cells[1]), CLASSIC: Contender(classic[0], classic[1])}


def _classic(learned: rules.Rules, rows: Rows, known: scores.Scores) -> IntArray:
    return next(placed.positions for placed in rules.assign(learned, rows, known, {}))


def _deciles(then: pa.Table, later: pa.Table, by: str, forecast: str | None) -> Contender:
    """Return tenths of the forecast, each worth its mean; without one, tenths of what customers brought so far."""
    if forecast and later[forecast].null_count < later.num_rows:
        said = _numbers(later, forecast)
        tenth = _tenths(said)(said)
        means = np.bincount(tenth, said) / np.maximum(np.bincount(tenth), 1)
        return Contender(np.zeros(then.num_rows, dtype=np.int64), tenth, means[tenth])
    values = [_numbers(table, by) for table in (then, later)]
    place = _tenths(values[0])
    return Contender(place(values[0]), place(values[1]))


def _tenths(values: FloatArray) -> Callable[[FloatArray], IntArray]:
    edges = np.unique(np.quantile(values, np.arange(1, 10) / 10.0))
    return lambda them: np.searchsorted(edges, them, side="right").astype(np.int64)


def _rows(table: pa.Table) -> Rows:
    return read_rows(table, "segments.judge_on_held_out")


def _judgements(worth: Worth, origins: tuple[date, date], method: str) -> tuple[Judgement, ...]:
    when = f"learned {origins[0]}, judged after {origins[1]}"
    rows = [
        Judgement(
            f"held_out_{measure}", _slice(name), _known(it.value), f"info: {when}", _known(it.lower), _known(it.upper)
        )
        for (measure, name), it in worth.scores.items()
    ]
    for (measure, rival), it in worth.gains.items():
        if _known(it.value) is None:
            continue
        word = "good: better" if it.lower > 0 else "poor: worse" if it.upper < 0 else "fair: no different"
        than = _RIVAL_EN.get(rival) or METHODS_EN[rival]
        said = f"{word} than {than} beyond luck; {METHODS_EN[method]}, {when}"
        baseline = worth.scores[measure, rival].value
        rows.append(
            Judgement(f"held_out_{measure}_gain", f"{LEARNED}/{rival}", it.value, said, it.lower, it.upper, baseline)
        )
    return tuple(rows)


def _slice(name: str) -> str:
    return LEARNED if name == "judged" else f"{LEARNED}/{name}" if name in COMPARED else name


def _known(value: float) -> float | None:
    """Return a number, None where a measure is not defined: nobody brought anything, or all brought the same."""
    return value if np.isfinite(value) else None
