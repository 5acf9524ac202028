"""The story of the live fold: messages in, facts kept, touched customers read again.

    with State(folder) as state:
        live = Live(state, Reading("Europe/London", "GBP", key), StreamSpec())
        live.run([open_source(path)], on_read=lambda rows: ...)

Whatever happens to the process, the next one goes on where the last chunk that was kept ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pyarrow as pa

from patron.ground.dates import now, stopwatch
from patron.streaming.fields import Reading
from patron.streaming.fold import Fold, Folded
from patron.streaming.hot import Hot
from patron.streaming.messages import MessageReader
from patron.streaming.passing import prepare_to_pass
from patron.streaming.settle import Settled, settle
from patron.streaming.sources import Source
from patron.streaming.spec import StreamSpec
from patron.streaming.state import State

_POLL_SECONDS = 0.2
OnRead = Callable[[pa.Table], None]


@dataclass(slots=True)
class Progress:
    """What has been folded since the start of a `run`."""

    taken: int = 0
    repeated: int = 0
    kept_aside: int = 0
    customers_read: int = 0
    seconds_between_reads: list[float] = field(default_factory=list)

    @property
    def messages(self) -> int:
        """All messages."""
        return self.taken + self.repeated + self.kept_aside


class Live:
    """A shop that is folded message by message.

    Args:
        state: where it is kept.
        shop: how its messages are understood.
        spec: how often what is read.
    """

    def __init__(self, state: State, shop: Reading, spec: StreamSpec) -> None:
        self.state, self.spec = state, spec
        self._fold = Fold(state, MessageReader(state.engine, shop))
        self._hot: Hot | None = None
        self._is_touched = False
        self.progress = Progress()

    def start(self) -> None:
        """Settle what a process before left unsettled, and prepare to read; `run` does so by itself when it must."""
        if self.state.is_unsettled:
            self.settle()
        if self.state.as_of is not None:
            self._hot = Hot(self.state)
        self.state.program  # noqa: B018  # compiled now, not at the first settling
        prepare_to_pass(self.state)

    def fold(self, source: Source) -> Folded | None:
        """Fold the next chunk of a source; None where it has none, or none yet."""
        chunk = source.read(self.state.position(source.name), self.spec.batch_rows)
        if chunk is None:
            return None
        folded = self._fold.fold(source.name, chunk, now() + timedelta(seconds=self.spec.skew_seconds))
        self.progress.taken += folded.taken
        self.progress.repeated += folded.repeated
        self.progress.kept_aside += folded.kept_aside
        return folded

    def follow(self, folded: Folded) -> None:
        """Let the parts in memory follow a chunk that was folded just now."""
        self._is_touched = True
        if self._hot is None or folded.grew:
            self.settle()
            self._hot = self._hot or Hot(self.state)
            self._hot.hold(folded.tables)
        else:
            self._hot.touch(folded.tables)

    def read(self) -> pa.Table | None:
        """Return the features of everyone touched since the last reading, as of the day after the newest fact."""
        if self._hot is None or self.state.as_of is None:
            return None
        rows = self._hot.read(self.state.as_of)
        self._is_touched = False
        self.progress.customers_read += rows.num_rows
        return rows

    def settle(self) -> Settled:
        """Make the tiles and reduced rows on disk say what the facts say."""
        settled = settle(self.state)
        if self._hot is not None:
            self._hot.reset()
        return settled

    def run(
        self,
        sources: Sequence[Source],
        on_read: OnRead | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_settled: Callable[[], object] = lambda: None,
        *,
        follow: bool = False,
    ) -> Progress:
        """Fold sources, in turn, a chunk each, to their end, and settle.

        Args:
            sources: of messages.
            on_read: told of the features of the touched, at least every `reread_seconds`; None: nobody is read.
            on_progress: told after every turn.
            on_settled: told when what is on disk is settled: at the end, when too many customers are active, and, while
                following, when a new day has begun, since time alone moves customers.
            follow: wait for more at the end; stop with Ctrl-C, and nothing is lost.
        """
        last, busy = stopwatch(), list(sources)
        while busy:
            folded = {source: self._turn(source, reads=on_read is not None) for source in busy}
            is_dry = not any(folded.values())
            busy = busy if follow else [source for source in busy if folded[source]]
            if on_read is not None and self._is_touched and (stopwatch() - last >= self.spec.reread_seconds or is_dry):
                last = self._tell(on_read, last)
            on_progress(self.progress)
            if self._is_full() or (follow and self._is_new_day()):
                self.settle()
                on_settled()
            if is_dry and follow:
                time.sleep(_POLL_SECONDS)
        if self.state.is_unsettled:
            settle(self.state)
            self._hot = None  # who is held would have to be brought in again, for a reading that may never come
        on_settled()
        return self.progress

    def _is_full(self) -> bool:
        return self._hot is not None and self._hot.customers > self.spec.most_active_customers

    def _is_new_day(self) -> bool:
        return self.state.as_of != self.state.settled_as_of

    def _turn(self, source: Source, *, reads: bool) -> bool:
        """Fold a source's next chunk, and say whether there was one."""
        folded = self.fold(source)
        if folded is not None and reads:
            self.follow(folded)
        return folded is not None

    def _tell(self, on_read: OnRead, last: float) -> float:
        rows = self.read()
        if rows is not None and rows.num_rows:
            on_read(rows)
        moment = stopwatch()
        self.progress.seconds_between_reads.append(moment - last)
        return moment
