"""Everything Patron can refuse, on one page.

PatronError
├── InputError            a file, table or argument that cannot be read as what it claims to be
│   ├── UnreadableFile        cannot be opened, decoded or parsed
│   ├── EmptyInput            holds no rows
│   ├── UnknownLayout         no source profile fits its columns
│   └── MissingColumns        lacks columns that the work needs
├── DataRefused           readable, but what it says must not be trusted (exit code 3)
│   ├── IdentityRefused       customer ids that do not name people
│   └── NotEnoughData         too few customers, orders or days for the output asked for
├── PlanError             a Plan, spec, playbook or scheme that contradicts itself or the data
├── ContractBroken        a table at a doorway does not keep its contract
├── LeakFound             a row knows something from on or after its as_of
├── ShelfError            the place where a shop lives
│   ├── ShelfBusy             another run holds it
│   ├── ShelfFull             the disk is full or not writable
│   └── RunMissing            no finished run answers to that name
└── ExtraMissing          an optional dependency is not installed

A message says where, what came, what was expected, and what to do next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Self


class PatronError(Exception):
    """Anything Patron refuses to do, in words a user can act on."""


class InputError(PatronError):
    """A file, table or argument that cannot be read as what it claims to be."""


class UnreadableFile(InputError):
    """A file that cannot be opened, decoded or parsed."""


class EmptyInput(InputError):
    """A file or table without a single row."""


class UnknownLayout(InputError):
    """A file whose columns no source profile recognises."""


class MissingColumns(InputError):
    """A table that lacks columns the work needs."""

    @classmethod
    def found(cls, where: str, missing: Collection[str], present: Iterable[str], hint: str = "") -> Self:
        """Build the message from the facts: where, what is missing, what is there instead."""
        names = list(present)
        near = {name: get_close_matches(name, names, n=1) for name in missing}
        guesses = ", ".join(f"{match[0]!r} for {name!r}" for name, match in sorted(near.items()) if match)
        lines = [f"{where} lacks the column(s) {sorted(missing)}.", f"It has: {names}."]
        lines += [f"Did you mean {guesses}?"] if guesses else []
        return cls("\n".join(lines + ([f"Next: {hint}"] if hint else [])))


class DataRefused(PatronError):
    """Data that is readable, but that must not be trusted for what was asked."""


class IdentityRefused(DataRefused):
    """Customer ids that do not name people (per-order ids, masked buyers, one id for most orders)."""


class NotEnoughData(DataRefused):
    """Too few customers, orders or days for the output asked for.

    `key` and `numbers` say the same as the message to whoever tells it in another language; the key may be empty.
    """

    def __init__(self, message: str, key: str = "", **numbers: int) -> None:
        super().__init__(message)
        self.key = key
        self.numbers = numbers


class PlanError(PatronError):
    """A Plan, spec, playbook or scheme that contradicts itself or the data."""

    @classmethod
    def unknown_choice(cls, where: str, got: object, known: Iterable[str]) -> Self:
        """Build the message for a name that is not in the list of known names."""
        names = sorted(known)
        near = get_close_matches(str(got), names, n=1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        return cls(f"{where}: {got!r} is not known.{guess}\nChoose one of: {', '.join(names)}.")


class ContractBroken(PatronError):
    """A table at a doorway that does not keep its written contract."""


class LeakFound(PatronError):
    """A row that knows something from on or after its as_of."""


class ShelfError(PatronError):
    """The place where a shop lives cannot be used."""


class ShelfBusy(ShelfError):
    """Another run holds the shelf."""


class ShelfFull(ShelfError):
    """The disk is full or the folder is not writable."""


class RunMissing(ShelfError):
    """No finished run answers to that name."""


class ExtraMissing(PatronError):
    """An optional dependency is not installed."""

    @classmethod
    def named(cls, extra: str, needed_for: str) -> Self:
        """Build the message from the extra's name and what it is needed for."""
        return cls(f"{needed_for} needs an optional part of Patron.\nInstall it: pip install 'patron[{extra}]'")

    @classmethod
    def library(cls, package: str, needed_for: str) -> Self:
        """Build the message from the name of a library that does not come with Patron, and what needs it."""
        return cls(f"{needed_for} needs {package}, which is not installed.\nNext: pip install {package}")
