"""What a run says about itself: ledger, judgements, fitness and preparation, for the real shop."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pyarrow as pa

from reports.worlds import table_of


def ledger(raw: pd.DataFrame, nobody: pd.Series, free: pd.Series, cancelled: pd.Series) -> pa.Table:
    parts = {
        ("rejects", "missing customer"): nobody,
        ("rejects", "zero price"): ~nobody & free,
        ("returns", "kept"): ~nobody & ~free & cancelled,
        ("order_lines", "kept"): ~nobody & ~free & ~cancelled,
    }
    return table_of(
        "ledger",
        [
            {
                "source": "online-retail",
                "file": "online_retail.parquet",
                "outcome": outcome,
                "reason": why,
                "row_count": int(rows.sum()),
                "amount": Decimal(f"{raw.amount[rows].sum():.2f}"),
            }
            for (outcome, why), rows in parts.items()
        ],
    )


def quality() -> pa.Table:
    rows = [
        (
            "forecasts",
            "normalised_gini",
            "90d/net_revenue/bg_nbd",
            0.71,
            0.66,
            0.75,
            0.64,
            "good: better than the naive formula",
        ),
        (
            "forecasts",
            "sum_ratio",
            "90d/net_revenue/bg_nbd",
            0.82,
            0.74,
            0.91,
            0.58,
            "good: better than the naive formula",
        ),
        ("forecasts", "roc_auc", "90d/active/bg_nbd", 0.74, 0.72, 0.76, None, "good: better than the naive formula"),
        (
            "forecasts",
            "interval_coverage",
            "90d/net_revenue/all",
            0.79,
            0.77,
            0.81,
            0.8,
            "good: 79.0% of outcomes inside",
        ),
        ("segments", "silhouette", "k=6", 0.31, 0.29, 0.33, None, "fair: overlapping but stable"),
    ]
    names = ("room", "measure", "slice", "value", "lower", "upper", "baseline", "verdict")
    return table_of("quality", [dict(zip(names, row, strict=True)) for row in rows])


def fitness() -> pa.Table:
    rows = [
        ("rfm_segments", True, "4,338 customers, 374 days", "4，338 位客户，374 天", None, None),
        ("forecasts_90d", True, "3 past origins", "3 个历史时点", None, None),
        (
            "forecasts_365d",
            False,
            "374 days of history; 730 are needed",
            "历史 374 天；需要 730 天",
            "keep importing; ready in Dec 2012",
            "继续导入；2012 年 12 月可用",
        ),
        (
            "margin",
            False,
            "no unit costs",
            "没有单位成本",
            "import unit_cost with the products",
            "随商品导入 unit_cost",
        ),
    ]
    names = ("output", "supported", "reason", "reason_zh", "next_step", "next_step_zh")
    return table_of("fitness", [dict(zip(names, row, strict=True)) for row in rows])


def preparation() -> pa.Table:
    return table_of(
        "preparation",
        [
            {"step": "log1p", "column": "net_revenue_sum_lifetime", "choice": "applied", "reason": "skewness 19.3"},
            {"step": "winsorise", "column": "orders_count_365d", "choice": "1%-99%", "reason": "heavy tail"},
            {"step": "scale", "column": "", "choice": "robust", "reason": "outliers remain after the transforms"},
        ],
    )
