"""One dataframe in, every customer's segment and value out: for someone with a notebook and no shop folder."""

from __future__ import annotations

import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import narwhals as nw
import narwhals.exceptions
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import flow, records, segments
from patron.ground.currencies import NO_CURRENCY
from patron.ground.currencies import currency as checked_currency
from patron.ground.dates import zone as checked_zone
from patron.ground.errors import EmptyInput, InputError, MissingColumns, PlanError, UnknownLayout
from patron.runs import Run
from patron.shop import Shop

_SHOWN = ("segment_key", "segment_name", "r_score", "f_score", "m_score", "value_tier", "lifecycle_stage")
_FORECAST = (
    "horizon_days",
    "predicted_clv",
    "predicted_clv_lower",
    "predicted_clv_upper",
    "predicted_clv_lower_wide",
    "predicted_clv_upper_wide",
    "predicted_number_of_orders",
    "churn_probability",
    "historic_clv",
)
_ORDERS = "orders.parquet"
_BY_NAME = "\nNext: say which column is the customer, the time and the amount with `columns`, and drop the others."


class RowsLeftOut(UserWarning):
    """Rows that are no fact, or customers without a paid order: how many, and why.

    Attributes:
        ledger: where every row went, counted by reason; an Arrow table.
        rejects: the rows that are no fact, with the reason; an Arrow table.
    """

    def __init__(self, message: str, ledger: pa.Table, rejects: pa.Table) -> None:
        super().__init__(message)
        self.ledger = ledger
        self.rejects = rejects


def segment(
    orders: Any,
    *,
    as_of: date | str | None = None,
    columns: dict[str, str] | None = None,
    scheme: str = "classic11",
    zone: str = "UTC",
    currency: str = "",
    keep: str | Path | None = None,
) -> Any:
    """Segment and value the customers of one dataframe of orders or order lines.

    Two columns are enough, who ordered and when: segments then go by recency and frequency, and what is made of money
    stays empty. Without an order number, rows of one customer at one instant are one order.

    Args:
        orders: pandas, polars, pyarrow or any dataframe that narwhals knows; one row an order or an order line. A lazy
            one is collected.
        as_of: everything before this day is known; None: the day after the last order.
        columns: your column for each of Patron's names, such as {"customer_id": "client", "ordered_at": "when",
            "total_amount": "paid"}; names that are common (English or Chinese) are recognised without.
        scheme: the segment scheme; see `patron.segments`.
        zone: IANA time zone of times that carry none.
        currency: ISO code of the amounts; empty: as the rows say, or none.
        keep: a new folder in which the shop that is made stays, with its ledger, rejects and report, for
            `patron.open`; None: nothing stays.

    Returns:
        A dataframe of the kind that came: one row per customer, under the shop's own customer ids, with segment,
        scores, tier, lifecycle stage and, where the history allows, the forecast for the shortest horizon with its
        interval. A pandas frame also carries the ledger as `attrs["patron_ledger"]`.

    Warns:
        RowsLeftOut: rows are no facts, or customers have no paid order before `as_of`, with counts and reasons; the
            warning holds the ledger and the rejects.

    Raises:
        InputError: `orders` is no dataframe or has two columns of one name, `keep` holds a shop already, `zone` is no
            time zone or `currency` no currency.
        PlanError: `scheme` is not known.
        MissingColumns, UnknownLayout: no column tells the customer or the time of an order; or rows that name a product
            do not tell their order, or neither quantity nor price.
        DataRefused: the ids do not name people, or the data hold no order.
    """
    plan = _plan(scheme, zone, currency)
    frame = _collected(orders)
    if not len(frame):
        raise EmptyInput("patron.segment got a dataframe without rows.\nNext: pass one row per order or order line.")
    named = _renamed(frame, columns or {})
    with _folder(keep) as home:
        pq.write_table(_with_order_ids(named.to_arrow()), home / _ORDERS)
        flow.write_plan(plan, home / flow.PLAN_FILE)
        shop = Shop(home)
        try:
            run = shop.run(as_of)
        except UnknownLayout as error:
            raise UnknownLayout(_unrecognised(named.columns, str(error))) from error
        result = _named_by_shop(run, shop)
        ledger = run.table("ledger").to_arrow()
        _warn(run, result.num_rows, ledger)
    return _as_came(result, frame, ledger)


def _plan(scheme: str, zone: str, currency: str) -> flow.Plan:
    """Return the Plan of one dataframe, or say which knob is wrong before anything is read."""
    if scheme not in segments.known_schemes():
        raise PlanError.unknown_choice("patron.segment, scheme", scheme, segments.known_schemes())
    code = checked_currency(currency)
    spec = records.RecordSpec(currency="" if code == NO_CURRENCY else code, zone=checked_zone(zone).key)
    return flow.Plan(name="dataframe", sources=(flow.Source(path=_ORDERS),), scheme=scheme, records=spec)


@contextmanager
def _folder(keep: str | Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="patron-") as folder:
            yield Path(folder)
        return
    home = Path(keep)
    if (home / flow.PLAN_FILE).exists():
        raise InputError(
            f"patron.segment: {home} holds a shop already.\nExpected a new folder for `keep`.\n"
            "Next: name another one, or read that shop with patron.open."
        )
    home.mkdir(parents=True, exist_ok=True)
    yield home


def _named_by_shop(run: Run, shop: Shop) -> pa.Table:
    """Return the customers' segments and values under the shop's own ids."""
    said = _joined(run.table("segments").to_arrow(), run.table("forecasts").to_arrow(), str(run.manifest["scheme"]))
    contacts = pq.read_table(_contacts(shop), columns=["customer_id", "external_id"])
    named = said.join(contacts, "customer_id", join_type="inner")
    result = named.drop_columns(["customer_id"]).rename_columns({"external_id": "customer_id"})
    order = ["customer_id", *(name for name in result.column_names if name != "customer_id")]
    return result.select(order).sort_by("customer_id")


def _warn(run: Run, customer_count: int, ledger: pa.Table) -> None:
    rejected = Counter[str]()
    for row in ledger.to_pylist():
        rejected[row["reason"]] += row["row_count"] if row["outcome"] == "rejects" else 0
    reasons = [f"{reason}: {count:,}" for reason, count in rejected.most_common() if count]
    id_count = int(run.manifest["last_import"]["identity"]["customer_count"])
    if not reasons and customer_count >= id_count:
        return
    read = sum(ledger["row_count"].to_pylist())
    rows = (
        f"{rejected.total():,} of {read:,} rows were left out ({', '.join(reasons)})"
        if reasons
        else "every row is a fact"
    )
    gone = id_count - customer_count
    people = f"{gone:,} of {id_count:,} customer ids have no paid order before {run.manifest['as_of']} in what is left"
    told = "; ".join([rows, *([people] if gone > 0 else [])])
    message = f"patron.segment: {told}.\nNext: see `rejects` and `ledger` of this warning, or pass keep=FOLDER."
    warnings.warn(RowsLeftOut(message, ledger, run.table("rejects").to_arrow()), stacklevel=4)


def _collected(orders: Any) -> nw.DataFrame[Any]:
    try:
        frame = nw.from_native(orders)
        eager = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
        names = list(eager.columns)
    except narwhals.exceptions.DuplicateError:
        names = [str(name) for name in getattr(orders, "column_names", orders.columns)]
    except TypeError as error:
        raise InputError(
            f"patron.segment got {type(orders).__name__}, which is not a dataframe.\n"
            "Expected pandas, polars, pyarrow or another dataframe, with one row per order or order line.\n"
            "Next: make one of it, for example pandas.DataFrame(orders)."
        ) from error
    _check_once(names, "rename or remove one of them")
    return eager


def _check_once(names: list[str], hint: str) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise InputError(
            f"patron.segment: the dataframe has two columns called {', '.join(map(repr, twice))}.\n"
            f"Expected each name once: nothing says which of the two counts.\nNext: {hint}."
        )


def _renamed(frame: nw.DataFrame[Any], columns: dict[str, str]) -> nw.DataFrame[Any]:
    missing = [theirs for theirs in columns.values() if theirs not in frame.columns]
    if missing:
        raise MissingColumns.found("patron.segment: the dataframe", missing, frame.columns, "correct `columns`")
    ours = {theirs: ours for ours, theirs in columns.items()}
    _check_once(
        [ours.get(name, name) for name in frame.columns],
        "`columns` gives one of them that name; drop the other, or leave it out of `columns`",
    )
    return frame.rename(ours)


def _with_order_ids(orders: pa.Table) -> pa.Table:
    """Return orders that tell nothing but who and when as orders without a number; any other table as it is."""
    if not records.orders_told(orders.column_names).is_who_and_when:
        return orders
    return orders.append_column("order_id", pa.nulls(orders.num_rows, pa.string()))


def _unrecognised(there: list[str], why: str) -> str:
    told = records.orders_told(there)
    start = f"patron.segment: the dataframe has the columns {there}, and it is not clear which hold what.\n"
    if told.is_known:  # the columns are, and something that they hold is not
        return start + why.partition(_ORDERS)[2].lstrip(": ").partition("\n")[0] + _BY_NAME
    return start + told.refusal()


def _joined(segments: pa.Table, forecasts: pa.Table, scheme: str) -> pa.Table:
    mine = segments.filter(pc.equal(segments["scheme"], scheme)).select(["customer_id", *_SHOWN])
    if not forecasts.num_rows:
        return mine
    first = forecasts.filter(pc.equal(forecasts["horizon_days"], pc.min(forecasts["horizon_days"])))
    return mine.join(first.select(["customer_id", *_FORECAST]), "customer_id", join_type="left outer")


def _contacts(shop: Shop) -> Path:
    shelf = shop.shelf
    return shelf.root / "facts" / str(shelf.pointed("facts.current")) / "contacts.parquet"


def _as_came(table: pa.Table, frame: Any, ledger: pa.Table) -> Any:
    native = nw.from_arrow(table, backend=frame.implementation).to_native()
    if frame.implementation.is_pandas():
        native.attrs["patron_ledger"] = ledger.to_pylist()
    return native
