"""What a run's data could not support, in the words the command line and the manifest close with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from patron import reports
from patron.contracts.cards import Caveat, SchemeCard
from patron.contracts.gates import gates, rule
from patron.flow.plan import Plan
from patron.flow.stages.history import History, Shortfall, shortfalls
from patron.records import ENOUGH_BUYERS, ENOUGH_DAYS

_Pair = tuple[str, str]  # English, Chinese


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the limits are read from: the shop's span, its customers, and what the stages judged of themselves."""

    plan: Plan
    history: History
    profiles: pa.Table
    quality: pa.Table
    events: pa.Table
    schemes: tuple[SchemeCard, ...]
    empty_files: tuple[str, ...]

    @property
    def customers(self) -> int:
        """Customers with a paid order before as_of."""
        return int(self.profiles.num_rows)

    @property
    def span_days(self) -> int:
        """Days from the first order to as_of."""
        return (self.history.as_of - self.history.first_day).days


def read(
    plan: Plan, history: History, tables: Path, schemes: tuple[SchemeCard, ...], empty_files: tuple[str, ...]
) -> Evidence:
    """Read the evidence from a run's tables."""
    wanted = ["orders_count_lifetime", "net_revenue_sum_lifetime"]
    return Evidence(
        plan,
        history,
        pq.read_table(tables / "profiles.parquet", columns=wanted),
        pq.read_table(tables / "quality.parquet", columns=["room", "measure", "slice", "verdict", "reason"]),
        pq.read_table(tables / "segment_events.parquet", columns=["to_confirm", "change", "change_zh"]),
        schemes,
        empty_files,
    )


def limits(evidence: Evidence) -> tuple[Caveat, ...]:
    """Return one sentence, in English and in Chinese, for everything that these data cannot support; maybe none."""
    pairs = [
        *_empty(evidence),
        *_thin(evidence),
        *_forecasts(evidence),
        *_segments(evidence),
        *_unconfirmed(evidence),
        *_repeats(evidence),
        *_money(evidence),
    ]
    return tuple(Caveat(*pair) for pair in pairs)


def _empty(evidence: Evidence) -> Iterator[_Pair]:
    files = evidence.empty_files
    if files:
        en = (
            f"Nothing was read from {_counted(len(files), 'file')} without a row of data: {', '.join(files)}. "
            "If a period is missing, export it again."
        )
        yield en, f"{len(files)} 个文件没有数据行，未读取任何内容：{'、'.join(files)}。如果缺少某段时间，请重新导出。"


def _thin(evidence: Evidence) -> Iterator[_Pair]:
    n, days = evidence.customers, evidence.span_days
    ruling = rule(gates()["all_numbers"], {"customers": n, "history_days": days})
    if ruling.status == "allowed":
        return
    en = (
        f"Thin data: {_counted(n, 'customer')} and {_counted(days, 'day')} of orders. Numbers can be relied on from "
        f"about {ENOUGH_BUYERS} customers and {ENOUGH_DAYS} days; until then they are a first look."
    )
    zh = (
        f"数据偏少：{n:,} 位客户，{days:,} 天订单。"
        f"约 {ENOUGH_BUYERS} 位客户和 {ENOUGH_DAYS} 天以上结果才可靠，目前仅供参考。"
    )
    yield en, zh


def _forecasts(evidence: Evidence) -> Iterator[_Pair]:
    short = shortfalls(evidence.plan.forecasts.horizons_days, evidence.history)
    yield from (_too_short(one) for one in short)
    yield from zip(*(reports.gate_words(evidence.quality, lang) for lang in ("en", "zh")), strict=True)


def _too_short(one: Shortfall) -> _Pair:
    instead = f"; {one.instead_days} days are forecast instead" if one.instead_days else ""
    instead_zh = f"，改为预测 {one.instead_days} 天" if one.instead_days else ""
    en = (
        f"No {one.asked_days}-day forecast: checking it needs {one.needed_days} days of orders, and there "
        f"{'is' if one.span_days == 1 else 'are'} {one.span_days}{instead}."
    )
    zh = f"没有 {one.asked_days} 天预测：检验它需要 {one.needed_days} 天订单，现有 {one.span_days} 天{instead_zh}。"
    return en, zh


def _segments(evidence: Evidence) -> Iterator[_Pair]:
    rows = evidence.quality
    cut = rows.filter(pc.and_(pc.equal(rows["room"], "segments"), pc.equal(rows["measure"], "chosen_k"))).to_pylist()
    for row in cut:
        card = next((card for card in evidence.schemes if card.key == row["slice"]), None)
        if card and str(row["verdict"]).startswith("refused"):
            who = _counted(evidence.customers, "customer")
            en = f"No segments were learned from {who}: {card.meaning_en} Segments by rule are there."
            yield en, f"未能从 {evidence.customers:,} 位客户中学出分群：{card.meaning_zh}规则分群可用。"
        elif card and len(card.segments) == 1:
            yield f"No learned segments are published. {card.meaning_en}", f"不发布学习分群。{card.meaning_zh}"


def _unconfirmed(evidence: Evidence) -> Iterator[_Pair]:
    en, zh = (reports.waiting_words(evidence.events, lang) for lang in ("en", "zh"))
    if en:
        yield en, zh
    said = evidence.plan.confirmed_change.strip()
    judged = evidence.quality.filter(pc.equal(evidence.quality["measure"], "confirmed_change"))
    if any(str(verdict).startswith("poor") for verdict in judged["verdict"].to_pylist()):
        changes = pc.drop_null(evidence.events["to_confirm"]).to_pylist()
        first, first_zh = (
            f'confirmed_change = "{said}" confirms nothing',
            f'confirmed_change = "{said}" 没有确认任何变化',
        )
        if changes:
            yield (
                f'{first}: the change that waits is "{changes[0]}". Copy it word for word.',
                f'{first_zh}：待确认的变化是 "{changes[0]}"。请逐字照写。',
            )
        else:
            yield (
                f'{first}: the learned segments did not change so. Write confirmed_change = "" in patron.toml.',
                f'{first_zh}：学习得到的分群没有发生这样的变化。请在 patron.toml 中写 confirmed_change = ""。',
            )


def _repeats(evidence: Evidence) -> Iterator[_Pair]:
    if not int(pc.sum(pc.greater(evidence.profiles["orders_count_lifetime"], 1)).as_py() or 0):
        yield (
            "Nobody has ordered twice: when a customer is late, or lost, is assumed and not learned.",
            "还没有客户下过两次单：客户何时算晚到或流失只是假设，不是学出来的。",
        )


def _money(evidence: Evidence) -> Iterator[_Pair]:
    amounts = evidence.profiles["net_revenue_sum_lifetime"]
    if amounts.null_count == len(amounts):
        yield (
            "No money: no order has an amount, so orders are counted instead. Import what the orders cost.",
            "没有金额：订单都不带金额，因此改为统计订单数。请导入订单金额。",
        )


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
