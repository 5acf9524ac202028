"""Which engine pays from which size: what the results say, written into docs/why/which-engine.md and both READMEs."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parents[1]
README = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
PAGE = ROOT / "docs" / "why" / "which-engine.md"
_BY_HAND = ("DuckDB SQL", "polars", "pandas")
_OURS, _SPARK = "Patron", "Patron on Spark"
_BLOCK = "<!-- measured: {name} -->\n{body}\n<!-- end -->"
_EN = (
    "- **One machine from {passes:,} customers on, a cluster only beyond ten million.** On two cores, orders and returns of {passes:,} customers to 24 features: {ours}; by "
    "hand in {hand}. Below that planning (about {planning:.0f} s) is what costs. Ten million customers and {lines:,.0f} million order lines to {features} features: {large:.0f} "
    "minutes in {gb:.1f} GB. Spark on the same machine takes {spark:.0f} times as long: it pays where facts lie on a cluster ([which engine](docs/why/which-engine.md))."
)
_ZH = (
    "- **{passes:,} 位客户起用单机，超过千万才需要集群。** 两核上，{passes:,} 位客户的订单与退货算出 24 个特征：{ours}；手写 {hand}。更小时主要是规划的开销（约 {planning:.0f} 秒）。一千万客户、{hundred_millions:.1f} "
    "亿订单行、{features} 个特征：{large:.0f} 分钟，内存 {gb:.1f} GB。同一台机器上 Spark 要 {spark:.0f} 倍时间：数据本在集群上时才合算（[选哪个引擎](docs/why/which-engine.md)，英文）。"
)


def write_which_engine() -> None:
    """Put the measured numbers between the marks of the pages that tell them, if everything they tell was measured."""
    said = {name: _read(name) for name in ("engines", "out_of_core")}
    if not all(said.values()):
        return
    engines, large = said["engines"], said["out_of_core"]["measured"][0]
    for lang, words in (("en", _EN), ("zh", _ZH)):
        _put(README[lang], "engines", words.format(**_figures(engines, large, lang)))
    _put(PAGE, "table", "\n".join(_table(engines, large)))


def passes(engines: dict[str, Any], peer: str) -> int | None:
    """Return the smallest size measured from which on Patron on DuckDB took no longer than a peer; None: at none."""
    sizes = sorted({one["size"] for one in engines["measured"]})
    ahead = {size for size in sizes if (_seconds(engines, _OURS, size) or 0) <= (_seconds(engines, peer, size) or 0)}
    return next((size for size in sizes if ahead >= {one for one in sizes if one >= size}), None)


def _figures(engines: dict[str, Any], large: dict[str, Any], lang: str) -> dict[str, Any]:
    size = passes(engines, "pandas") or max(one["size"] for one in engines["measured"])
    second = " s" if lang == "en" else " 秒"
    ours, spark = _seconds(engines, _OURS, size), _seconds(engines, _SPARK, size)
    by_hand = [f"{peer} {_seconds(engines, peer, size):.1f}{second}" for peer in _BY_HAND]
    return {
        "passes": size,
        "ours": f"{ours:.1f}{second}",
        "hand": ", ".join(by_hand) if lang == "en" else "、".join(by_hand),
        "planning": _seconds(engines, _OURS, min(one["size"] for one in engines["measured"])),
        "lines": large["order_lines"] / 1e6,
        "hundred_millions": large["order_lines"] / 1e8,
        "features": large["features"],
        "large": statistics.median(large["seconds"]) / 60,
        "gb": large["peak_mib"] * 2**20 / 1e9,
        "spark": (spark or 0) / (ours or 1),
    }


def _table(engines: dict[str, Any], large: dict[str, Any]) -> Sequence[str]:
    rows = [
        "| customers | what | by hand | Patron on DuckDB | Patron on Spark, local[2] | PySpark by hand |",
        "|---|---|---|---|---|---|",
    ]
    for size in sorted({one["size"] for one in engines["measured"]}):
        hand = ", ".join(f"{peer} {_told(_seconds(engines, peer, size))}" for peer in _BY_HAND)
        ours, spark, pyspark = (_told(_seconds(engines, side, size)) for side in (_OURS, _SPARK, "PySpark"))
        rows.append(f"| {size:,} | 24 features of orders and returns | {hand} | {ours} | {spark} | {pyspark} |")
    minutes, gb = statistics.median(large["seconds"]) / 60, large["peak_mib"] * 2**20 / 1e9
    what = f"tiles and {large['features']} features, {large['order_lines'] / 1e6:,.0f} million order lines"
    rows.append(f"| {large['size']:,} | {what} | | {minutes:.0f} min, {gb:.1f} GB in all | | |")
    return rows


def _read(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _seconds(said: dict[str, Any], side: str, size: int) -> float | None:
    found = [one["seconds"] for one in said["measured"] if (one["side"], one["size"]) == (side, size)]
    return statistics.median(found[0]) if found else None


def _told(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"


def _put(page: Path, name: str, body: str) -> None:
    """Replace what stands between a page's marks."""
    text = page.read_text(encoding="utf-8")
    marks = re.compile(rf"<!-- measured: {name} -->\n.*?<!-- end -->", re.DOTALL)
    page.write_text(marks.sub(lambda _: _BLOCK.format(name=name, body=body), text), encoding="utf-8")
