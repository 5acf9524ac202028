"""Fitness: which outputs these facts can support, which not, and what to collect next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from patron.contracts.gates import need
from patron.engines.duck import DuckEngine

SCHEMA = pa.schema(
    [
        pa.field("output", pa.string(), nullable=False),
        pa.field("supported", pa.bool_(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("reason_zh", pa.string(), nullable=False),
        pa.field("next_step", pa.string(), nullable=False),
        pa.field("next_step_zh", pa.string(), nullable=False),
    ]
)
ENOUGH_BUYERS = int(need("all_numbers", "customers").warned_below)
ENOUGH_DAYS = int(need("all_numbers", "history_days").warned_below)
_ENOUGH_ARM = 100


@dataclass(frozen=True, slots=True)
class Facts:
    """What the verdicts are read from: counts over the facts, nothing else.

    Attributes:
        buyers: customers with a paid order. `repeaters`: those with two or more.
        orders, priced, hours, categorised: paid orders; those with money; with a time of day; lines with a category.
        span_days: days from the first paid order to the last, both counted.
        browsing, returns, costed, reviews, links, signals: rows of each kind (costed: orders with a margin).
        touches, treated, held_out: marketing contacts; those with arm treatment; with arm holdout or control.
        outcomes: touches with an open, click or conversion.
        discounted: orders with a discount or coupon.
        traits: customers with birth year, gender, region, city or country.
    """

    buyers: int = 0
    repeaters: int = 0
    orders: int = 0
    priced: int = 0
    hours: int = 0
    span_days: int = 0
    discounted: int = 0
    costed: int = 0
    categorised: int = 0
    browsing: int = 0
    returns: int = 0
    reviews: int = 0
    links: int = 0
    signals: int = 0
    touches: int = 0
    treated: int = 0
    held_out: int = 0
    outcomes: int = 0
    traits: int = 0
    first_day: date | None = None


def fitness(facts: Mapping[str, ir.Table], engine: DuckEngine, horizons: Sequence[int] = (90, 365)) -> pa.Table:
    """Say for every output whether these facts support it.

    Args:
        facts: fact tables by name.
        engine: where it computes.
        horizons: forecast horizons in days; each needs twice its length of history, 500 buyers and 180 days.

    Returns:
        One row per output: output, supported, reason, reason_zh, next_step, next_step_zh (steps empty if supported).
    """
    return judged(counted(facts, engine), horizons)


def counted(facts: Mapping[str, ir.Table], engine: DuckEngine) -> Facts:
    """Count what `judged` reads."""
    numbers: dict[str, object] = {}
    if "orders" in facts:
        numbers |= _orders(facts["orders"], engine)
    if "events" in facts:
        events = facts["events"]
        numbers["browsing"] = engine.count(events.filter(events["type"].isin(("view", "cart", "favorite", "search"))))
    if "touches" in facts:
        numbers |= _touches(facts["touches"], engine)
    if "order_lines" in facts:
        lines = facts["order_lines"]
        numbers["categorised"] = engine.count(lines.filter(lines["category"].notnull()))
    if "customers" in facts:
        people = facts["customers"]
        known = [people[name].notnull() for name in ("birth_year", "gender", "region", "city", "country")]
        numbers["traits"] = engine.count(people.filter(ibis.or_(*known)))
    numbers |= {name: engine.count(facts[name]) for name in ("returns", "reviews", "links", "signals") if name in facts}
    return Facts(**numbers)  # type: ignore[arg-type]


def judged(facts: Facts, horizons: Sequence[int] = (90, 365)) -> pa.Table:
    """Turn counts into verdicts.

    >>> judged(Facts(buyers=3, orders=4), horizons=()).column("output").to_pylist()[:2]
    ['RFM', 'money']
    """
    rows = [*_about_orders(facts), *(_forecast(facts, days) for days in horizons), *_about_more(facts)]
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


_Row = tuple[str, bool, str, str, str, str]


def _row(output: str, supported: bool, why: tuple[str, str], step: tuple[str, str]) -> _Row:  # noqa: FBT001
    return (output, supported, *why, *(("", "") if supported else step))


def _about_orders(facts: Facts) -> Sequence[_Row]:
    return (*_about_buyers(facts), *_about_details(facts))


def _about_buyers(facts: Facts) -> Sequence[_Row]:
    n, buyers = f"{facts.orders:,}", f"{facts.buyers:,}"
    more = ("Import orders with a customer id and a date.", "请导入带客户标识和日期的订单。")
    money = (
        "Import what the orders cost: a price per line or an amount per order.",
        "请导入订单金额：每行单价或每单金额。",
    )
    wait = (
        "Import older orders, or wait: cohorts need two calendar months and customers who bought twice.",
        "请导入更早的订单或等待：同期群分析需要两个自然月和复购客户。",
    )
    return (
        _row(
            "RFM",
            facts.buyers > 1,
            (
                f"{_counted(facts.buyers, 'buyer')} with {_counted(facts.orders, 'order')}.",
                f"{buyers} 位买家，{n} 个订单。",
            ),
            more,
        ),
        _row(
            "money",
            facts.priced > 0,
            (f"{facts.priced:,} of {n} orders have an amount.", f"{n} 个订单中 {facts.priced:,} 个有金额。"),
            money,
        ),
        _row(
            "cohorts",
            facts.span_days >= 60 and facts.repeaters > 0,
            (
                f"{_counted(facts.span_days, 'day')} of orders, {_counted(facts.repeaters, 'buyer')} came back.",
                f"订单跨度 {facts.span_days:,} 天，{facts.repeaters:,} 位买家复购。",
            ),
            wait,
        ),
    )


def _about_details(facts: Facts) -> Sequence[_Row]:
    n = f"{facts.orders:,}"
    return (
        _row(
            "margin",
            facts.costed > 0,
            (f"{facts.costed:,} of {n} orders have a known cost.", f"{n} 个订单中 {facts.costed:,} 个有成本。"),
            ("Import unit_cost with the products.", "请在商品表中导入 unit_cost。"),
        ),
        _row(
            "returns",
            facts.returns > 0,
            (f"{facts.returns:,} returns.", f"{facts.returns:,} 条退货。"),
            ("Import refunds, credit notes or cancellations.", "请导入退款、红字发票或取消记录。"),
        ),
        _row(
            "categories",
            facts.categorised > 0,
            (f"{facts.categorised:,} order lines have a category.", f"{facts.categorised:,} 个订单行有类目。"),
            ("Import a product file with categories.", "请导入带类目的商品表。"),
        ),
        _row(
            "discounts",
            facts.discounted > 0,
            (
                f"{facts.discounted:,} orders carry a discount or coupon.",
                f"{facts.discounted:,} 个订单有折扣或优惠券。",
            ),
            ("Import discount amounts or coupon codes.", "请导入折扣金额或优惠券代码。"),
        ),
        _row(
            "time of day",
            facts.hours > 0,
            (f"{facts.hours:,} of {n} orders have a time of day.", f"{n} 个订单中 {facts.hours:,} 个有具体时间。"),
            ("Export order times, not only dates.", "请导出下单时间而不仅是日期。"),
        ),
    )


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _forecast(facts: Facts, days: int) -> _Row:
    history = max(2 * days, ENOUGH_DAYS)
    enough = facts.buyers >= ENOUGH_BUYERS and facts.span_days >= history and facts.repeaters > 0
    have = f"{_counted(facts.buyers, 'buyer')} and {_counted(facts.span_days, 'day')}"
    why = (
        f"Needs {ENOUGH_BUYERS} buyers or more and {history} days of orders. The data hold {have}.",
        f"需要至少 {ENOUGH_BUYERS} 位买家和 {history} 天订单；现有 {facts.buyers:,} 位买家和 {facts.span_days:,} 天。",
    )
    step = (
        "Import older orders, or choose a shorter horizon. RFM works already.",
        "请导入更早的订单或选择更短的预测期；RFM 已可使用。",
    )
    return _row(
        f"forecast {days} days",
        enough,
        why,
        step if facts.buyers > 1 else ("Import older orders.", "请导入更早的订单。"),
    )


def _about_more(facts: Facts) -> Sequence[_Row]:
    arms = f"{facts.treated:,} / {facts.held_out:,}"
    return (
        _row(
            "browsing",
            facts.browsing > 0,
            (
                f"{facts.browsing:,} views, carts, favourites and searches.",
                f"{facts.browsing:,} 条浏览、加购、收藏和搜索。",
            ),
            ("Import the event stream of the site.", "请导入网站行为事件。"),
        ),
        _row(
            "marketing response",
            facts.outcomes > 0,
            (
                f"{facts.touches:,} contacts, {facts.outcomes:,} with an open, click or conversion.",
                f"{facts.touches:,} 次触达，{facts.outcomes:,} 次有打开、点击或转化。",
            ),
            ("Import campaign sends with opens and clicks.", "请导入营销发送及打开、点击记录。"),
        ),
        _row(
            "uplift",
            min(facts.treated, facts.held_out) >= _ENOUGH_ARM,
            (
                f"Needs ≥{_ENOUGH_ARM} contacts in a treatment and in a holdout arm; there are {arms}.",
                f"处理组和对照组各需至少 {_ENOUGH_ARM} 次；现有 {arms}。",
            ),
            ("Keep a random holdout in the next campaign and import its arms.", "下次活动请保留随机对照组并导入分组。"),
        ),
        _row(
            "reviews",
            facts.reviews > 0,
            (f"{facts.reviews:,} reviews.", f"{facts.reviews:,} 条评价。"),
            ("Import product reviews.", "请导入商品评价。"),
        ),
        _row(
            "demographics",
            facts.traits > 0,
            (f"{facts.traits:,} customers with age, gender or place.", f"{facts.traits:,} 位客户有年龄、性别或地区。"),
            ("Import a customer file.", "请导入客户资料。"),
        ),
        _row(
            "social ties",
            facts.links > 0,
            (f"{facts.links:,} ties between customers.", f"{facts.links:,} 条客户关系。"),
            ("Import who referred whom.", "请导入推荐关系。"),
        ),
        _row(
            "other signals",
            facts.signals > 0,
            (f"{facts.signals:,} readings of other signals.", f"{facts.signals:,} 条其他信号。"),
            ("Import any other time series about customers.", "请导入其他客户时间序列。"),
        ),
    )


def _orders(orders: ir.Table, engine: DuckEngine) -> dict[str, object]:
    paid = orders.filter(orders["status"] == "paid")
    people = paid.group_by("customer_id").agg(n=paid.count())
    whole = engine.rows(
        paid.agg(
            orders=paid.count(),
            priced=paid["order_revenue"].count(),
            hours=paid["hour"].count(),
            discounted=((paid["discount_amount"] > 0).fill_null(False) | paid["coupon"].notnull()).sum(),
            costed=paid["margin"].count(),
            first_day=paid["day"].min(),
            last_day=paid["day"].max(),
        )
    )[0]
    buyers = engine.rows(people.agg(buyers=people.count(), repeaters=(people["n"] > 1).sum()))[0]
    first, last = whole["first_day"], whole.pop("last_day")
    span = (last - first).days + 1 if isinstance(first, date) and isinstance(last, date) else 0
    return {name: value or 0 for name, value in {**whole, **buyers}.items()} | {"first_day": first, "span_days": span}


def _touches(touches: ir.Table, engine: DuckEngine) -> dict[str, object]:
    arm = touches["arm"].lower()
    answered = touches["opened_at"].notnull() | touches["clicked_at"].notnull() | touches["converted_at"].notnull()
    found = engine.rows(
        touches.agg(
            touches=touches.count(),
            treated=(arm == "treatment").fill_null(False).sum(),
            held_out=arm.isin(("holdout", "control")).fill_null(False).sum(),
            outcomes=answered.sum(),
        )
    )[0]
    return {name: value or 0 for name, value in found.items()}
