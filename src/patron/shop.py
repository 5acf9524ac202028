"""The Python door: open a shop, run its Plan, read what it says about every customer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron import settings as where
from patron.contracts.protocols import Silent, Watch
from patron.engines.shelf import Shelf
from patron.ground.dates import parse_day
from patron.ground.errors import PlanError, RunMissing
from patron.runs import Run, RunTable

if TYPE_CHECKING:
    from patron.flow import Place, Plan, Streamed
    from patron.streaming import Source, StreamSpec

ACCOUNTS = ("ledger", "rejects", "fitness")


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop's folder: its Plan, its shelf, its runs."""

    home: Path

    @property
    def shelf(self) -> Shelf:
        """Where its facts and runs lie."""
        return Shelf(self.home / "shelf")

    @property
    def runs(self) -> tuple[Run, ...]:
        """The finished runs, oldest first."""
        return tuple(Run(self.shelf.root / "runs" / name) for name in self.shelf.run_ids())

    def current(self) -> Run:
        """Return the run that is current."""
        return Run(self.shelf.run_folder())

    def accounts(self, name: str) -> RunTable:
        """Return where the rows of the imports are ("ledger", "rejects", "fitness"), also where no run was finished.

        Raises:
            PlanError: there is no account of that name.
            RunMissing: nothing was imported yet.
        """
        if name not in ACCOUNTS:
            raise PlanError.unknown_choice("Account of the imports", name, ACCOUNTS)
        key = self.shelf.pointed("facts.current")
        if key is None:
            raise RunMissing(f"{self.shelf.root} holds no import.\nNext: `patron run` makes one.")
        return RunTable(name, self.shelf.root / "facts" / key / f"{name}.parquet")

    def find(self, run_id: str) -> Run:
        """Return the run whose id begins so."""
        return Run(self.shelf.run_folder(run_id))

    def run(
        self,
        as_of: date | str | None = None,
        *,
        settings: where.Settings | None = None,
        watch: Watch | None = None,
        wait_seconds: float = 0.0,
    ) -> Run:
        """Execute the Plan and return the finished run; stages whose inputs have not changed are not computed again.

        The run made last is the current one, whatever its as_of; `find` opens any other.

        Args:
            as_of: everything dated before this local day is known, nothing later; None: the day after the last order.
            settings: where to run; None: from the environment.
            watch: told of the progress.
            wait_seconds: how long to wait for another run of this shop; 0: refuse at once.
        """
        from patron import flow  # noqa: PLC0415  # heavy: only those who run pay for it

        day = parse_day(as_of) if as_of is not None else None
        plan, place = self._prepared(settings, wait_seconds)
        return Run(flow.run(plan, place, as_of=day, watch=watch or Silent()))

    def stream(
        self,
        sources: Sequence[Source],
        *,
        on_change: Callable[[dict[str, object]], None] = lambda _: None,
        spec: StreamSpec | None = None,
        settings: where.Settings | None = None,
        watch: Watch | None = None,
        follow: bool = False,
    ) -> Streamed:
        """Fold messages into the shop's live state; segments and forecasts follow, by the models of the current run.

        Args:
            sources: `patron.streaming.JsonLines`, `ParquetRows`, or `Messages` of this process.
            on_change: told of every customer who changes a segment.
            spec: how often what is read; None: the defaults.
            settings: where to run; None: from the environment.
            watch: told of the progress.
            follow: wait for more at the end of the sources.
        """
        from patron import flow  # noqa: PLC0415  # heavy
        from patron.streaming import StreamSpec  # noqa: PLC0415

        plan, place = self._prepared(settings)
        how = spec or StreamSpec()
        return flow.stream(plan, place, sources, how, watch=watch or Silent(), on_change=on_change, follow=follow)

    def live(self, customer_id: str, *, settings: where.Settings | None = None) -> dict[str, Any]:
        """Return the features, segments and forecasts of one customer as the messages so far make them.

        Args:
            customer_id: as in the run's tables.
            settings: where to run; None: from the environment.

        Raises:
            InputError: the customer has not bought.
            ShelfBusy: another process streams into this shop.
        """
        from patron import flow  # noqa: PLC0415  # heavy

        plan, place = self._prepared(settings)
        with flow.live_state(plan, place, Silent()) as state:
            return flow.live_customer(state, customer_id)

    def kept_aside(self, *, settings: where.Settings | None = None) -> list[dict[str, object]]:
        """Return the messages that were no facts, each with its source, its place there, and the reason."""
        from patron import flow  # noqa: PLC0415  # heavy

        plan, place = self._prepared(settings)
        with flow.live_state(plan, place, Silent()) as state:
            return list(state.engine.answer("FROM kept_aside ORDER BY source, place").to_pylist())

    def _prepared(self, settings: where.Settings | None, wait_seconds: float = 0.0) -> tuple[Plan, Place]:
        from patron import flow  # noqa: PLC0415  # heavy

        chosen = settings or where.read()
        profiles = flow.profiles_folder(self.home, chosen.profiles)
        place = flow.Place(
            home=self.home,
            memory_limit=chosen.memory_limit,
            threads=chosen.threads,
            spill=chosen.spill,
            pseudonym_key=where.pseudonym_key(chosen, self.home / "shelf"),
            profiles=profiles,
            wait_seconds=wait_seconds,
            engine=chosen.engine,
            spark_master=chosen.spark_master,
        )
        return flow.read_plan(self.home / flow.PLAN_FILE, profiles), place


def open_shop(home: str | Path) -> Shop:
    """Open the shop in a folder that holds a `patron.toml`."""
    folder = Path(home)
    if not (folder / "patron.toml").exists():
        raise PlanError(f"{folder} holds no patron.toml.\nNext: `patron init {folder} EXPORT…` makes a shop of it.")
    return Shop(folder)
