"""One dataframe in, every customer's segment and value out: for someone with a notebook and no shop folder."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import flow, records, segments
from patron.ground.currencies import NO_CURRENCY
from patron.ground.currencies import currency as checked_currency
from patron.ground.dates import zone as checked_zone
from patron.ground.errors import EmptyInput, InputError, MissingColumns, PlanError, UnknownLayout
from patron.shop import Shop

_SHOWN = ("segment_key", "segment_name", "r_score", "f_score", "m_score", "value_tier", "lifecycle_stage")
_FORECAST = (
    "horizon_days",
    "predicted_clv",
    "predicted_clv_lower",
    "predicted_clv_upper",
    "predicted_number_of_orders",
    "churn_probability",
    "historic_clv",
)


def segment(
    orders: Any,
    *,
    as_of: date | str | None = None,
    columns: dict[str, str] | None = None,
    scheme: str = "classic11",
    zone: str = "UTC",
    currency: str = "",
) -> Any:
    """Segment and value the customers of one dataframe of orders or order lines.

    Args:
        orders: pandas, polars, pyarrow or any dataframe that narwhals knows; one row an order or an order line. A lazy
            one is collected.
        as_of: everything before this day is known; None: the day after the last order.
        columns: your column for each of Patron's names, such as {"customer_id": "client", "ordered_at": "when",
            "total_amount": "paid"}; names that are common (English or Chinese) are recognised without.
        scheme: the segment scheme; see `patron.segments`.
        zone: IANA time zone of times that carry none.
        currency: ISO code of the amounts; empty: as the rows say, or none.

    Returns:
        A dataframe of the kind that came: one row per customer, under the shop's own customer ids, with segment,
        scores, tier, lifecycle stage and, where the history allows, the forecast for the shortest horizon with its
        interval.

    Raises:
        InputError: `orders` is no dataframe, `zone` no time zone or `currency` no currency.
        PlanError: `scheme` is not known.
        MissingColumns, UnknownLayout: no column tells the customer or the time of an order.
        DataRefused: the ids do not name people, or the data hold no order.
    """
    checked_zone(zone)
    checked_currency(currency)
    if scheme not in segments.known_schemes():
        raise PlanError.unknown_choice("patron.segment, scheme", scheme, segments.known_schemes())
    frame = _collected(orders)
    if not len(frame):
        raise EmptyInput("patron.segment got a dataframe without rows.\nNext: pass one row per order or order line.")
    named = frame.rename({theirs: ours for ours, theirs in _known(columns or {}, frame.columns).items()})
    with tempfile.TemporaryDirectory(prefix="patron-") as folder:
        home = Path(folder)
        pq.write_table(named.to_arrow(), home / "orders.parquet")
        plan = flow.Plan(
            name="dataframe",
            sources=(flow.Source(path="orders.parquet"),),
            scheme=scheme,
            records=records.RecordSpec(
                currency="" if currency == NO_CURRENCY else checked_currency(currency), zone=zone
            ),
        )
        flow.write_plan(plan, home / flow.PLAN_FILE)
        try:
            run = Shop(home).run(as_of)
        except UnknownLayout as error:
            raise UnknownLayout(_unrecognised(frame.columns)) from error
        said = _joined(run.table("segments").to_arrow(), run.table("forecasts").to_arrow(), str(run.manifest["scheme"]))
        contacts = pq.read_table(_contacts(home), columns=["customer_id", "external_id"])
    named_by_shop = said.join(contacts, "customer_id", join_type="inner")
    result = named_by_shop.drop_columns(["customer_id"]).rename_columns({"external_id": "customer_id"})
    order = ["customer_id", *(name for name in result.column_names if name != "customer_id")]
    return _as_came(result.select(order).sort_by("customer_id"), frame)


def _collected(orders: Any) -> nw.DataFrame[Any]:
    try:
        frame = nw.from_native(orders)
    except TypeError as error:
        raise InputError(
            f"patron.segment got {type(orders).__name__}, which is not a dataframe.\n"
            "Expected pandas, polars, pyarrow or another dataframe, with one row per order or order line.\n"
            "Next: make one of it, for example pandas.DataFrame(orders)."
        ) from error
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def _known(columns: dict[str, str], there: list[str]) -> dict[str, str]:
    missing = [theirs for theirs in columns.values() if theirs not in there]
    if missing:
        raise MissingColumns.found("patron.segment: the dataframe", missing, there, "correct `columns`")
    return columns


def _unrecognised(there: list[str]) -> str:
    return (
        f"patron.segment: the dataframe has the columns {there}, and it is not clear which hold what.\n"
        'Next: name them, as in columns={"customer_id": "client", "ordered_at": "when", "total_amount": "paid"}.'
    )


def _joined(segments: pa.Table, forecasts: pa.Table, scheme: str) -> pa.Table:
    mine = segments.filter(pc.equal(segments["scheme"], scheme)).select(["customer_id", *_SHOWN])
    if not forecasts.num_rows:
        return mine
    first = forecasts.filter(pc.equal(forecasts["horizon_days"], pc.min(forecasts["horizon_days"])))
    return mine.join(first.select(["customer_id", *_FORECAST]), "customer_id", join_type="left outer")


def _contacts(home: Path) -> Path:
    shelf = Shop(home).shelf
    return shelf.root / "facts" / str(shelf.pointed("facts.current")) / "contacts.parquet"


def _as_came(table: pa.Table, frame: Any) -> Any:
    return nw.from_arrow(table, backend=frame.implementation).to_native()
