"""What a finished run says: its tables, its words, and why."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from patron.ground.errors import ExtraMissing, PlanError

if TYPE_CHECKING:
    from patron.flow import CustomerExplanation

_SHOWN_ROWS = 10


@dataclass(frozen=True, slots=True)
class RunTable:
    """One table of a run, read when asked for; hand it to any dataframe library.

    `to_arrow`, `to_pandas` and `to_polars` return the whole table; anything that speaks the Arrow stream protocol
    (polars, DuckDB, pandas 3, narwhals) takes the object itself.
    """

    name: str
    path: Path

    def __len__(self) -> int:
        return int(pq.ParquetFile(self.path).metadata.num_rows)

    @property
    def columns(self) -> list[str]:
        """The table's columns."""
        return list(pq.read_schema(self.path).names)

    def to_arrow(self, columns: list[str] | None = None) -> pa.Table:
        """Return the table, or some of its columns, as Arrow."""
        return pq.read_table(self.path, columns=columns)

    def to_pandas(self) -> Any:
        """Return the table as a pandas DataFrame."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the table as a polars DataFrame.

        Raises:
            ExtraMissing: polars, which does not come with Patron, is not installed.
        """
        try:
            import polars as pl  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise ExtraMissing.library("polars", "to_polars()") from error
        return pl.from_arrow(self.to_arrow())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        head = next(iter(pq.ParquetFile(self.path).iter_batches(_SHOWN_ROWS)), None)
        rows = head.to_pylist() if head is not None else []
        top = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(_cell(v))}</td>" for v in row.values()) + "</tr>" for row in rows
        )
        return (
            f"<p><b>{html.escape(self.name)}</b>: {len(self):,} rows, {len(self.columns)} columns</p>"
            f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run: immutable, complete, addressed by its id."""

    folder: Path

    @property
    def id(self) -> str:
        """The run's id: the same Plan, data and code give the same."""
        return self.folder.name

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run was made of and what it found."""
        said: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return said

    @property
    def table_names(self) -> tuple[str, ...]:
        """The tables this run has."""
        return tuple(sorted(path.stem for path in (self.folder / "tables").glob("*.parquet")))

    def table(self, name: str) -> RunTable:
        """Return one table by name."""
        if name not in self.table_names:
            raise PlanError.unknown_choice(f"Run {self.id}, table", name, self.table_names)
        return RunTable(name, self.folder / "tables" / f"{name}.parquet")

    @property
    def segments(self) -> RunTable:
        """Every customer in every scheme."""
        return self.table("segments")

    @property
    def forecasts(self) -> RunTable:
        """Every customer's forecast for each horizon."""
        return self.table("forecasts")

    @property
    def profiles(self) -> RunTable:
        """Every customer with the features people read."""
        return self.table("profiles")

    @property
    def segment_profiles(self) -> RunTable:
        """What sets every segment apart."""
        return self.table("segment_profiles")

    @property
    def segment_rules(self) -> RunTable:
        """The learned segments as rules that imitate them, in words and in SQL."""
        return self.table("segment_rules")

    @property
    def explanations(self) -> RunTable:
        """Why each forecast is what it is, of the customers who matter most."""
        return self.table("explanations")

    @property
    def importances(self) -> RunTable:
        """What moves forecasts over all customers."""
        return self.table("importances")

    def explain(
        self, customer_id: str, horizon_days: int | None = None, *, what_if: Mapping[str, float] | None = None
    ) -> CustomerExplanation:
        """Say why one customer's forecast is what it is, and what it would be if something were different.

        Args:
            customer_id: as in the run's tables; anyone who has ordered, also where `explanations` holds not everyone.
            horizon_days: one of the run's horizons; None: the shortest.
            what_if: features to set, such as {"days_since_last_order": 10}; what is tied to them moves with them.

        Raises:
            PlanError: there is no such customer, horizon or feature; what is near is named.
            RunMissing: the run holds no forecast.
        """
        from patron import flow  # noqa: PLC0415  # heavy: only those who ask pay for it

        days = horizon_days or self.manifest["predicted_clv_horizon_days"] or 0
        return flow.explain_customer(self.folder, customer_id, horizon_days=days, to=what_if)

    @property
    def decisions(self) -> RunTable:
        """Every customer's action."""
        return self.table("decisions")

    @property
    def quality(self) -> RunTable:
        """Every judgement the run passed on itself."""
        return self.table("quality")

    def report(self, lang: str = "en") -> Path:
        """Return the report's file in that language ("en" or "zh")."""
        names = {"en": "index.html", "zh": "index.zh.html"}
        if lang not in names:
            raise PlanError.unknown_choice("Report language", lang, names)
        return self.folder / "report" / names[lang]

    def _repr_html_(self) -> str:
        said = self.manifest
        told = [*said["headlines"]["en"], *said.get("limits", {}).get("en", [])]
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in told)
        return f"<p><b>{html.escape(said['shop'])}</b>, as of {said['as_of']} (run {self.id})</p><ul>{lines}</ul>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
