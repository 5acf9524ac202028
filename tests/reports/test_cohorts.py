"""The cohort chapter: open months are marked, empty ones count, averages are weighted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from patron.reports.chapters.cohorts import average_curve, cohorts
from reports.conftest import reading_of
from reports.worlds import table_of


def test_cohorts_mark_what_is_not_over_and_leave_the_future_blank(real):
    page = cohorts(reading_of(real))
    rows = page.retention.rows
    assert [cell.text for cell in rows[0]][:3] == ["Dec 2010 *", "885", "100%"]
    assert rows[0][-1].hatched
    assert not rows[0][-2].hatched
    assert rows[-1][2].hatched
    assert [cell.text for cell in rows[-1][3:]] == [""] * (len(rows[-1]) - 3)
    assert any("dashed" in note for note in page.notes)
    assert any("1 Dec 2010" in note for note in page.notes)


def test_a_month_without_orders_counts_as_nobody_and_carries_the_value(tiny):
    def row(month, age, active, cumulative):
        return {
            "cohort_month": date(2011, month, 1),
            "age_months": age,
            "customer_count": 10,
            "active_customer_count": active,
            "net_revenue": 10.0,
            "cumulative_net_revenue_per_customer": cumulative,
            "is_complete": True,
        }

    rows = [row(9, 0, 10, 5.0), row(9, 2, 3, 8.0), row(10, 0, 10, 6.0)]
    page = cohorts(reading_of(replace(tiny, cohorts=table_of("cohorts", rows))))
    assert [cell.text for cell in page.retention.rows[0]][2:] == ["100%", "0%", "30%", "0%"]
    assert [cell.text for cell in page.value.rows[0]][2:] == ["£5.00", "£5.00", "£8.00", "£8.00"]
    assert page.retention.rows[0][-1].hatched


def test_the_average_curve_is_weighted_and_ignores_open_months():
    retention = np.array([[1.0, 0.5], [1.0, 0.1], [1.0, 0.9]])
    complete = np.array([[True, True], [True, True], [True, False]])
    assert average_curve(retention, np.array([10, 30, 99]), complete).tolist() == [1.0, pytest.approx(0.2)]


def test_one_cohort_is_too_few(tiny):
    page = cohorts(reading_of(tiny))
    assert page.retention is None
    assert "at least three months" in page.intro
