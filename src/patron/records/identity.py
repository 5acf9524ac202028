"""Identity: do the ids in these files name people? A segmentation over ids that do not would label everybody New."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir

from patron.engines.duck import DuckEngine
from patron.ground.errors import IdentityRefused
from patron.records.cleaning.people import MASKED, People, is_filler
from patron.records.spec import RecordSpec

_FEW_ORDERS = 20  # below this, shares say nothing
_ENOUGH_ORDERS = 200
_ENOUGH_CUSTOMERS = 20  # with fewer customers and fewer orders than these, one may well hold most of the orders
_SHORT_DAYS = 60  # a shop this young has mostly one-order customers whatever its ids are
_PER_ORDER = 0.995
_MOST = 0.5
_NOTABLE = 0.05


@dataclass(frozen=True, slots=True)
class IdentityReport:
    """How good the customer ids are.

    Attributes:
        verdict: ok, warn or refuse.
        message: why, in English; empty when ok. `message_zh`: the same in Chinese.
        order_count: orders (or rows, where the source has no order numbers) that were looked at.
        coverage: share of them with a customer id that is not a placeholder.
        customer_count: different ids.
        orders_per_customer: mean over ids.
        one_order_share: share of ids with exactly one order.
        top_id_share: share of the orders that the most frequent id holds.
        masked_share: share of ids with `***` or `##` in them.
        placeholder_share: share of orders with a filler such as 0, guest or null for an id.
        same_as_order_share: share of orders whose customer id is the order number.
        span_days: days from the first to the last order.
    """

    verdict: Literal["ok", "warn", "refuse"]
    message: str
    message_zh: str
    order_count: int
    coverage: float
    customer_count: int
    orders_per_customer: float
    one_order_share: float
    top_id_share: float
    masked_share: float
    placeholder_share: float
    same_as_order_share: float
    span_days: int


@dataclass(frozen=True, slots=True)
class _Finding:
    verdict: Literal["warn", "refuse"]
    en: str
    zh: str


def report(people: People, spec: RecordSpec, engine: DuckEngine) -> IdentityReport:
    """Judge the ids of everything that looks like an order in these files.

    Example of a refusal: "These files have no stable buyer id: 99.8 % of ids occur once. Segmentation would label
    everybody New."
    """
    orders = engine.keep(_orders(people))
    numbers = _numbers(orders, people.fillers, engine)
    findings = _findings(numbers, spec)
    worst: Literal["ok", "warn", "refuse"] = "ok"
    if findings:
        worst = "refuse" if any(finding.verdict == "refuse" for finding in findings) else "warn"
    told = [finding for finding in findings if finding.verdict == worst]
    engine.drop(orders)
    return IdentityReport(
        worst,
        " ".join(finding.en for finding in told),
        "".join(finding.zh for finding in told),
        int(numbers["n_orders"]),
        numbers["coverage"],
        int(numbers["n_customers"]),
        numbers["per_customer"],
        numbers["one_share"],
        numbers["top_share"],
        numbers["masked"],
        numbers["placeholders"],
        numbers["same"],
        int(numbers["span"]),
    )


def insist(report: IdentityReport, spec: RecordSpec) -> None:
    """Raise when the report refuses the ids and the spec does not force them.

    Raises:
        IdentityRefused: with the report's sentence and what to do next.
    """
    if report.verdict == "refuse" and not spec.force_identity:
        raise IdentityRefused(
            f"{report.message}\nExpected: an id that a person keeps from order to order.\n"
            "Next: map another column to customer_id (an account number, e-mail or telephone number), add the file "
            "that links ids to people, or set force_identity = true if you know better."
        )


def _orders(people: People) -> ir.Table:
    """Return one row per order and person: order key, person, day."""
    parts = [
        _order_like(level, rows.table) for level, rows in people.levels.items() if level in ("order", "line", "event")
    ]
    if not parts:
        parts = [
            next(iter(people.levels.values()))
            .table.limit(0)
            .select(_key=ibis.null("string"), _person=ibis.null("string"), _day=ibis.null("date"))
        ]
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return rows.group_by("_key", "_person").agg(_day=rows["_day"].min())


def _order_like(level: str, table: ir.Table) -> ir.Table:
    at = table["occurred_at"] if level == "event" else table["ordered_at"]
    rows = table.mutate(_when=at)
    if level == "event":
        rows = rows.filter((rows["type"].lower() == "purchase") & (rows["_orders_from"] != ""))
    else:
        rows = rows.filter(~rows["_is_cancellation"] & ~rows["_is_supplement"])
    row = rows["_file"].cast("string").concat(":", rows["_row_no"].cast("string"))
    made = ibis.coalesce(rows["_person"].concat("|", rows["_when"].epoch_seconds().cast("string")), row)
    return rows.select(_key=ibis.coalesce(rows["order_id"], made), _person=rows["_person"], _day=rows["_when"].date())


def _numbers(orders: ir.Table, fillers: Sequence[str], engine: DuckEngine) -> dict[str, float]:
    filler = is_filler(orders["_person"], fillers)
    named = orders["_person"].notnull() & ~filler
    whole = engine.rows(
        orders.agg(
            n=orders.count(),
            named=named.sum(),
            filler=filler.sum(),
            same=(orders["_key"] == orders["_person"]).sum(),
            first=orders["_day"].min().cast("string"),
            span=(orders["_day"].max().epoch_days() - orders["_day"].min().epoch_days()),
        )
    )[0]
    held = orders.filter(orders["_person"].notnull())
    ids = held.group_by("_person").agg(n=held.count())
    people = engine.rows(
        ids.agg(
            n=ids.count(),
            orders=ids["n"].sum(),
            once=(ids["n"] == 1).sum(),
            top=ids["n"].max(),
            masked=ids["_person"].re_search(MASKED).sum(),
        )
    )[0]
    n, n_ids = _number(whole["n"]), _number(people["n"])
    return {
        "n_orders": n,
        "coverage": _share(whole["named"], n),
        "n_customers": n_ids,
        "per_customer": _share(people["orders"], n_ids),
        "one_share": _share(people["once"], n_ids),
        "top_share": _share(people["top"], n),
        "masked": _share(people["masked"], n_ids),
        "placeholders": _share(whole["filler"], n),
        "same": _share(whole["same"], n),
        "span": _number(whole["span"]),
    }


def _findings(numbers: dict[str, float], spec: RecordSpec) -> Sequence[_Finding]:
    if not numbers["n_orders"]:
        return ()
    if not numbers["coverage"]:
        return (_no_ids(numbers),)
    if numbers["n_orders"] < _FEW_ORDERS:
        return ()
    found = (_anonymous(numbers), _masked(numbers), _per_order(numbers), _one_id(numbers, spec))
    return tuple(finding for finding in found if finding is not None)


def _no_ids(numbers: dict[str, float]) -> _Finding:
    n = f"{numbers['n_orders']:,.0f}"
    return _Finding(
        "refuse",
        f"These files have no buyer id: none of the {n} orders names a customer.",
        f"文件中没有买家标识：{n} 个订单都没有客户。",
    )


def _anonymous(numbers: dict[str, float]) -> _Finding | None:
    share = 1 - numbers["coverage"]
    if share <= _NOTABLE:
        return None
    verdict: Literal["warn", "refuse"] = "refuse" if share > 0.9 else "warn"
    return _Finding(
        verdict,
        f"{share:.1%} of the orders have no customer id or only a placeholder; "
        "whose they are cannot be told, and they are left out.",
        f"{share:.1%} 的订单没有客户标识或仅为占位符，无法归属，已排除。",
    )


def _masked(numbers: dict[str, float]) -> _Finding | None:
    share = numbers["masked"]
    if share <= _NOTABLE:
        return None
    return _Finding(
        "refuse" if share > _MOST else "warn",
        f"{share:.1%} of the customer ids are masked (*** or ##): different people look the same.",
        f"{share:.1%} 的客户标识被脱敏（*** 或 ##）：不同的人看起来相同。",
    )


def _per_order(numbers: dict[str, float]) -> _Finding | None:
    if numbers["same"] > _MOST:
        return _Finding(
            "refuse",
            f"The customer id is the order number in {numbers['same']:.1%} of the orders: it names orders, not people.",
            f"{numbers['same']:.1%} 的订单中客户标识就是订单号：它标识订单而非个人。",
        )
    share = numbers["one_share"]
    if share < 0.98 or numbers["n_orders"] < _ENOUGH_ORDERS:
        return None
    sure = share >= _PER_ORDER and numbers["span"] >= _SHORT_DAYS
    start = "These files have no stable buyer id" if sure else "The buyer id may not be stable"
    start_zh = "文件中没有稳定的买家标识" if sure else "买家标识可能不稳定"
    return _Finding(
        "refuse" if sure else "warn",
        f"{start}: {share:.1%} of ids occur once. "
        f"Segmentation would label {'everybody' if sure else 'nearly everybody'} New.",
        f"{start_zh}：{share:.1%} 的标识只出现一次，分群会把{'所有人' if sure else '几乎所有人'}都标为新客。",
    )


def _one_id(numbers: dict[str, float], spec: RecordSpec) -> _Finding | None:
    share = numbers["top_share"]
    is_tiny = numbers["n_orders"] < _ENOUGH_ORDERS and numbers["n_customers"] < _ENOUGH_CUSTOMERS
    if share <= _NOTABLE or is_tiny:
        return None
    return _Finding(
        "refuse" if share > spec.one_id_limit else "warn",
        f"One customer id holds {share:.1%} of the orders: a placeholder or a reseller, not a person.",
        f"一个客户标识占了 {share:.1%} 的订单：可能是占位符或经销商，而非个人。",
    )


def _number(value: object) -> float:
    return 0.0 if value is None else float(str(value))


def _share(part: object, whole: float) -> float:
    return _number(part) / whole if whole else 0.0
