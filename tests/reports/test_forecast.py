"""The forecast chapter: compared with the naive formula, refused in words, warned about where it was wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

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


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (0.5, "too low for those months: use it to rank"),
        (0.8, "somewhat too low: what happened was 25% more"),
        (1.0, "right to within a tenth"),
        (1.25, "somewhat too high: what happened was 20% less"),
        (2.0, "too high for those months: use it to rank"),
    ],
)
def test_the_level_is_called_right_only_where_it_is(real, ratio, said):
    page = forecast(reading_of(replace(real, calibration=_at_ratio(ratio))))
    assert said in page.calibration.sentence
    assert page.calibration.sentence.count("level was right") == (ratio == 1.0)


def _at_ratio(ratio, origin=date(2011, 9, 11)):
    row = {"horizon_days": 90, "target": "net_revenue", "model": "bg_nbd", "decile": 1, "customer_count": 100}
    row |= {"mean_predicted": 100.0 * ratio, "mean_actual": 100.0, "cumulative_share": 1.0, "origin": origin}
    return table_of("calibration", [row])


def test_the_season_is_named_beside_the_amount_where_history_is_short(real):
    """As of 10 Dec 2011, 90 days ahead, checked from 11 Sep 2011: the months ahead are others than those checked."""
    reading = reading_of(replace(real, calibration=_at_ratio(0.6)))
    said = headline(reading, ())
    assert "It was checked on Sep 2011 to Dec 2011, and the months ahead are Dec 2011 to Mar 2012" in said.sentences[1]
    assert "in the check on Sep 2011 to Dec 2011, the forecast came to 60%" in said.gaps[-1]
    assert "This says nothing sure about Dec 2011 to Mar 2012" in forecast(reading).calibration.sentence
    chinese = headline(reading_of(reading.story, "zh"), ()).sentences[1]
    assert "检验期是2011年9月至2011年12月，而未来是2011年12月至2012年3月" in chinese


@pytest.mark.parametrize(
    "change", [{"first_day": date(2009, 12, 1)}, {"calibration": _at_ratio(0.6, date(2010, 12, 20))}]
)
def test_the_season_is_not_named_where_it_was_seen(real, change):
    reading = reading_of(replace(real, **({"calibration": _at_ratio(0.6)} | change)))
    assert "alike" not in headline(reading, ()).sentences[1]
    assert "nothing sure" not in forecast(reading).calibration.sentence


def test_a_total_drawn_to_the_year_before_says_so_and_what_the_whole_shop_took(real):
    row = {"room": "forecasts", "slice": "90d/net_revenue/2011-12-10", "verdict": "info: told"}
    row |= dict.fromkeys(("lower", "upper", "baseline"))
    rows = [row | {"measure": "year_before", "value": 400.0}, row | {"measure": "shop_a_year_ago", "value": 1.5e6}]
    told = pa.concat_tables([real.quality, table_of("quality", rows)])
    story = replace(real, calibration=_at_ratio(0.6), quality=told)
    said = headline(reading_of(story), ()).sentences[1]
    assert "the total follows the £1,500,000 that the whole shop took in those months a year before" in said
    assert "For Dec 2011 to Mar 2012 the total is drawn" in forecast(reading_of(story)).calibration.sentence
    unsteady = replace(story, quality=told.filter(pc.not_equal(told["measure"], "year_before")))
    said = headline(reading_of(unsteady), ()).sentences[1]
    assert "alike" in said
    assert "A year before, the whole shop took £1,500,000 in those months" in said
    assert "上一年同月全店共" in headline(reading_of(unsteady, "zh"), ()).sentences[1]


def test_a_refused_model_is_named_in_peoples_words(tiny):
    row = {"room": "forecasts", "measure": "refused 1", "slice": "180d/hurdle", "verdict": "refused: hurdle needs 50"}
    row |= dict.fromkeys(("value", "lower", "upper", "baseline"))
    told = forecast(reading_of(replace(tiny, quality=table_of("quality", [row])))).refusals[0]
    assert told.output == "gradient boosting in two steps, 180 days"
    assert told.reason == "gradient boosting in two steps needs 50"


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


@pytest.mark.parametrize(("promised", "said"), [(0.9, "at their word"), (0.8, "wider than they need")])
def test_a_range_is_held_to_what_it_promises(real, promised, said):
    row = {"room": "forecasts", "measure": "interval_coverage", "slice": "90d/net_revenue/all", "value": 0.9}
    row |= {"lower": 0.89, "upper": 0.91, "baseline": 0.8, "verdict": "good: held; bands from earlier origins"}
    reason = json.dumps({"key": "earlier_origins", "promised": promised})
    page = forecast(reading_of(replace(real, quality=table_of("quality", [row | {"reason": reason}]))))
    assert said in page.coverage
