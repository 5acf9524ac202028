"""What tells segments of one name apart: what they differ in most, in words; letters are the last resort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

Pair = tuple[str, str]  # English, Chinese

HIGH = 0.25  # relative standing: a typical member exceeds 62.5 % of all customers
_APART = HIGH / 2
_MOST_MARKS = 2

# By feature, the words for more and for less of it; in the order in which a draw is decided.
WORDS: Mapping[str, tuple[Pair, Pair]] = {
    "order_value": (("large orders", "大单"), ("small orders", "小单")),
    "products": (("many products", "品种多"), ("few products", "品种少")),
    "items": (("many units an order", "每单件数多"), ("few units an order", "每单件数少")),
    "discounts": (("much on discount", "优惠多"), ("little on discount", "优惠少")),
    "lately": (("many orders lately", "近期单多"), ("few orders lately", "近期单少")),
    "tenure": (("known for longer", "老客"), ("newer", "较新")),
    "silence": (("silent for longer", "沉默较久"), ("ordered more recently", "较近下单")),
    "orders": (("more orders", "单数较多"), ("fewer orders", "单数较少")),
    "money": (("spent more", "消费较高"), ("spent less", "消费较低")),
}
_IN_EVERY_NAME = ("silence", "orders", "money")


def told_apart(names: Sequence[str], standings: Sequence[Mapping[str, float]]) -> list[Pair]:
    """Return what to add to each name, in English and Chinese, so that all are distinct; empty where one is already.

    Args:
        names: in English.
        standings: by feature of `WORDS`, where each segment's members stand among all customers, -1 … 1.

    >>> told_apart(["Regulars", "Regulars"], [{"order_value": 0.5}, {"order_value": -0.2}])
    [(', large orders', '·大单'), (', small orders', '·小单')]
    >>> told_apart(["Regulars", "Regulars"], [{"order_value": 0.1}, {"order_value": 0.1}])
    [(' A', 'A'), (' B', 'B')]
    """
    keys: list[list[tuple[str, bool]]] = [[] for _ in names]
    for _ in range(_MOST_MARKS):
        for group in _same(names, keys):
            for i in group:
                best = _most_apart(i, group, standings, [key for key, _ in keys[i]])
                keys[i] = keys[i] + ([best] if best else [])
    marks = [_written(one) for one in keys]
    for group in _same(names, keys):
        for turn, i in enumerate(group):
            letter = chr(65 + turn)
            marks[i] = (f"{marks[i][0]} {letter}", f"{marks[i][1]}{letter}")
    return marks


def marks_of(standing: Mapping[str, float]) -> tuple[Pair, ...]:
    """Return what sets one segment apart from everyone beyond what names speak of, the most telling first."""
    told = [key for key in WORDS if key not in _IN_EVERY_NAME and abs(standing.get(key, 0.0)) >= _APART]
    return tuple(_written([(key, standing[key] > 0)]) for key in sorted(told, key=lambda key: -abs(standing[key])))


def _same(names: Sequence[str], keys: Sequence[Sequence[tuple[str, bool]]]) -> list[list[int]]:
    """Return the groups that still go by one name."""
    full = [(name, *map(tuple, marks)) for name, marks in zip(names, keys, strict=True)]
    shared = [name for name, count in Counter(full).items() if count > 1]
    return [[i for i, name in enumerate(full) if name == one] for one in shared]


def _most_apart(
    i: int, group: Sequence[int], standings: Sequence[Mapping[str, float]], said: Sequence[str]
) -> tuple[str, bool] | None:
    """Return the feature in which one of a group is farthest from the others' mean, and whether it is above."""
    others = [j for j in group if j != i]
    apart = {
        key: standings[i][key] - sum(standings[j][key] for j in others) / len(others)
        for key in WORDS
        if key not in said and all(key in standings[j] for j in group)
    }
    best = max(apart, key=lambda key: abs(apart[key]), default=None)
    return None if best is None or abs(apart[best]) < _APART else (best, apart[best] > 0)


def _written(keys: Sequence[tuple[str, bool]]) -> Pair:
    words = [WORDS[key][0 if is_more else 1] for key, is_more in keys]
    return "".join(f", {en}" for en, _ in words), "".join(f"·{zh}" for _, zh in words)
