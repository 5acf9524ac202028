"""The forecast chapter: compared with the naive formula, refused in words, warned about where it was wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from patron.reports.chapters.forecast import forecast
from patron.reports.chapters.headline import headline
from reports.conftest import reading_of
from reports.worlds import table_of


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_the_forecast_is_compared_with_the_naive_formula(real):
    page = forecast(reading_of(real))
    assert "naive formula" in page.lift.sentence
    shares = texts(page.lift.table)
    assert shares[-1] == ["100%", "100%", "100%", "100%"]
    rows = real.calibration.filter(pc.equal(real.calibration["model"], "bg_nbd")).to_pylist()
    told = sum(row["customer_count"] * row["mean_predicted"] for row in rows)
    came = sum(row["customer_count"] * row["mean_actual"] for row in rows)
    assert f"came to {told / came:.0%} of what happened" in page.calibration.sentence
    assert "79%" in page.coverage
    assert page.refusals[0].output == "Forecasts, 365 days"


def test_a_forecast_far_from_its_check_warns_in_the_headline(real):
    assert any("Read the expected amounts with care" in gap for gap in headline(reading_of(real), ()).gaps)


def test_a_refusal_of_the_backtest_is_told(tiny):
    rows = [
        {
            "room": "forecasts",
            "measure": "refused 1",
            "slice": "365d/net_revenue",
            "value": None,
            "lower": None,
            "upper": None,
            "baseline": None,
            "verdict": "refused: too short a history",
        }
    ]
    page = forecast(reading_of(replace(tiny, quality=table_of("quality", rows))))
    assert page.refusals[0].reason == "too short a history"
    assert "365" in page.refusals[0].output


def test_customers_missing_from_segments_and_forecasts_are_counted_but_not_placed(tiny):
    story = replace(tiny, segments=tiny.segments.slice(0, 2), forecasts=tiny.forecasts.slice(0, 2))
    customers = reading_of(story).customers
    assert customers.n == 6
    assert customers.segment.tolist() == [0, 8, -1, -1, -1, -1]
    assert np.isfinite(customers.expected).sum() == 2
