"""Mapping an unknown file: a proposal with a confidence for each column, to be checked and saved as a profile."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import tomlkit

from patron.ground.errors import MissingColumns
from patron.records import sources
from patron.records.detection import Sample
from patron.records.headers import fold, index
from patron.records.spec import Layout, SourceProfile
from patron.records.staging import COLUMNS

SURE = 0.8  # from here on a column may be taken without asking
_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "line": (("order_id", "ordered_at"), ("customer_id", "email"), ("product_id", "product_name")),
    "order": (("ordered_at",), ("customer_id", "email")),
    "event": (("occurred_at",), ("type",), ("customer_id", "anonymous_id")),
}
_ALSO_CALLED: Mapping[str, tuple[str, ...]] = {
    "customer_id": (
        "uid",
        "cust no",
        "cust id",
        "client",
        "account",
        "kunde",
        "cliente",
        "用户",
        "客户",
        "买家",
        "会员",
    ),
    "order_id": ("sales doc", "document no", "receipt", "bestellung", "pedido", "订单", "单号", "小票号"),
    "product_id": ("iid", "material", "article", "artikel", "goods", "商品", "货品"),
    "ordered_at": ("posting dt", "posting date", "day", "datum", "fecha", "下单日", "购买日期"),
    "occurred_at": ("event day", "log time", "日志时间"),
    "quantity": ("qty sold", "pieces", "menge", "件数"),
    "item_count": ("qty sold", "pieces", "menge", "件数"),
    "line_total": ("net value", "net amount", "turnover", "betrag", "销售金额"),
    "goods_amount": ("net value", "net amount", "turnover", "betrag", "销售金额"),
}
_DATE = re.compile(
    r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b|^(19|20)\d{6}$|^1\d{9}(\d{3})?$"
)
_NUMBER = re.compile(r"^[\s¥￥$€£]*[-+(]?\d[\d,.\s]*\)?$")
_MONEY = re.compile(r"^[\s¥￥$€£]*[-+(]?\d[\d,.\s]*[.,]\d{1,2}\)?$|^[¥￥$€£]")
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


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping for a file that no profile knows."""

    level: str
    guesses: tuple[Guess, ...]
    unused: tuple[str, ...]  # headers that nothing was proposed for
    time_formats: tuple[str, ...]
    questions: tuple[str, ...]  # what a person must decide before this is right

    def mapping(self) -> dict[str, str]:
        """Return canonical column: header, for every guess."""
        return {guess.column: guess.header for guess in self.guesses}


def propose(sample: Sample, level: str = "") -> Proposal:
    """Propose what each column of an unknown file means, from its name and from what its cells look like.

    Args:
        sample: headers and first rows of the file.
        level: what a row is ("line", "order" or "event"); empty: the level that fits best.

    >>> rows = (("1001", "u7", "2024-03-01", "19.90"), ("1002", "u9", "2024-03-02", "5.00"))
    >>> proposal = propose(Sample(("Bestellung Order Nr", "Customer", "Order Date", "Amount EUR"), rows))
    >>> proposal.level, proposal.mapping()["ordered_at"], proposal.mapping()["customer_id"]
    ('order', 'Order Date', 'Customer')
    """
    levels = [level] if level else list(_NEEDED)
    proposals = [_for_level(sample, each) for each in levels]
    return max(proposals, key=_worth)


def accept(proposal: Proposal, profile_id: str, changes: Mapping[str, str] | None = None) -> SourceProfile:
    """Turn a proposal into a profile.

    Args:
        proposal: what was proposed.
        profile_id: the new profile's id.
        changes: canonical column: header, as the user wants it; an empty header drops the column.

    Raises:
        MissingColumns: time or customer is still open.
    """
    chosen = proposal.mapping() | dict(changes or {})
    columns = {name: (header,) for name, header in chosen.items() if header}
    missing = [group[0] for group in _NEEDED.get(proposal.level, ()) if not set(group) & set(columns)]
    if missing:
        headers = [guess.header for guess in proposal.guesses] + list(proposal.unused)
        raise MissingColumns.found("The mapping", missing, headers, "say which header holds each, column=header.")
    required = {name for group in _NEEDED.get(proposal.level, ()) for name in group}
    layout = Layout(
        name="file",
        level=proposal.level,
        require=tuple(headers for name, headers in columns.items() if name in required),
        columns=columns,
        time_formats=proposal.time_formats,
        values=_known_words(proposal.level, set(columns)),
        orders_from="order_id" if proposal.level == "event" and "order_id" in columns else "",
    )
    found = SourceProfile(id=profile_id, title=f"Mapped by hand: {profile_id}", layouts=(layout,))
    return sources.parse(to_toml(found), f"profile {profile_id!r}")


def to_toml(profile: SourceProfile) -> str:
    """Return the profile as TOML text that `sources.profiles(extra)` reads back."""
    kept = profile.model_dump(mode="json", exclude_defaults=True)
    return tomlkit.dumps(json.loads(json.dumps(kept)))


def _for_level(sample: Sample, level: str) -> Proposal:
    known = {name: kind for name, kind in COLUMNS[level].items() if kind != "json"}  # type: ignore[index]
    synonyms = _synonyms(level)
    scored = [
        _guess(name, kind, header, sample.cells(position), synonyms)
        for name, kind in known.items()
        for position, header in enumerate(sample.headers)
    ]
    guesses = _one_each(sorted(scored, key=lambda guess: -guess.confidence))
    used = {guess.header for guess in guesses}
    unused = tuple(header for header in sample.headers if header not in used)
    formats, doubts = _time_formats(guesses, sample, known)
    questions = (*_code_questions(guesses, sample), *doubts, *_gaps(level, guesses))
    return Proposal(level, tuple(guesses), unused, formats, questions)


def _one_each(ranked: Sequence[Guess]) -> list[Guess]:
    taken: set[str] = set()
    chosen: list[Guess] = []
    for guess in ranked:
        if guess.confidence >= 0.5 and guess.header not in taken and guess.column not in {g.column for g in chosen}:
            chosen.append(guess)
            taken.add(guess.header)
    return chosen


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
        looks = _NUMBER.search
    elif name in {"quantity", "item_count", "line_no", "returned_quantity"}:
        looks = _SMALL_WHOLE.search
    elif kind in {"real", "int"}:
        looks = _NUMBER.search
    elif name.endswith("_id"):
        looks = lambda cell: not _MONEY.search(cell) and len(cell) <= 80  # noqa: E731
    else:
        return 1.0
    return sum(bool(looks(cell)) for cell in cells) / len(cells)


def _synonyms(level: str) -> dict[str, tuple[str, ...]]:
    """Return every header that any shipped profile reads into each column of the level, and the column's own name."""
    words = {name: [name] for name in COLUMNS[level]}  # type: ignore[index]
    for profile in sources.profiles():
        for layout in profile.layouts:
            if layout.level == level and (profile.generic or not _is_odd(profile)):
                for name, headers in layout.columns.items():
                    words[name] += [header for header in headers if "[" not in header and header != "*"]
    return {name: tuple(dict.fromkeys([*found, *_ALSO_CALLED.get(name, ())])) for name, found in words.items()}


def _is_odd(profile: SourceProfile) -> bool:
    """Whether a profile calls things so unusually that its words mislead elsewhere (`Name` for an order number)."""
    return profile.id in {"shopify-orders", "magento", "cdnow"}


def _known_words(level: str, columns: set[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    layouts = sources.profile("canonical").layouts
    values = next((layout.values for layout in layouts if layout.level == level), {})
    return {name: words for name, words in values.items() if name in columns}


def _time_formats(
    guesses: Sequence[Guess], sample: Sample, kinds: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the order of day and month that the cells show, or the question which one it is."""
    places = {header: position for position, header in enumerate(sample.headers)}
    for guess in guesses:
        cells = sample.cells(places[guess.header]) if kinds[guess.column] == "instant" else []
        split = [m.groups() for cell in cells if (m := re.match(r"^(\d{1,2})[/-](\d{1,2})[/-]\d", cell))]
        if not split:
            continue
        day_first, month_first = any(int(a) > 12 for a, _ in split), any(int(b) > 12 for _, b in split)
        if day_first != month_first:
            start = "%d{0}%m{0}" if day_first else "%m{0}%d{0}"
            return _spelled(start.format(re.sub(r"\d", "", cells[0])[0]), cells[0]), ()
        return (), (f"{guess.header}: is {cells[0]!r} day/month or month/day?",)
    return (), ()


def _spelled(start: str, cell: str) -> tuple[str, ...]:
    year = "%Y" if re.match(r"^\d{1,2}.\d{1,2}.\d{4}", cell) else "%y"
    return tuple(f"{start}{year}{clock}" for clock in ("", " %H:%M", " %H:%M:%S"))


def _code_questions(guesses: Sequence[Guess], sample: Sample) -> tuple[str, ...]:
    places = index(sample.headers)
    return tuple(
        f"{guess.header}: what do the codes {sorted(set(cells))[:9]} mean (view, cart, purchase, …)?"
        for guess in guesses
        if guess.column == "type" and fold(guess.header) in places
        for cells in [sample.cells(sample.headers.index(guess.header))]
        if cells and all(_CODE.match(cell) for cell in cells)
    )


def _gaps(level: str, guesses: Sequence[Guess]) -> tuple[str, ...]:
    have = {guess.column for guess in guesses}
    return tuple(
        f"which column is the {' or '.join(group)}?" for group in _NEEDED.get(level, ()) if not have & set(group)
    )


def _worth(proposal: Proposal) -> tuple[float, float]:
    needed = _NEEDED.get(proposal.level, ())
    best = {guess.column: guess.confidence for guess in proposal.guesses}
    met = sum(max((best.get(name, 0.0) for name in group), default=0.0) >= 0.5 for group in needed)
    return met - len(needed), sum(best.values())
