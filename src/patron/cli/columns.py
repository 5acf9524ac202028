"""The columns of a file and what they are read as: shown, asked about, and corrected with `--map`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import typer

from patron import records
from patron.cli.talk import print_rows, say, talk
from patron.ground.errors import InputError, PlanError
from patron.records import Found, Match, Proposal, Sample

_MOST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Looked:
    """A file, the layout that it has, if any is known, what its columns are taken for, and its own mapping's id."""

    file: Found
    match: Match | None
    proposal: Proposal
    own_id: str


def show(proposal: Proposal, sample: Sample, changes: Mapping[str, str]) -> None:
    """Show what each column will be read as, with an example, and which columns are left out."""
    taken = set(changes.values())
    rows = [
        (guess.header, guess.column, f"{guess.confidence:.0%}", guess.why)
        for guess in proposal.guesses
        if guess.column not in changes and guess.header not in taken
    ]
    rows += [(header, column, "", "as --map says") for column, header in changes.items() if header]
    shown = [
        {
            "your column": header,
            "Patron's column": column,
            "confidence": sure,
            "example": _example(sample, header),
            "why": why,
        }
        for header, column, sure, why in rows
    ]
    print_rows(shown, ("your column", "Patron's column", "confidence", "example", "why"))
    read = {header for header, *_ in rows}
    unused = [header for header in sample.headers if header not in read]
    if unused:
        say(f"Not used: {', '.join(unused)}")
    for question in proposal.questions:
        say(f"Open: {question}")


def can_ask() -> bool:
    """Return whether somebody sits there to answer."""
    return talk.is_terminal and sys.stdin.isatty()


def ask(proposal: Proposal, sample: Sample, changes: Mapping[str, str]) -> dict[str, str]:
    """Ask about every guess that is not sure, then for corrections until there are none."""
    mine = dict(changes)
    for guess in proposal.guesses:
        if not guess.is_sure and guess.column not in mine:
            said = typer.prompt(f"{guess.column}: which column? (- for none)", default=guess.header, err=True)
            mine[guess.column] = "" if said == "-" else _header(said, sample.headers)
    question = "Enter to go on, or a correction such as customer_id=Client (nothing behind = leaves it out)"
    while said := typer.prompt(question, default="", show_default=False, err=True).strip():
        try:
            column, header = _pair(said, sample.headers)
            mine[records.target(column, proposal.level)] = header
        except (InputError, PlanError) as error:
            say(str(error))
            continue
        show(proposal, sample, mine)
    as_proposed = {(guess.column, guess.header) for guess in proposal.guesses}
    return {column: header for column, header in mine.items() if (column, header) not in as_proposed}


def corrections(mapping: Sequence[str], files: Sequence[Looked]) -> list[dict[str, str]]:
    """Read what `--map` says: for each file, Patron's columns and the headers that hold them, "" to leave one out.

    Raises:
        InputError: a text is not name=header, its name is none of Patron's, or it would change nothing.
        PlanError: no file has that header.
    """
    headers = [header for looked in files for header in looked.file.sample.headers]
    mine: list[dict[str, str]] = [{} for _ in files]
    for text in mapping:
        said, header = _pair(text, headers)
        meant = [_meant(said, header, looked) for looked in files]
        if not any(isinstance(column, str) for column in meant):
            raise next(error for error in meant if isinstance(error, InputError))
        for changes, column in zip(mine, meant, strict=True):
            if isinstance(column, str):
                changes[column] = header
    return mine


def _meant(said: str, header: str, looked: Looked) -> str | InputError:
    """Return the column of one file that a name means, or why it means none there."""
    proposal = looked.proposal
    read = {guess.header: guess.column for guess in proposal.guesses}
    try:
        column = read[said] if not header and said in read else records.target(said, proposal.level)
    except InputError as error:
        return error
    if header and header not in looked.file.sample.headers:
        return InputError(f"{looked.file.where} has no column {header!r}.")
    if not header and column not in read.values():
        near = next((name for name in read.values() if name.rsplit("_", 1)[-1] == column.rsplit("_", 1)[-1]), "")
        guess = f" Did you mean {near!r}?" if near else ""
        return InputError(
            f"--map {said}= leaves out what is read as {column}, and nothing is.{guess}\n"
            f"Read from {looked.file.where}: {', '.join(dict.fromkeys(read.values()))}."
        )
    return column


def _pair(text: str, headers: Sequence[str]) -> tuple[str, str]:
    column, equals, header = (part.strip() for part in text.partition("="))
    if not equals or not column:
        raise InputError(
            f"--map {text!r} is not name=header.\n"
            "Write Patron's name, =, and your header: customer_id=Client. Nothing behind = leaves the column out."
        )
    return column, _header(header, headers) if header else ""


def _header(said: str, headers: Sequence[str]) -> str:
    if said not in headers:
        raise PlanError.unknown_choice("Header", said, dict.fromkeys(headers))
    return said


def _example(sample: Sample, header: str) -> str:
    cells = sample.cells(sample.headers.index(header)) if header in sample.headers else []
    text = cells[0] if cells else ""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
