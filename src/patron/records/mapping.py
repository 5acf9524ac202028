"""Mapping a file: what its columns are taken for, to be checked, corrected, and saved as a profile."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import tomlkit

from patron.ground.errors import InputError, MissingColumns
from patron.records import sources
from patron.records.detection import Match, Sample
from patron.records.guessing import Guess, as_named, guesses
from patron.records.headers import fold, index
from patron.records.spec import Layout, SourceProfile
from patron.records.staging import COLUMNS
from patron.records.vocabulary import targets

_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "line": (("order_id", "ordered_at"), ("customer_id", "email"), ("product_id", "product_name")),
    "order": (("ordered_at",), ("customer_id", "email")),
    "event": (("occurred_at",), ("type",), ("customer_id", "anonymous_id")),
}
_CODE = re.compile(r"^\d{1,2}$")


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
    taken = set((changes or {}).values())
    guessed = {name: header for name, header in proposal.mapping().items() if header not in taken}
    chosen = guessed | dict(changes or {})
    columns = {name: (header,) for name, header in chosen.items() if header}
    _check_needed(proposal.level, columns, [*(guess.header for guess in proposal.guesses), *proposal.unused])
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


def explain(sample: Sample, match: Match) -> Proposal:
    """Return what a known layout takes each column of a file for, in the form of a proposal."""
    places = {header: at for at, header in enumerate(sample.headers)}
    read = tuple(
        as_named(column, match.layout.level, header, sample.cells(places[header]) if header in places else [])
        for column, headers in match.matched.items()
        for header in headers
    )
    used = {guess.header for guess in read}
    return Proposal(match.layout.level, read, tuple(h for h in sample.headers if h not in used), (), ())


def amend(match: Match, profile_id: str, changes: Mapping[str, str]) -> SourceProfile:
    """Turn a known layout, with some of its columns read otherwise, into a profile of the shop's own.

    Args:
        match: the layout as it fits the file.
        profile_id: the new profile's id.
        changes: canonical column: header, as the user wants it; an empty header drops the column.

    Raises:
        MissingColumns: time or customer would be missing.
    """
    kept = {name: headers for name, headers in match.matched.items() if headers and name not in changes}
    taken = set(changes.values())
    kept = {name: tuple(h for h in headers if h not in taken) for name, headers in kept.items()}
    columns = {name: h for name, h in kept.items() if h} | {name: (h,) for name, h in changes.items() if h}
    _check_needed(match.layout.level, columns, [h for headers in match.matched.values() for h in headers])
    layout = match.layout.model_copy(
        update={"columns": columns, "require": tuple((headers[0],) for headers in columns.values()), "forbid": ()}
    )
    named = {"id": profile_id, "title": f"Corrected by hand: {profile_id}", "generic": False, "layouts": (layout,)}
    return sources.parse(to_toml(match.profile.model_copy(update=named)), f"profile {profile_id!r}")


def target(said: str, level: str) -> str:
    """Return the canonical column that a word means.

    Raises:
        InputError: it means none, or more than one; the likely one and all that there are are named.
    """
    found = targets(said, level)
    if len(found) == 1:
        return found[0]
    known = [name for name, kind in COLUMNS[level].items() if kind != "json"]  # type: ignore[index]
    if found:
        raise InputError(
            f"--map {said!r} can mean {' or '.join(found)}.\nNext: write the one you mean, as {found[0]}=HEADER."
        )
    near = get_close_matches(said, known, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    raise InputError(
        f"--map: {said!r} is no column of Patron's.{guess}\nA row that is one {level} has: {', '.join(known)}."
    )


def to_toml(profile: SourceProfile) -> str:
    """Return the profile as TOML text that `sources.profiles(extra)` reads back."""
    kept = profile.model_dump(mode="json", exclude_defaults=True)
    return tomlkit.dumps(json.loads(json.dumps(kept)))


def _check_needed(level: str, columns: Mapping[str, object], headers: list[str]) -> None:
    missing = [group[0] for group in _NEEDED.get(level, ()) if not set(group) & set(columns)]
    if missing:
        hint = "say which header holds each, for example `--map customer_id=HEADER`."
        raise MissingColumns.found("The mapping", missing, headers, hint)


def _for_level(sample: Sample, level: str) -> Proposal:
    found = guesses(sample, level)
    used = {guess.header for guess in found}
    unused = tuple(header for header in sample.headers if header not in used)
    formats, doubts = _time_formats(found, sample, COLUMNS[level])  # type: ignore[index]
    questions = (*_code_questions(found, sample), *doubts, *_gaps(level, found))
    return Proposal(level, tuple(found), unused, formats, questions)


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
    asked = tuple(
        f"which column is the {' or '.join(group)}?" for group in _NEEDED.get(level, ()) if not have & set(group)
    )
    if level == "line" and "quantity" not in have:
        return (*asked, "which column is the quantity? A line without one is rejected.")
    return asked


def _worth(proposal: Proposal) -> tuple[float, float]:
    needed = _NEEDED.get(proposal.level, ())
    best = {guess.column: guess.confidence for guess in proposal.guesses}
    met = sum(max((best.get(name, 0.0) for name in group), default=0.0) >= 0.5 for group in needed)
    return met - len(needed), sum(best.values())
