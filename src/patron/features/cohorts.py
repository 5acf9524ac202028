"""Cohorts: customers by the month of their first order, and what they did in each month since."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from patron.features.recipe import Tiles


def cohorts(known: Tiles, as_of: date) -> ir.Table:
    """Return one row per cohort and month of age, as the published table `cohorts` describes it.

    Months without an order are there with zero; the month that holds `as_of` is marked incomplete.
    """
    day = ibis.literal(as_of)
    orders = known.tables["orders"].filter(ibis._.day < day)
    first = orders.group_by("customer_id").agg(cohort_month=_month(orders.day.min()))
    sizes = first.group_by("cohort_month").agg(customer_count=first.count())
    active = _monthly(orders, first, {"active_customer_count": "customer", "revenue": "revenue_sum"})
    months = _grid(sizes, as_of)
    joined = months.left_join(active, ["cohort_month", "age_months"])
    joined = joined.drop("cohort_month_right", "age_months_right")
    if "returns" in known.tables and "refund_sum" in known.tables["returns"].columns:
        back = known.tables["returns"].filter(ibis._.day < day)
        refunds = _monthly(back, first, {"refund": "refund_sum"})
        joined = joined.left_join(refunds, ["cohort_month", "age_months"]).drop(
            "cohort_month_right", "age_months_right"
        )
    return _finish(joined, day)


def gap_quantiles(known: Tiles, as_of: date, levels: tuple[float, ...] = (0.5, 0.8, 0.95)) -> ir.Table:
    """Return one row: quantiles of the days between consecutive order days of the same customer, before `as_of`.

    Columns are named `gap_days_p50` and so on; empty where nobody has ordered twice.
    """
    orders = known.tables["orders"].filter(ibis._.day < ibis.literal(as_of))
    gaps = orders.order_gap_days_sum.cast("float64")
    return orders.agg(**{f"gap_days_p{round(level * 100)}": gaps.quantile(level) for level in levels})


def _month(day: ir.DateValue) -> ir.DateValue:
    """Return the first day of a month; what engines call truncating a date gives an instant."""
    return ibis.date(day.year(), day.month(), 1)


def _age_months(table: ir.Table) -> ir.IntegerValue:
    years = table.day.year() - table.cohort_month.year()
    return (years * 12 + table.day.month() - table.cohort_month.month()).cast("int64")


def _monthly(table: ir.Table, first: ir.Table, wanted: dict[str, str]) -> ir.Table:
    placed = table.inner_join(first, "customer_id")
    placed = placed.mutate(age_months=_age_months(placed)).filter(ibis._.age_months >= 0)
    sums = {
        name: placed.customer_id.nunique() if column == "customer" else placed[column].sum()
        for name, column in wanted.items()
        if column == "customer" or column in placed.columns
    }
    return placed.group_by(["cohort_month", "age_months"]).agg(**sums)


def _grid(sizes: ir.Table, as_of: date) -> ir.Table:
    """Every cohort with every age up to the month of as_of."""
    last = ibis.literal(date(as_of.year, as_of.month, 1))
    newest = (last.year() - sizes.cohort_month.year()) * 12 + last.month() - sizes.cohort_month.month()
    ages = ibis.range(0, (newest + 1).cast("int64")).unnest()
    return sizes.mutate(age_months=ages)


def _finish(joined: ir.Table, day: ir.DateValue) -> ir.Table:
    money = "revenue" in joined.columns
    revenue = joined.revenue.fill_null(0) if money else ibis.null("decimal(38, 4)")
    if money and "refund" in joined.columns:
        revenue = revenue - joined.refund.fill_null(0)
    filled = joined.mutate(
        active_customer_count=joined.active_customer_count.fill_null(0),
        net_revenue=revenue,
        is_complete=(joined.cohort_month + joined.age_months.as_interval("M") + ibis.interval(months=1)) <= day,
    )
    so_far = ibis.window(group_by="cohort_month", order_by="age_months", preceding=(None, 0))
    each = filled.net_revenue.sum().over(so_far).cast("float64") / filled.customer_count
    return filled.mutate(
        cumulative_net_revenue_per_customer=each,
        net_revenue=filled.net_revenue.cast("float64"),
        age_months=filled.age_months.cast("int32").cast("int64"),  # Spark counts in 32 bits, whatever is asked
    ).select(
        "cohort_month",
        "age_months",
        "customer_count",
        "active_customer_count",
        "net_revenue",
        "cumulative_net_revenue_per_customer",
        "is_complete",
    )
