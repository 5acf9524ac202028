"""What the command line says to people: on stderr, coloured only where a terminal wants it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from patron.cli.pace import Pace
from patron.ground.dates import stopwatch

talk = Console(stderr=True, highlight=False)
_WIDE = 1000
_REALISED = {"en": "How earlier forecasts came true:", "zh": "以往预测的兑现情况："}
_LIMITS = {"en": "What these data cannot support yet:", "zh": "这些数据还不能支持："}


def say(text: str) -> None:
    """Tell the user something, on stderr."""
    talk.print(text, markup=False, soft_wrap=True)


def complain(kind: str, error: object) -> None:
    """Tell the user what went wrong and what to do next, on stderr."""
    first, *rest = str(error).split("\n")
    talk.print(f"[bold red]{kind}:[/] {escape(first)}", soft_wrap=True)
    for line in rest:
        talk.print(f"  {escape(line)}", soft_wrap=True)


def print_findings(said: Mapping[str, Any], lang: str = "en") -> None:
    """Write to stdout what a run found, and what its data could not support."""
    lines = [f"- {line}" for line in said["headlines"][lang]]
    realised = said.get("realised", {}).get(lang, [])
    lines += [_REALISED[lang], *(f"- {line}" for line in realised)] if realised else []
    limits = said.get("limits", {}).get(lang, [])
    lines += [_LIMITS[lang], *(f"- {line}" for line in limits)] if limits else []
    sys.stdout.write("\n".join(lines) + "\n")


def print_json(value: object) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def print_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], title: str = "") -> None:
    """Write rows to stdout as a table for people."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if row.get(name) is None else str(row.get(name))) for name in columns))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDE)  # nothing is cut where nobody looks at a screen
    console.print(table, soft_wrap=not console.is_terminal)


class Steps:
    """A watch that shows stages and the time left on a terminal; elsewhere it leaves one plain line a stage."""

    def __init__(self, *, quiet: bool, last: Mapping[str, float] | None = None) -> None:
        self._quiet = quiet
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            _TimeLeft(),
            console=talk,
            transient=True,
            disable=quiet or not talk.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, ends=None)
        self._pace = Pace(last)
        self._stage = ""
        self._begun = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @property
    def seconds(self) -> Mapping[str, float]:
        """The seconds that each stage took that was done in this run."""
        return self._pace.seconds

    def begin(self, stage: str, note: str = "") -> None:
        """Show that a stage has begun."""
        self._stage, self._begun = f"{stage} {note}".strip(), stopwatch()
        self._show(self._stage, 0.0)

    def note(self, text: str, share: float = 0.0) -> None:
        """Show something worth knowing about the stage under way, of which `share` is done where that is known."""
        self._show(f"{self._stage}: {text}", share)

    def tell(self, text: str) -> None:
        """Leave a line that stays."""
        if not self._quiet:
            say(text)

    def end(self, *, cached: bool = False, row_count: int | None = None) -> None:
        """Leave one line about the finished stage."""
        seconds = stopwatch() - self._begun
        self._pace.finished(self._stage, None if cached else seconds, row_count)
        if self._quiet:
            return
        how = "unchanged" if cached else f"{seconds:.1f} s"
        if row_count and not cached:
            how += f", {row_count:,} rows, {row_count / max(seconds, 1e-3):,.0f} rows/s"
        if talk.is_terminal:
            talk.print(f"[green]✓[/] {escape(self._stage)} [dim]{how}[/]")
        else:
            say(f"{self._stage}: {how}")

    def _show(self, description: str, share: float) -> None:
        left = self._pace.left(self._stage, stopwatch() - self._begun, share)
        self._bar.update(self._task, description=description, ends=None if left is None else stopwatch() + left)


class _TimeLeft(ProgressColumn):
    """The time until the task's own guess of its end, counted down between two guesses."""

    def render(self, task: Task) -> Text:
        """Return what is left in words, or nothing where nothing is known yet."""
        ends = task.fields["ends"]
        return Text("" if ends is None else f"about {spoken(ends - stopwatch())} left", style="dim")


def spoken(seconds: float) -> str:
    """Return a duration as people say it.

    >>> spoken(4.2), spoken(47), spoken(200)
    ('5 s', '45 s', '3 min')
    """
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min"
