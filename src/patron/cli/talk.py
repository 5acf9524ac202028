"""What the command line says to people: on stderr, coloured only where a terminal wants it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from patron.ground.dates import stopwatch

talk = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Tell the user something, on stderr."""
    talk.print(text, markup=False, soft_wrap=True)


def complain(kind: str, error: object) -> None:
    """Tell the user what went wrong and what to do next, on stderr."""
    first, *rest = str(error).split("\n")
    talk.print(f"[bold red]{kind}:[/] {escape(first)}", soft_wrap=True)
    for line in rest:
        talk.print(f"  {escape(line)}", soft_wrap=True)


def print_json(value: object) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], title: str = "") -> None:
    """Write rows to stdout as a table for people."""
    table = Table(*columns, title=title or None, title_justify="left", header_style="bold")
    for row in rows:
        table.add_row(*(escape("" if row.get(name) is None else str(row.get(name))) for name in columns))
    console = Console()
    console.print(table, soft_wrap=not console.is_terminal)


class Steps:
    """A watch that shows stages on a terminal, and is quiet elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=talk,
            transient=True,
            disable=quiet or not talk.is_terminal,
        )
        self._quiet = quiet or not talk.is_terminal
        self._stage = ""
        self._task = self._bar.add_task("", total=None)
        self._begun = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, stage: str, note: str = "") -> None:
        """Show that a stage has begun."""
        self._stage, self._begun = stage, stopwatch()
        self._bar.reset(self._task, description=f"{stage} {note}".strip(), total=None)

    def note(self, text: str) -> None:
        """Show something worth knowing about the stage under way."""
        self._bar.update(self._task, description=f"{self._stage}: {text}")

    def end(self, *, cached: bool = False, row_count: int | None = None) -> None:
        """Leave one line about the finished stage."""
        if self._quiet:
            return
        seconds = stopwatch() - self._begun
        how = "unchanged" if cached else f"{seconds:.1f} s"
        if row_count and not cached:
            how += f", {row_count:,} rows, {row_count / max(seconds, 1e-3):,.0f} rows/s"
        talk.print(f"[green]✓[/] {escape(self._stage)} [dim]{how}[/]")
