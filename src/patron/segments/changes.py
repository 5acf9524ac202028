"""A change of the learned segments in words: as the Plan confirms it, as people read it, and what confirms nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.segments.judgement import Judgement
from patron.segments.learned import LEARNED
from patron.segments.methods.matching import Matching

CONFIRMATION = "confirmed_change"
_GIVEN_UP = ("all segments are given up, and everyone is one", "所有分群取消，全体客户归为一群")
_CONFIRMABLE = re.compile(r"^after (\d{4}-\d{2}-\d{2}): (split|merged|died|born) ")


@dataclass(frozen=True, slots=True)
class Change:
    """What a refit changes; all empty where every segment is the same thing as before.

    Args:
        confirmable: as the Plan confirms it, by the segments' keys.
        en, zh: the same with the segments' names.
    """

    confirmable: str = ""
    en: str = ""
    zh: str = ""


def change_of(found: Matching, old: SchemeCard, new: SchemeCard, since: date) -> Change:
    """Write a change as the Plan confirms it: the same for every refit that changes the cut so far in the same way.

    It begins with the day of the cut so far, so that what was confirmed once confirms nothing later.

    Args:
        found: what became of every segment.
        old: the cut so far.
        new: the refit, under the names that it would be published with.
        since: the day of the cut so far.
    """
    if found.is_unchanged:
        return Change()
    keys = [segment.key for segment in old.segments]
    parts = [f"split {keys[i]} into {len(new_ones)}" for i, new_ones in sorted(found.splits.items())]
    parts += sorted(f"merged {' + '.join(keys[i] for i in merged)}" for merged in found.merges.values())
    parts += [f"died {keys[i]}" for i in found.died]
    parts += [f"born {len(found.born)}"] if found.born else []
    is_given_up = len(new.segments) == 1 < len(old.segments)
    told = [_GIVEN_UP] if is_given_up else list(_told(found, old.segments, new.segments))
    return Change(
        f"after {since}: {'; '.join(parts)}", "; ".join(en for en, _ in told), "；".join(zh for _, zh in told)
    )


def unmatched(confirmed: str, change: Change, since: date | None, *, is_held: bool) -> Judgement | None:
    """Return a judgement of a confirmation that confirms nothing that happened; None: it does, or there is none.

    One of an earlier cut has done its work and may stay where it is; any other is likely a slip of the pen.

    Args:
        confirmed: what stands in the Plan.
        change: what happened.
        since: the day of the cut so far; None: there is none.
        is_held: whether the change waits to be confirmed.
    """
    if not confirmed or confirmed == change.confirmable:
        return None
    said = _CONFIRMABLE.match(confirmed)
    if said and since is not None and date.fromisoformat(said[1]) <= since and not is_held:
        told = (
            f'info: {CONFIRMATION} = "{confirmed}" speaks of an earlier cut; it confirms nothing now and can be emptied'
        )
        return Judgement(CONFIRMATION, LEARNED, None, told, reason=json.dumps({"key": "confirms_earlier"}))
    waits = f'the change that waits is "{change.confirmable}"' if is_held else "no change waits"
    told = f'poor: {CONFIRMATION} = "{confirmed}" confirms nothing that happened; {waits}'
    key = "confirms_another" if is_held else "confirms_nothing"
    return Judgement(CONFIRMATION, LEARNED, None, told, reason=json.dumps({"key": key}))


def _told(found: Matching, old: Sequence[SegmentCard], new: Sequence[SegmentCard]) -> list[tuple[str, str]]:
    told = [_split(old[i], [new[j] for j in parts]) for i, parts in sorted(found.splits.items())]
    told += [_merged([old[i] for i in parts], new[j]) for j, parts in sorted(found.merges.items())]
    told += [(f"{_en([old[i]])} is gone", f"{_zh([old[i]])}消失") for i in found.died]
    born = [new[j] for j in found.born]
    verb = "is" if len(born) == 1 else "are"
    return [*told, (f"{_en(born, keyed=False)} {verb} new", f"新增{_zh(born, keyed=False)}")] if born else told


def _split(whole: SegmentCard, parts: Sequence[SegmentCard]) -> tuple[str, str]:
    return (
        f"{_en([whole])} splits into {_en(parts, keyed=False)}",
        f"{_zh([whole])}拆分为{_zh(parts, keyed=False)}",
    )


def _merged(parts: Sequence[SegmentCard], whole: SegmentCard) -> tuple[str, str]:
    return (
        f"{_en(parts)} merge into {_en([whole], keyed=False)}",
        f"{_zh(parts)}合并为{_zh([whole], keyed=False)}",
    )


def _en(cards: Sequence[SegmentCard], *, keyed: bool = True) -> str:
    """Name segments; those of the cut so far with their keys, which the Plan confirms them by."""
    said = [f"“{card.name_en}”" + (f" ({card.key})" if keyed else "") for card in cards]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _zh(cards: Sequence[SegmentCard], *, keyed: bool = True) -> str:
    said = [f"“{card.name_zh}”" + (f"（{card.key}）" if keyed else "") for card in cards]
    return said[0] if len(said) == 1 else f"{'、'.join(said[:-1])}和{said[-1]}"
