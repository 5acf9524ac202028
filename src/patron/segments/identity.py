"""Identity over time: a refit keeps key, name and colour of a segment that is the same thing, and asks before others.

A cut whose segments are all the same things as before is published under their old names. A split, merger, birth or
death is reported, and published once the Plan confirms it; until then the cut so far places everyone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.contracts.segment_tables import SEGMENT_EVENTS
from patron.segments.changes import CONFIRMATION, Change, change_of, unmatched
from patron.segments.drifting import DRIFT_MEASURES, drifted
from patron.segments.events import Told, event_rows
from patron.segments.fitted import SegmentModel
from patron.segments.judgement import Judgement
from patron.segments.learned import LEARNED, PALETTE, LearnedCut
from patron.segments.methods.matching import Matching, match
from patron.segments.methods.telling_apart import Pair

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ALIKE = 0.5
_OF_THE_DAY = ("identity", CONFIRMATION, *DRIFT_MEASURES)  # measured anew in every run, whichever cut is in use
_NUMBERED = re.compile(r"^group_(\d+)$")


@dataclass(frozen=True, slots=True)
class Before:
    """The cut in use so far: the run it was read from, its model, and where it places each of today's customers.

    Args:
        run_id: the earlier run.
        model: its segments.
        labels: position of each customer's segment in the model's learned card, shape (n_customers,).
        distances: from the centre of that segment, shape (n_customers,).
        drift: per prepared feature, its population stability index since the cut was learned.
    """

    run_id: str
    model: SegmentModel
    labels: IntArray
    distances: FloatArray
    drift: Mapping[str, float]

    @classmethod
    def place(cls, run_id: str, model: SegmentModel, prepared: FloatArray, names: Sequence[str]) -> Self:
        """Let an earlier model place today's customers, prepared as it was learned; `names` are the columns'."""
        labels, _, distances = model.learned.assign(prepared)
        moved = model.learned.population.stability(prepared)
        return cls(run_id, model, labels, distances, dict(zip(names, map(float, moved), strict=True)))


@dataclass(frozen=True, slots=True)
class Succession:
    """What is published after a refit.

    Args:
        model: the refitted cut under its names, or the cut so far inside the refitted rules.
        is_held: whether the cut so far stays in use; it places customers in its own prepared units.
        events: the published table `segment_events`; empty where there was no cut before.
    """

    model: SegmentModel
    is_held: bool
    events: pa.Table


def succeed(
    refit: SegmentModel,
    prepared: FloatArray,
    before: Before | None,
    *,
    used_keys: Iterable[str],
    confirmed: str,
    why_not: str = "",
    names: Sequence[str] = (),
) -> Succession:
    """Give the segments of a refit their identity.

    A cut of one segment is none: it hands no name on and takes none, and its successor is published without asking.

    Args:
        refit: what `fit` learned today.
        prepared: today's customers in the refit's own prepared units, shape (n_customers, n_prepared), finite.
        before: the cut in use so far; None: there is none.
        used_keys: every key that a segment of this shop ever had; a new segment gets another.
        confirmed: the change that the Plan confirms; empty: none.
        why_not: why a cut that was in use cannot be followed; empty: there is none, or it is.
        names: the columns of `prepared`. A cut by another method, or that looks at mostly other things, is another cut,
            whomever its segments share: their names would speak of what it does not look at. Empty: not asked.
    """
    fresh, confirmed = _Fresh(used_keys), confirmed.strip()
    if before is None or (_is_none(before.model.learned.card) and not _is_none(refit.learned.card)):
        anew = _carded(refit, _renamed(refit.learned, {}, fresh))
        lost = (Judgement("identity", LEARNED, 0.0, f"poor: {why_not}; segments begin anew"),) if why_not else ()
        nothing = unmatched(confirmed, Change(), before.model.cut_as_of if before else None, is_held=False)
        judged = (*lost, *([nothing] if nothing else []))
        return Succession(replace(anew, judgements=(*anew.judgements, *judged)), False, SEGMENT_EVENTS.empty())
    old, new = before.model.learned.card, refit.learned.card
    labels = refit.learned.assign(prepared)[0]
    found = match(before.labels, labels, prepared, len(old.segments), len(new.segments))
    if _is_none(new) and not _is_none(old):
        found = replace(found, same=np.full_like(found.same, -1))
    elif not _is_alike(before, refit, names):
        found = replace(found, same=np.full_like(found.same, -1), splits={}, merges={})
    kept = {int(j): old.segments[i] for i, j in enumerate(found.same) if j >= 0}
    named = _renamed(refit.learned, kept, fresh)
    since = before.model.cut_as_of
    change = change_of(found, old, named, since)
    is_held = bool(change.confirmable) and change.confirmable != confirmed
    nothing = unmatched(confirmed, change, since, is_held=is_held)
    judged = (
        _judged(found, since, is_held=is_held, change=change),
        *([nothing] if nothing else []),
        *drifted(before.model, before.labels, before.distances, before.drift),
    )
    model = _held(refit, before.model) if is_held else _carded(refit, named)
    model = replace(model, judgements=(*model.judgements, *judged))
    told = Told(old, named, before.run_id, refit.learned_as_of, change, is_held)
    return Succession(model, is_held, event_rows(found, told))


def _is_alike(before: Before, refit: SegmentModel, names: Sequence[str]) -> bool:
    then, now = set(before.drift), set(names)
    looks_alike = not now or len(then & now) >= _ALIKE * len(then | now)
    return before.model.learned.method == refit.learned.method and looks_alike


def _is_none(card: SchemeCard) -> bool:
    return len(card.segments) == 1


class _Fresh:
    """Keys that no segment of this shop ever had."""

    def __init__(self, used: Iterable[str]) -> None:
        numbers = [int(found[1]) for key in used if (found := _NUMBERED.match(key))]
        self._last = max(numbers, default=0)

    def key(self) -> str:
        self._last += 1
        return f"group_{self._last}"


def _renamed(cut: LearnedCut, kept: dict[int, SegmentCard], fresh: _Fresh) -> SchemeCard:
    """Give kept segments the identity they had; others get a fresh key, a name of their own and a free colour."""
    colours = _free_colours([segment.colour for segment in kept.values()])
    names = {segment.name_en for segment in kept.values()}
    segments = []
    for position, segment in enumerate(cut.card.segments):
        if position in kept:
            segments.append(replace(kept[position], order=position))
            continue
        mark_en, mark_zh = _mark(segment.name_en, cut.marks[position] if cut.marks else (), names)
        names.add(segment.name_en + mark_en)
        named = replace(segment, name_en=segment.name_en + mark_en, name_zh=segment.name_zh + mark_zh)
        segments.append(replace(named, key=fresh.key(), colour=colours[len(segments) % len(colours)]))
    return replace(cut.card, segments=tuple(segments))


def _free_colours(taken: Sequence[str]) -> list[str]:
    return [*(colour for colour in PALETTE if colour not in taken), *PALETTE]


def _mark(name: str, known: Sequence[Pair], taken: Iterable[str]) -> Pair:
    """Tell a new segment apart from one of its name: by what sets it apart most, by a letter as the last resort."""
    said = [(en, zh) for en, zh in known if en not in name]
    letters = [(f" {chr(code)}", chr(code)) for code in range(ord("B"), ord("Z") + 1)]
    return next(pair for pair in (("", ""), *said, *letters) if name + pair[0] not in taken)


def _carded(model: SegmentModel, card: SchemeCard) -> SegmentModel:
    return replace(model, learned=replace(model.learned, card=card))


def _held(refit: SegmentModel, before: SegmentModel) -> SegmentModel:
    """Return the refitted rules with the cut so far, and what was measured when that was learned."""
    judgements = [it for it in refit.judgements if not _is_of_the_cut(it)]
    judgements = [
        *(it for it in before.judgements if _is_of_the_cut(it) and it.measure not in _OF_THE_DAY),
        *judgements,
    ]
    return replace(refit, learned=before.learned, cut_as_of=before.cut_as_of, judgements=tuple(judgements))


def _is_of_the_cut(it: Judgement) -> bool:
    return it.slice == LEARNED or it.slice.startswith(f"{LEARNED}/")


def _judged(found: Matching, since: date, *, is_held: bool, change: Change) -> Judgement:
    """Say what share of the customers is in a segment that is the same thing, and what follows."""
    stays = float(found.counts[found.same >= 0, found.same[found.same >= 0]].sum() / found.counts.sum())
    counts = {"split": len(found.splits), "merged": len(found.merges)}
    counts |= {"died": len(found.died), "born": len(found.born)}
    key = "identity_held" if is_held else "identity_changed" if change.confirmable else "identity_kept"
    said = f"{change.confirmable}; that is: {change.en}"
    words = {
        "identity_held": f"poor: {said}; not confirmed in the Plan, so the cut so far stays in use",
        "identity_changed": f"fair: {said}; confirmed in the Plan and published",
        "identity_kept": "good: every segment is the same thing as before and keeps its name",
    }
    reason = json.dumps({"key": key, "since": str(since)} | counts)
    return Judgement("identity", LEARNED, stays, words[key], reason=reason)
