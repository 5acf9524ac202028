"""A real shop (Online Retail, United Kingdom 2010-2011) as report input; forecasts are rough on purpose."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from patron.reports import ASKED, ReportInput
from reports.cards import ACTIONS, CLASSIC, SCHEME
from reports.run_records import fitness, ledger, preparation, quality
from reports.worlds import AS_OF, HORIZON, table_of

DATA = Path(__file__).parents[2] / "data" / "online_retail" / "online_retail.parquet"
CELLS = {
    5: (3, 2, 2, 0, 0),
    4: (4, 2, 2, 1, 1),
    3: (6, 6, 5, 1, 1),
    2: (9, 9, 7, 7, 8),
    1: (10, 10, 7, 7, 8),
}
ACTION_OF = {7: "win_back", 8: "win_back_vip", 5: "win_back", 3: "second_order", 4: "second_order", 0: "thank"}
UPLIFT = {"win_back_vip": 0.10, "win_back": 0.04, "second_order": 0.05, "thank": 0.03}


def real_shop() -> ReportInput:
    """Online Retail: real customers, scores and cohorts; forecasts are rough on purpose."""
    raw = pq.read_table(DATA).to_pandas()
    raw["amount"] = raw.Quantity * raw.UnitPrice
    raw["day"] = raw.InvoiceDate.dt.normalize()
    cancelled = raw.InvoiceNo.str.startswith("C")
    nobody, free = raw.CustomerID.isna(), raw.UnitPrice <= 0
    sold = raw[~nobody & ~free & ~cancelled & (raw.Quantity > 0)].copy()
    sold["customer_id"] = sold.CustomerID.astype(int).astype(str)
    back = raw[~nobody & cancelled].groupby(raw.CustomerID)["amount"].sum()
    people = _people(sold, pd.Timestamp(AS_OF))
    people["revenue"] += back.rename(lambda c: str(int(c))).reindex(people.index).fillna(0.0)
    scored = _scored(people)
    forecast = _forecast(scored, HORIZON)
    check = _calibration(sold, pd.Timestamp(AS_OF) - timedelta(days=HORIZON))
    return ReportInput(
        shop="Online Retail",
        currency="GBP",
        as_of=AS_OF,
        run_id="20111210-4f2a91",
        first_day=sold.day.min().date(),
        last_day=sold.day.max().date(),
        segments=_segments(scored),
        forecasts=_forecasts(scored, forecast),
        segment_profiles=_profiles(scored),
        decisions=_decisions(scored, forecast),
        quality=quality(),
        calibration=check,
        cohorts=_cohorts(sold),
        ledger=ledger(raw, nobody, free, cancelled),
        fitness=fitness(),
        profiles=table_of(
            "profiles",
            [
                {
                    "customer_id": i,
                    "days_since_last_order": row.last,
                    "orders_count_lifetime": row.orders,
                    "net_revenue_sum_lifetime": row.revenue,
                    "order_gap_days_mean_lifetime": row.gap if row.gap > 0 else None,
                    "days_since_first_order": row.first,
                }
                for i, row in scored.iterrows()
            ],
        ),
        preparation=preparation(),
        schemes=(SCHEME,),
        actions=ACTIONS,
    )


def _people(sold: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    by = sold[sold.day < as_of].groupby("customer_id")
    people = pd.DataFrame({"orders": by.InvoiceNo.nunique(), "revenue": by.amount.sum(), "days": by.day.nunique()})
    people["last"] = (as_of - by.day.max()).dt.days.astype(float)
    people["first"] = (as_of - by.day.min()).dt.days.astype(float)
    people["gap"] = np.where(
        people.days > 1, (people["first"] - people["last"]) / (people.days - 1).clip(lower=1), np.nan
    )
    return people


def _fifths(values: pd.Series) -> np.ndarray:
    return np.ceil(values.rank(pct=True, method="average") * 5).clip(1, 5).astype(int).to_numpy()


def _scored(people: pd.DataFrame) -> pd.DataFrame:
    scored = people.copy()
    scored["r"], scored["f"], scored["m"] = _fifths(-people["last"]), _fifths(people.orders), _fifths(people.revenue)
    fm = (scored.f + scored.m + 1) // 2
    scored["segment"] = [CELLS[a][b - 1] for a, b in zip(scored.r, fm, strict=True)]
    held = people.revenue.sort_values(ascending=False).cumsum() / people.revenue.sum()
    scored["tier"] = pd.cut(
        held.reindex(people.index), [-1, 0.5, 0.8, 0.95, 9], labels=["platinum", "gold", "silver", "bronze"]
    ).astype(str)
    late = people["last"] / people.gap.fillna(75).clip(lower=7)
    stages = [people["first"] <= 60, late < 2, late < 4, late < 6]
    scored["stage"] = np.select(stages, ["new", "active", "at_risk", "dormant"], "churned")
    return scored


def _forecast(people: pd.DataFrame, horizon: int) -> pd.DataFrame:
    alive = 1 / (1 + (people["last"] / people.gap.fillna(60).clip(lower=7) / 2.5) ** 2)
    orders = alive * (people.days + 0.6) / (people["first"] + 60) * horizon
    value = (people.revenue / people.orders * people.orders + 400) / (people.orders + 1)
    return pd.DataFrame({"alive": alive, "orders": orders, "clv": orders * value, "again": 1 - np.exp(-orders)})


def _segments(scored: pd.DataFrame) -> pa.Table:
    return table_of(
        "segments",
        [
            {
                "customer_id": i,
                "segment_key": CLASSIC[row.segment][0],
                "segment_name": CLASSIC[row.segment][1],
                "scheme": SCHEME.key,
                "membership": 1.0,
                "distance": None,
                "r_score": row.r,
                "f_score": row.f,
                "m_score": row.m,
                "value_tier": row.tier,
                "lifecycle_stage": row.stage,
                "as_of": AS_OF,
            }
            for i, row in scored.iterrows()
        ],
    )


def _forecasts(scored: pd.DataFrame, said: pd.DataFrame) -> pa.Table:
    n, clv, again = len(scored), said.clv.to_numpy(), said.again.to_numpy()
    return ASKED["forecasts"].check(
        pa.table(
            {
                "customer_id": scored.index.to_numpy(str),
                "horizon_days": np.full(n, HORIZON),
                "predicted_clv": clv,
                "predicted_clv_lower": clv * 0.2,
                "predicted_clv_upper": clv * 2.4,
                "predicted_clv_lower_wide": clv * 0.0,
                "predicted_clv_upper_wide": clv * 5.0,
                "predicted_number_of_orders": said.orders.to_numpy(),
                "repurchase_probability": again,
                "churn_probability": 1 - again,
                "probability_alive": said.alive.to_numpy(),
                "expected_date_of_next_order": pa.nulls(n, pa.date32()),
                "next_order_date_lower": pa.nulls(n, pa.date32()),
                "next_order_date_upper": pa.nulls(n, pa.date32()),
                "historic_clv": scored.revenue.to_numpy(),
                "total_clv": scored.revenue.to_numpy() + clv,
                "predicted_margin": pa.nulls(n, pa.float64()),
                "predicted_margin_lower": pa.nulls(n, pa.float64()),
                "predicted_margin_upper": pa.nulls(n, pa.float64()),
                "expected_margin_share": pa.nulls(n, pa.float64()),
                "model": ["bg_nbd"] * n,
                "as_of": [AS_OF] * n,
            }
        )
    )


def _profiles(scored: pd.DataFrame) -> pa.Table:
    names = {
        "last": "days_since_last_order",
        "orders": "orders_count_lifetime",
        "revenue": "net_revenue_sum_lifetime",
        "gap": "order_gap_days_mean_lifetime",
        "first": "days_since_first_order",
    }
    ranks, rows = scored[list(names)].rank(pct=True), []
    for position, group in scored.groupby("segment"):
        lift = {column: float(2 * ranks.loc[group.index, column].mean() - 1) for column in names}
        for rank, column in enumerate(sorted(names, key=lambda name: -abs(np.nan_to_num(lift[name]))), 1):
            rows.append(
                {
                    "scheme": SCHEME.key,
                    "segment_key": CLASSIC[position][0],
                    "segment_name": CLASSIC[position][1],
                    "segment_name_zh": CLASSIC[position][2],
                    "feature": names[column],
                    "median": _or_none(group[column].median()),
                    "base_median": float(scored[column].median()),
                    "lift": float(np.nan_to_num(lift[column])),
                    "lift_lower": float(np.nan_to_num(lift[column])) - 0.05,
                    "lift_upper": float(np.nan_to_num(lift[column])) + 0.05,
                    "is_different": abs(float(np.nan_to_num(lift[column]))) > 0.05,
                    "share_present": float(group[column].notna().mean()),
                    "rank": rank,
                    "as_of": AS_OF,
                }
            )
    return table_of("segment_profiles", rows)


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _decisions(scored: pd.DataFrame, said: pd.DataFrame) -> pa.Table:
    rows = []
    cost_of = {card.key: card.cost or 0.0 for card in ACTIONS}
    for k, (i, row) in enumerate(scored.iterrows()):
        action = ACTION_OF.get(row.segment, "none")
        margin = UPLIFT.get(action, 0.0) * 0.4 * row.revenue / row.orders - cost_of.get(action, 0.0)
        if margin <= 0:
            action = "none"
        rows.append(
            {
                "customer_id": i,
                "action": action,
                "channel": None,
                "offer": None,
                "expected_uplift": UPLIFT.get(action),
                "expected_margin": margin if action != "none" else None,
                "cost": cost_of.get(action),
                "propensity": 0.9,
                "arm": "holdout" if k % 10 == 3 and action != "none" else "treatment",
                "reason": "rule",
                "reason_zh": "规则",
                "owner": None,
                "measure_until": date(2012, 1, 23),
                "as_of": AS_OF,
            }
        )
    return table_of("decisions", rows)


def _calibration(sold: pd.DataFrame, origin: pd.Timestamp) -> pa.Table:
    then = _people(sold, origin)
    future = sold[sold.day >= origin].groupby("customer_id").amount.sum().reindex(then.index).fillna(0.0)
    naive = then.revenue / (then["first"] + 30) * HORIZON
    rows = []
    for model, said in (("bg_nbd", _forecast(then, HORIZON).clv), ("naive", naive)):
        tenth = np.ceil(said.rank(pct=True, method="first") * 10).astype(int)
        for decile in range(1, 11):
            inside = tenth == decile
            rows.append(
                {
                    "horizon_days": HORIZON,
                    "target": "net_revenue",
                    "model": model,
                    "decile": decile,
                    "customer_count": int(inside.sum()),
                    "mean_predicted": float(said[inside].mean()),
                    "mean_actual": float(future[inside].mean()),
                    "cumulative_share": float(future[tenth >= decile].sum() / future.sum()),
                    "origin": origin.date(),
                }
            )
    return table_of("calibration", rows)


def _cohorts(sold: pd.DataFrame) -> pa.Table:
    month = sold.day.dt.to_period("M")
    first = month.groupby(sold.customer_id).transform("min")
    age = month.dt.year * 12 + month.dt.month - first.dt.year * 12 - first.dt.month
    keyed = pd.DataFrame({"cohort": first, "age": age, "customer": sold.customer_id, "amount": sold.amount})
    size = keyed.groupby("cohort").customer.nunique()
    rows = []
    for cohort, part in keyed.groupby("cohort"):
        by = part.groupby("age")
        money, active = by.amount.sum(), by.customer.nunique()
        rows += [
            {
                "cohort_month": cohort.to_timestamp().date(),
                "age_months": int(months),
                "customer_count": int(size[cohort]),
                "active_customer_count": int(active[months]),
                "net_revenue": float(money[months]),
                "cumulative_net_revenue_per_customer": float(money[money.index <= months].sum() / size[cohort]),
                "is_complete": bool((cohort + int(months)).end_time.date() < AS_OF),
            }
            for months in money.index
        ]
    return table_of("cohorts", rows)
