"""Detection: which layout of which source profile a file has, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from patron.ground.errors import MissingColumns, PlanError, UnknownLayout
from patron.records.headers import fold, index, root
from patron.records.spec import Layout, SourceProfile

FITS = 0.5  # from this confidence on, every required header is there
CLOSE = 0.03  # two fits this close together are a tie
LOOKS_LIKE = 0.9  # share of sampled cells that must look as the layout says
GENERIC = 0.8  # what general names are worth beside a profile made for one source


@dataclass(frozen=True, slots=True)
class Sample:
    """The beginning of a file: its headers and some rows as text; `nested` allows paths below a column."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...] = ()
    nested: bool = False
    named: bool = True  # False: the headers are only numbers given to the columns of a file without a header row
    repeated: Mapping[str, str] = field(default_factory=dict)  # a header that was there before: the first one's name

    def cells(self, position: int) -> list[str]:
        """Return the filled cells of one column."""
        cells = (row[position] for row in self.rows if position < len(row))
        return [cell.strip() for cell in cells if cell is not None and cell.strip()]


@dataclass(frozen=True, slots=True)
class Match:
    """How well one layout describes a file."""

    profile: SourceProfile
    layout: Layout
    confidence: float  # 0 to 1; at least 0.5 where every required header is there
    matched: Mapping[str, tuple[str, ...]]  # canonical column: the file's own headers, best first
    missing: tuple[str, ...]  # what each unmet requirement asks for
    why: str

    @property
    def fits(self) -> bool:
        """Whether everything the layout requires is there."""
        return not self.missing and self.confidence > 0


def detect(sample: Sample, profiles: Iterable[SourceProfile]) -> list[Match]:
    """Rank the layouts of all profiles by how well they describe a file.

    Args:
        sample: headers and first rows of the file; a sample of a file without headers is named by position.
        profiles: the profiles to compare with.

    Returns:
        Every layout that has anything in common with the file, best first.

    >>> from patron.records import sources
    >>> headers = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID")
    >>> best = detect(Sample(headers), sources.profiles())[0]
    >>> best.profile.id, best.matched["order_id"]
    ('online-retail', ('InvoiceNo',))
    """
    found = [_match(sample, profile, layout) for profile in profiles for layout in profile.layouts]
    ranked = sorted(found, key=lambda m: (-m.confidence, m.profile.id, m.layout.name))
    return [match for match in ranked if match.confidence > 0]


def choose(sample: Sample, profiles: Sequence[SourceProfile], where: str, profile_id: str = "") -> Match:
    """Return the layout a file has, or refuse with the nearest one.

    Raises:
        UnknownLayout: nothing fits, or two layouts fit equally well.
        MissingColumns: the profile asked for lacks columns in this file.
        PlanError: no profile is called `profile_id`.
    """
    allowed = [profile for profile in profiles if not profile_id or profile.id == profile_id]
    if not allowed:
        raise PlanError.unknown_choice("Source profile", profile_id, [profile.id for profile in profiles])
    ranked = detect(sample, allowed)
    fits = [match for match in ranked if match.fits]
    if not fits:
        raise _nothing_fits(sample, ranked, where, profile_id)
    rivals = [match for match in fits[1:] if fits[0].confidence - match.confidence < CLOSE]
    _check_codes(fits[0], sample, where)
    if rivals and not profile_id:
        names = [f"{match.profile.id} ({match.layout.name})" for match in (fits[0], *rivals)]
        raise UnknownLayout(
            f"{where} could be any of: {', '.join(names)}.\nIts columns are {list(sample.headers)}.\n"
            "Next: name the source yourself, for example `--profile " + fits[0].profile.id + "`."
        )
    return fits[0]


def ignored(sample: Sample, profiles: Iterable[SourceProfile]) -> str:
    """Return the name of the known file without facts that this is, or ''."""
    present = set(index(sample.headers))
    for profile in profiles:
        for name, headers in profile.ignores.items():
            if {fold(header) for header in headers} <= present:
                return f"{profile.id}: {name}"
    return ""


def _check_codes(match: Match, sample: Sample, where: str) -> None:
    """Refuse event types that are bare numbers: 1 is a view in one system and a purchase in another."""
    words = {word.casefold() for names in match.layout.values.get("type", {}).values() for word in names}
    headers = match.matched.get("type", ()) if match.layout.level == "event" else ()
    for header in headers:
        codes = set(sample.cells(sample.headers.index(header))) if header in sample.headers else set()
        if codes and all(code.isdigit() for code in codes) and not codes & words:
            raise UnknownLayout(
                f"{where}: column {header!r} holds the codes {sorted(codes)[:9]}, "
                "whose meaning differs between systems.\n"
                f"Next: say what they mean, as `values.type` in a profile of your own (`patron init SHOP {where}`)."
            )


def _match(sample: Sample, profile: SourceProfile, layout: Layout) -> Match:
    if layout.header != sample.named:
        return Match(profile, layout, 0.0, {}, (), "has a header row" if layout.header else "has no header row")
    if not layout.header:
        return _headerless(sample, profile, layout)
    present = index(sample.headers)
    known = set(present) | {
        fold(header) for header in _paths(layout) if sample.nested and root(header) in sample.headers
    }
    met = [any(fold(header) in known for header in group) for group in layout.require]
    missing = tuple(group[0] for group, is_met in zip(layout.require, met, strict=True) if not is_met)
    barred = [header for header in layout.forbid if fold(header) in present]
    share = sum(met) / len(met)
    if missing or barred:
        why = f"lacks {', '.join(missing)}" if missing else f"has {barred[0]}, which this layout never has"
        worth = (0.3 if not missing else 0.49) * share * (GENERIC if profile.generic else 1.0)
        return Match(profile, layout, round(worth, 3), _columns(layout, sample), missing or tuple(barred), why)
    return _fit(sample, profile, layout)


def _fit(sample: Sample, profile: SourceProfile, layout: Layout) -> Match:
    matched = _columns(layout, sample)
    said = {fold(header) for header in (*_paths(layout), *layout.also)} | {fold(root(h)) for h in _paths(layout)}
    said |= {fold(header) for group in layout.require for header in group}
    told = sum(fold(header) in said or fold(root(header)) in said for header in sample.headers) / len(sample.headers)
    used = sum(bool(headers) for headers in matched.values()) / len(layout.columns)
    odd = _odd_looks(sample, layout)
    confidence = (FITS + 0.35 * told + 0.15 * used) * (GENERIC if profile.generic else 1.0)
    why = f"all required columns are there; {told:.0%} of the file's columns are known"
    if odd:
        return Match(profile, layout, round(confidence * 0.6, 3), matched, (), f"{why}, but {odd} looks different")
    return Match(profile, layout, round(confidence, 3), matched, (), why)


def _headerless(sample: Sample, profile: SourceProfile, layout: Layout) -> Match:
    if len(sample.headers) != len(layout.names) or not sample.rows:
        return Match(profile, layout, 0.0, {}, (), f"has {len(layout.names)} columns")
    named = Sample(layout.names, sample.rows)
    odd = _odd_looks(named, layout)
    if odd:
        return Match(profile, layout, 0.0, {}, (), f"{odd} looks different")
    return Match(profile, layout, 0.95, _columns(layout, named), (), "every column looks as this headerless file's do")


def _columns(layout: Layout, sample: Sample) -> dict[str, tuple[str, ...]]:
    present = index(sample.headers)
    found: dict[str, tuple[str, ...]] = {}
    for name, accepted in layout.columns.items():
        below = [h for h in accepted if sample.nested and fold(h) not in present and root(h) != h]
        inside = {fold(h): h for h in below if root(h) in sample.headers}
        hits = [present.get(fold(h)) or inside.get(fold(h)) for h in accepted]
        found[name] = tuple(dict.fromkeys(hit for hit in hits if hit))
    return _with_the_rest(found, layout, sample)


def _with_the_rest(found: dict[str, tuple[str, ...]], layout: Layout, sample: Sample) -> dict[str, tuple[str, ...]]:
    taken = {header for headers in found.values() for header in headers}
    rest = tuple(header for header in sample.headers if header not in taken)
    whole = {name: (name,) if name in rest else rest for name in found}
    return {name: whole[name] if layout.columns[name] == ("*",) else headers for name, headers in found.items()}


def _paths(layout: Layout) -> list[str]:
    return [header for headers in layout.columns.values() for header in headers]


def _odd_looks(sample: Sample, layout: Layout) -> str:
    present = {fold(header): position for position, header in enumerate(sample.headers)}
    for header, pattern in layout.looks.items():
        cells = sample.cells(present[fold(header)]) if fold(header) in present else []
        if cells and sum(bool(re.search(pattern, cell)) for cell in cells) < LOOKS_LIKE * len(cells):
            return header
    return ""


def _nothing_fits(sample: Sample, ranked: list[Match], where: str, profile_id: str) -> UnknownLayout | MissingColumns:
    if profile_id and ranked:
        hint = f"add the column, or describe this file in a profile of your own: `patron init SHOP {where}`."
        return MissingColumns.found(f"{where} (read as {profile_id!r})", ranked[0].missing, sample.headers, hint)
    lines = [f"{where}: no source profile fits its columns {list(sample.headers)}."]
    if ranked:
        near = ranked[0]
        lines += [f"The closest is {near.profile.id!r} ({near.layout.name}): {near.why}."]
    if len(sample.headers) == 1:
        lines += ["Only one column was found: the cells may be separated by something other than , ; | or tab."]
    lines += [f"Next: `patron init SHOP {where}` proposes a mapping that you can check and save."]
    return UnknownLayout("\n".join(lines))
