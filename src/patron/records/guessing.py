"""Guessing what a header means: by its name, by the look of its cells, and by how its values repeat."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from patron.ground.currencies import CODES
from patron.records.detection import Sample
from patron.records.headers import fold
from patron.records.repeats import REPEATED, Repeats
from patron.records.staging import COLUMNS
from patron.records.vocabulary import synonyms

SURE = 0.8  # from here on a column may be taken without asking
_LEAST = 0.5
_DOUBT = 0.79  # the most that a guess with a rival is worth
_CLOSE = 0.15
_WORDS = frozenset({"region", "city", "country", "first_name", "last_name", "email", "status", "channel", "address"})
_VAGUE = frozenset(
    map(fold, ("id", "no", "nr", "num", "number", "ref", "reference", "code", "key", "编号", "号码", "序号", "流水号"))
)
_DATE = re.compile(
    r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b|^(19|20)\d{6}$|^1\d{9}(\d{3})?$"
)
_NUMBER = re.compile(r"^[-+(]*\d[\d,.\s'’]*[)-]?$")
_MONEY = re.compile(r"^[-+(]*\d[\d,.\s'’]*[.,]\d{1,2}[)-]?$")
_SIGN = re.compile(r"[¥￥$€£₹₽₩元]")
_CODE_BESIDE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])")
_SMALL_WHOLE = re.compile(r"^-?\d{1,3}(\.0+)?$")
_CODE = re.compile(r"^\d{1,2}$")


@dataclass(frozen=True, slots=True)
class Guess:
    """Which header fills a canonical column, how sure that is, and why."""

    column: str
    header: str
    confidence: float
    why: str

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without asking."""
        return self.confidence >= SURE


def guesses(sample: Sample, level: str) -> list[Guess]:
    """Return the best header for each canonical column of a level, each header once, surest first.

    A guess is only sure where name, look and repetition agree and nothing else competes.
    """
    known = {name: kind for name, kind in COLUMNS[level].items() if kind != "json"}  # type: ignore[index]
    words = synonyms(level)
    repeats = Repeats.of(sample)
    scored = [
        _prudent(_guess(name, kind, header, sample.cells(position), words), repeats, level)
        for name, kind in known.items()
        for position, header in enumerate(sample.headers)
    ]
    chosen = _one_each(sorted(scored, key=lambda guess: -guess.confidence))
    placed = _in_their_places([_doubted(guess, scored, chosen) for guess in chosen], repeats)
    return _of_line_or_order(placed, repeats) if level == "line" else placed


def _one_each(ranked: Sequence[Guess]) -> list[Guess]:
    taken: set[str] = set()
    chosen: list[Guess] = []
    for guess in ranked:
        if guess.confidence >= _LEAST and guess.header not in taken and guess.column not in {g.column for g in chosen}:
            chosen.append(guess)
            taken.add(guess.header)
    return chosen


def _prudent(guess: Guess, repeats: Repeats, level: str) -> Guess:
    """Weigh a guess at an id by how often its values repeat: orders do not in a file of orders, customers do."""
    share = repeats.distinct_share(guess.header)
    if guess.column == "product_id" and fold(guess.header) in _VAGUE and (share or 0.0) >= REPEATED:
        why = "every row has another, and products are sold again"
        return replace(guess, confidence=min(guess.confidence, 0.4), why=why)
    if share is None or guess.column not in {"order_id", "customer_id"} or level == "event":
        return guess
    vague = fold(guess.header) in _VAGUE
    repeated = share < REPEATED
    if guess.column == "order_id" and level == "order" and repeated:
        why = f"{guess.why}, but its values repeat ({share:.0%} are different) and orders should not"
        return replace(guess, confidence=min(guess.confidence, 0.4 if vague else 0.6), why=why)
    if vague and (guess.column == "customer_id") == repeated and (level == "order" or repeated):
        how = "its values repeat, as customers do" if repeated else "every row has another, as orders do"
        return replace(guess, confidence=0.55, why=how)
    if vague and level == "order":
        return replace(guess, confidence=min(guess.confidence, 0.4))
    if guess.column == "customer_id" and share == 1.0:
        return replace(guess, confidence=min(guess.confidence, _DOUBT), why=f"{guess.why}, but no value comes twice")
    return guess


def _doubted(guess: Guess, scored: Sequence[Guess], chosen: Sequence[Guess]) -> Guess:
    """Take the certainty from a guess that has a rival: another meaning of its header, or another header for it."""
    if fold(guess.header) == fold(guess.column):
        return guess
    taken, named = {other.header for other in chosen}, {other.column for other in chosen}
    for other in scored:
        close = other.confidence >= max(_LEAST, guess.confidence - _CLOSE)
        if close and other.header == guess.header and other.column not in named and _is_other_kind(guess, other):
            return replace(
                guess, confidence=min(guess.confidence, _DOUBT), why=f"{guess.why}; it could also be {other.column}"
            )
        if close and other.column == guess.column and other.header not in taken:
            return replace(
                guess, confidence=min(guess.confidence, _DOUBT), why=f"{guess.why}; so could {other.header!r}"
            )
    return guess


def _is_other_kind(guess: Guess, other: Guess) -> bool:
    """Whether mistaking one for the other does harm: two ids, or an id and anything else."""
    return guess.column != other.column and (guess.column.endswith("_id") or other.column.endswith("_id"))


def _in_their_places(chosen: list[Guess], repeats: Repeats) -> list[Guess]:
    """Swap order and customer where their values say so: an order has one customer, a customer has many orders."""
    place = {guess.column: at for at, guess in enumerate(chosen)}
    if "order_id" not in place or "customer_id" not in place:
        return chosen
    order, customer = chosen[place["order_id"]], chosen[place["customer_id"]]
    if not repeats.belongs_to(customer.header, order.header):
        return chosen
    why = f"each {customer.header!r} has one {order.header!r}, as an order has one customer"
    sure = min(order.confidence, customer.confidence, 0.7)
    chosen[place["order_id"]] = Guess("order_id", customer.header, sure, why)
    chosen[place["customer_id"]] = Guess("customer_id", order.header, sure, why)
    return chosen


def _of_line_or_order(chosen: list[Guess], repeats: Repeats) -> list[Guess]:
    """Tell a line's total from its order's by the cells, whatever the name: an order's is the same on all its lines."""
    found = {guess.column: guess for guess in chosen}
    if "order_id" not in found or {"line_total", "total_amount"} <= found.keys():
        return chosen
    return [_as_repeated(guess, found["order_id"].header, repeats) for guess in chosen]


def _as_repeated(guess: Guess, order: str, repeats: Repeats) -> Guess:
    if guess.column not in {"line_total", "total_amount"} or fold(guess.header) == fold(guess.column):
        return guess
    is_same = repeats.is_same_within(guess.header, order)
    column = {True: "total_amount", False: "line_total", None: guess.column}[is_same]
    if column == guess.column:
        return guess
    how = "the same on all lines" if is_same else "another on each line"
    why = f"{guess.why}, but it is {how} of an {order!r}"
    return Guess(column, guess.header, min(guess.confidence, _DOUBT), why)


def _guess(name: str, kind: str, header: str, cells: list[str], synonyms: Mapping[str, tuple[str, ...]]) -> Guess:
    likeness, nearest = max(((_likeness(fold(header), fold(word)), word) for word in synonyms[name]), default=(0.0, ""))
    shape = _shape(kind, name, cells)
    confidence = likeness * (0.7 + 0.3 * shape) if shape >= 0.5 else likeness * 0.4
    if kind == "instant" and name in {"ordered_at", "occurred_at"} and shape == 1.0 and cells and confidence < 0.5:
        return Guess(name, header, 0.5, "its cells are dates")
    if name == "type" and cells and all(_CODE.match(cell) for cell in cells):
        # 1 means a view at one company and a purchase at another.
        return Guess(name, header, round(min(confidence, 0.55), 3), "its cells are numbers whose meaning must be given")
    return Guess(name, header, round(confidence, 3), f"named like {nearest!r}, {shape:.0%} of its cells look right")


def as_named(column: str, level: str, header: str, cells: list[str]) -> Guess:
    """Return the guess at a header that a layout names; how sure it is depends on its cells alone."""
    kind = COLUMNS[level][column]  # type: ignore[index]
    shape = _shape(kind, column, cells) if cells else 1.0
    why = "named so, but no cell is filled" if not cells else f"named so, {shape:.0%} of its cells look right"
    return Guess(column, header, round(0.7 + 0.3 * shape, 3), why)


def _likeness(header: str, word: str) -> float:
    if header == word:
        return 1.0
    if len(word) >= 3 and word in header:
        return 0.75 + 0.2 * len(word) / len(header)
    return 0.9 * SequenceMatcher(None, header, word).ratio() ** 2


def _shape(kind: str, name: str, cells: list[str]) -> float:
    """Return the share of cells that look like this kind of column; 1 where any text will do."""
    looks: Callable[[str], object]
    if not cells:
        return 0.5
    if kind == "instant":
        looks = _DATE.search
    elif kind == "money":
        looks = lambda cell: _NUMBER.search(_bare(cell))  # noqa: E731
    elif name in {"quantity", "item_count", "line_no", "returned_quantity"}:
        looks = _SMALL_WHOLE.search
    elif kind in {"real", "int"}:
        looks = _NUMBER.search
    elif name in _WORDS:
        looks = lambda cell: not _NUMBER.search(_bare(cell))  # noqa: E731
    elif name.endswith("_id"):
        looks = lambda cell: not _is_money(cell) and len(cell) <= 80  # noqa: E731
    else:
        return 1.0
    return sum(bool(looks(cell)) for cell in cells) / len(cells)


def _is_money(cell: str) -> bool:
    """Whether a cell can only be an amount: decimals, or a number beside a currency."""
    bare = _bare(cell)
    return bool(_MONEY.search(bare)) or (bare != cell and bool(_NUMBER.search(bare)))


def _bare(cell: str) -> str:
    """Return a cell without the sign or the code of a currency.

    >>> _bare("1.234,50 €"), _bare("£3.20"), _bare("EUR -7"), _bare("SKU 7")
    ('1.234,50', '3.20', '-7', 'SKU 7')
    """
    signless = _SIGN.sub("", cell)
    return _CODE_BESIDE.sub(lambda code: "" if code[0].upper() in CODES else code[0], signless).strip()
