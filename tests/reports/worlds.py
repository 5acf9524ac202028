"""Report inputs for tests: a tiny shop whose every number can be worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pyarrow as pa

from patron.reports import ASKED, ReportInput
from reports.cards import ACTIONS, CLASSIC, SCHEME

AS_OF = date(2011, 12, 10)
HORIZON = 90


def empty_tables() -> dict[str, pa.Table]:
    return {name: contract.empty() for name, contract in ASKED.items()}


def table_of(name: str, rows: list[dict[str, object]]) -> pa.Table:
    contract = ASKED[name]
    return contract.check(
        pa.Table.from_pylist(rows, schema=pa.schema([f.with_nullable(True) for f in contract.schema]))
    )


def tiny_shop() -> ReportInput:
    """Six customers with round numbers: revenue 1000, 600, 200, 100, 60, 40 (total 2000)."""
    ids = ["A", "B", "C", "D", "E", "<script>alert(1)</script>"]
    revenue = [1000.0, 600.0, 200.0, 100.0, 60.0, 40.0]
    orders = [10, 6, 2, 1, 1, 1]
    last = [5.0, 90.0, 20.0, 10.0, 150.0, 300.0]
    gap = [10.0, 30.0, 200.0, None, None, None]
    r, f, m = [5, 2, 4, 5, 1, 1], [5, 5, 3, 1, 1, 1], [5, 4, 3, 2, 1, 1]
    position = [0, 8, 2, 3, 10, 10]
    life = ["active", "at_risk", "active", "new", "dormant", "churned"]
    tier = ["platinum", "gold", "silver", "bronze", "bronze", "bronze"]
    expected = [300.0, 80.0, 40.0, 20.0, 5.0, 0.0]
    base = empty_tables()
    base["profiles"] = table_of(
        "profiles",
        [
            {
                "customer_id": i,
                "days_since_last_order": d,
                "orders_count_lifetime": n,
                "net_revenue_sum_lifetime": v,
                "order_gap_days_mean_lifetime": g,
                "days_since_first_order": d + (n - 1) * (g or 0.0),
            }
            for i, d, n, v, g in zip(ids, last, orders, revenue, gap, strict=True)
        ],
    )
    base["segments"] = table_of(
        "segments",
        [
            {
                "customer_id": i,
                "segment_key": CLASSIC[p][0],
                "segment_name": CLASSIC[p][1],
                "scheme": SCHEME.key,
                "membership": 1.0,
                "distance": None,
                "r_score": a,
                "f_score": b,
                "m_score": c,
                "value_tier": t,
                "lifecycle_stage": s,
                "as_of": AS_OF,
            }
            for i, p, a, b, c, t, s in zip(ids, position, r, f, m, tier, life, strict=True)
        ],
    )
    base["forecasts"] = table_of(
        "forecasts",
        [
            {
                "customer_id": i,
                "horizon_days": HORIZON,
                "predicted_clv": e,
                "predicted_clv_lower": 0.0,
                "predicted_clv_upper": 2 * e,
                "predicted_clv_lower_wide": 0.0,
                "predicted_clv_upper_wide": 4 * e,
                "predicted_number_of_orders": 1.0,
                "repurchase_probability": p,
                "churn_probability": 1 - p,
                "probability_alive": p,
                "expected_date_of_next_order": None,
                "next_order_date_lower": None,
                "next_order_date_upper": None,
                "historic_clv": v,
                "total_clv": v + e,
                "model": "bg_nbd",
                "as_of": AS_OF,
            }
            for i, e, v, p in zip(ids, expected, revenue, [0.9, 0.5, 0.7, 0.5, 0.3, 0.0], strict=True)
        ],
    )
    base["ledger"] = table_of(
        "ledger",
        [
            {
                "source": "s",
                "file": "a.csv",
                "outcome": "order_lines",
                "reason": "kept",
                "row_count": 80,
                "amount": 2000,
            },
            {
                "source": "s",
                "file": "a.csv",
                "outcome": "rejects",
                "reason": "missing customer",
                "row_count": 15,
                "amount": None,
            },
            {
                "source": "s",
                "file": "b.csv",
                "outcome": "rejects",
                "reason": "missing customer",
                "row_count": 3,
                "amount": None,
            },
            {"source": "s", "file": "a.csv", "outcome": "rejects", "reason": "<b>odd</b>", "row_count": 2, "amount": 5},
        ],
    )
    return ReportInput(
        shop="Tiny & <i>Co</i>",
        currency="GBP",
        as_of=AS_OF,
        run_id="tiny-1",
        first_day=date(2011, 1, 14),
        last_day=date(2011, 12, 5),
        schemes=(SCHEME,),
        actions=ACTIONS,
        **base,
    )


def with_decisions(story: ReportInput) -> ReportInput:
    """Customer B is contacted, E is held out, the rest are left alone."""
    rows = [
        {
            "customer_id": "B",
            "action": "win_back_vip",
            "channel": "phone",
            "offer": "a personal call",
            "expected_uplift": 0.1,
            "expected_margin": 24.0,
            "cost": 6.0,
            "propensity": 0.9,
            "arm": "treatment",
            "reason": "late",
            "reason_zh": "逾期",
            "owner": "Key accounts",
            "measure_until": date(2012, 1, 9),
            "as_of": AS_OF,
        },
        {
            "customer_id": "E",
            "action": "win_back",
            "channel": "email",
            "offer": "15% off",
            "expected_uplift": 0.04,
            "expected_margin": 3.0,
            "cost": 1.2,
            "propensity": 0.1,
            "arm": "holdout",
            "reason": "late",
            "reason_zh": "逾期",
            "owner": "CRM",
            "measure_until": date(2012, 1, 9),
            "as_of": AS_OF,
        },
        {
            "customer_id": "A",
            "action": "none",
            "channel": None,
            "offer": None,
            "expected_uplift": None,
            "expected_margin": None,
            "cost": None,
            "propensity": 1.0,
            "arm": "treatment",
            "reason": "fine",
            "reason_zh": "无",
            "owner": None,
            "measure_until": None,
            "as_of": AS_OF,
        },
    ]
    return replace(story, decisions=table_of("decisions", rows))


def with_check(story: ReportInput, target: str = "net_revenue", ratio: float = 1.0) -> ReportInput:
    """The same shop with a forecast that one past date could check, at that ratio of what happened."""
    row = {"horizon_days": HORIZON, "target": target, "model": "bg_nbd", "decile": 1, "customer_count": 6}
    row |= {"mean_predicted": ratio, "mean_actual": 1.0, "cumulative_share": 1.0, "origin": date(2011, 9, 11)}
    return replace(story, calibration=table_of("calibration", [row]))


def without_money(story: ReportInput) -> ReportInput:
    """The same shop without amounts or forecasts."""
    gone = pa.nulls(story.profiles.num_rows, pa.float64())
    at = story.profiles.schema.get_field_index("net_revenue_sum_lifetime")
    no_m = pa.nulls(story.segments.num_rows, pa.int64())
    refused = [
        {
            "output": "forecasts",
            "supported": False,
            "reason": "no amounts",
            "reason_zh": "没有金额",
            "next_step": "import order amounts",
            "next_step_zh": "导入订单金额",
        }
    ]
    return replace(
        story,
        currency="",
        profiles=story.profiles.set_column(at, "net_revenue_sum_lifetime", gone),
        segments=story.segments.set_column(story.segments.schema.get_field_index("m_score"), "m_score", no_m),
        forecasts=ASKED["forecasts"].empty(),
        calibration=ASKED["calibration"].empty(),
        cohorts=_without(story.cohorts, "net_revenue", "cumulative_net_revenue_per_customer"),
        quality=ASKED["quality"].empty(),
        fitness=table_of("fitness", refused),
    )


def _without(table: pa.Table, *names: str) -> pa.Table:
    for name in names:
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.nulls(table.num_rows, table.schema.field(name).type))
    return table


def with_come_due(story: ReportInput, ratio: float = 2.0, *, moved: tuple[str, ...] = ("level",)) -> ReportInput:
    """The same shop with a forecast of 90 days earlier that came to that ratio of what happened."""
    origin = date(2011, 9, 11)
    common = {"run_id": "20110911-a1b2c3d4", "horizon_days": HORIZON, "origin": origin, "customer_count": 5}
    deciles = [
        common | {"target": target, "decile": i + 1, "mean_predicted": ratio * came, "mean_actual": came}
        for target, all_came in (("net_revenue", (10.0, 30.0)), ("orders", (0.2, 1.0)))
        for i, came in enumerate(all_came)
    ]
    key = "realised_retrain_season_new" if moved else "realised_keep"
    facts = {"origin": str(origin), "until": str(AS_OF), "share": round(100 * ratio)}
    facts |= {"parts": list(moved)} if moved else {}
    what = {"level": "sum_ratio", "ranking": "normalised_gini", "coverage": "interval_coverage"}
    judged = [
        {"measure": measure, "slice": f"{HORIZON}d/net_revenue", "value": value, "lower": value, "upper": value}
        | {"baseline": 0.9, "verdict": "info: told in words"}
        | {"reason": json.dumps({"key": f"realised_{part if part in moved else 'as_promised'}"})}
        for part, measure in what.items()
        for value in (ratio if part == "level" else 0.77,)
    ]
    check = {"measure": "forecast_check", "slice": f"{HORIZON}d", "verdict": "info: told in words"}
    rows = [row | {"room": "realised"} for row in [*judged, check | {"reason": json.dumps({"key": key} | facts)}]]
    quality = pa.concat_tables([story.quality, table_of("quality", rows)])
    return replace(story, realised=table_of("realised", deciles), quality=quality)


def with_moves(story: ReportInput, to_confirm: str = "") -> ReportInput:
    """The same shop beside a run of 90 days earlier: 1 stayed, 1 moved up, 2 down, 1 is new and 1 has left."""
    origin = date(2011, 9, 11)
    ways = [
        ("down", 0, 7, 2, 300.0),
        ("up", 9, 0, 1, 500.0),
        ("stayed", 0, 0, 1, 900.0),
        ("joined", None, 3, 1, 100.0),
        ("left", 10, None, 1, None),
    ]
    common = {"scheme": SCHEME.key, "before_run_id": "20110911-a1b2c3d4", "before_as_of": origin, "as_of": AS_OF}
    sides = {"from": 1, "to": 2}
    rows = [
        common
        | {"move": way[0], "customers": way[3], "net_revenue_365d": way[4]}
        | {f"{side}_segment": None if way[i] is None else CLASSIC[way[i]][0] for side, i in sides.items()}
        | {f"{side}_name": None if way[i] is None else CLASSIC[way[i]][1] for side, i in sides.items()}
        | {f"{side}_name_zh": None if way[i] is None else CLASSIC[way[i]][2] for side, i in sides.items()}
        for way in ways
    ]
    event = {
        "scheme": "learned",
        "event": "split",
        "customers": 3,
        "share_of_from": 0.5,
        "is_published": not to_confirm,
    }
    event |= {"from_segment": "group_1", "from_name": "Big", "from_name_zh": "大", "to_segment": "group_3"}
    event |= {"to_name": "Bigger", "to_name_zh": "更大", "to_confirm": to_confirm or None}
    event |= {"change": "“Big” (group_1) splits into “Bigger” and “Small”"}
    event |= {"change_zh": "“大”（group_1）拆分为“更大”和“小”"}
    event |= {"before_run_id": "20110911-a1b2c3d4", "as_of": AS_OF}
    moves = table_of("segment_moves", rows)
    return replace(story, segment_moves=moves, segment_events=table_of("segment_events", [event]))
