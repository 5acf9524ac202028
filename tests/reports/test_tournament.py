"""The tournament of a report: one row per target and horizon, every contender beside the naive formula."""

from __future__ import annotations

from dataclasses import replace

import pytest

from patron.reports import tournament
from reports.conftest import reading_of
from reports.worlds import table_of


def _row(measure, where, value, verdict="info: not used"):
    empty = dict.fromkeys(("lower", "upper", "baseline", "reason"))
    return {"room": "forecasts", "measure": measure, "slice": where, "value": value, "verdict": verdict, **empty}


def _quality(letter=3.0):
    said = [("naive", 2.0, 1.4, 0.9), ("last_period", 3.0, 0.7, 1.2), ("hurdle", 1.5, 0.95, 0.2)]
    rows = [_row("grade", "90d/net_revenue", letter, "good: B")]
    for model, error, total, off in said:
        used = "good: better than the naive formula" if model == "hurdle" else "info: not used"
        for measure, value in (("deviance", error), ("sum_ratio", total), ("decile_mape", off)):
            rows.append(_row(measure, f"90d/net_revenue/{model}", value, used))
    for part, value in (("all", 0.79), ("quarter 1 of 4 by forecast", 0.85)):
        rows.append(_row("interval_coverage", f"90d/net_revenue/{part}", value, "good: held"))
        rows.append(_row("wide_interval_coverage", f"90d/net_revenue/{part}", value + 0.1, "good: held"))
    return table_of("quality", rows)


@pytest.fixture
def played(real):
    reading = reading_of(replace(real, quality=_quality()))
    return reading, tournament.matches(reading)


def test_the_scoreboard_says_who_is_used_and_how_good_it_was(played):
    reading, found = played
    [row] = [[cell.text for cell in row] for row in tournament.scoreboard(reading, found).rows]
    assert row[0] == "B"
    assert row[4:] == ["75%", "95%", "20%", "79%", "89%"]


def test_every_contender_stands_in_the_tournament_the_least_error_first(played):
    reading, found = played
    [table] = tournament.tables(reading, found)
    assert [row[-1].text for row in table.rows] == ["used", "plain formula", "plain formula"]
    assert [row[1].text for row in table.rows] == ["75%", "100%", "150%"]


def test_coverage_is_told_of_everyone_and_of_each_quarter(played):
    reading, [found] = played
    rows = [[cell.text for cell in row] for row in tournament.coverage(reading, found).rows]
    assert rows == [["everyone", "79%", "89%"], ["quarter 1 of 4 by forecast", "85%", "95%"]]


@pytest.mark.parametrize(
    ("letter", "said"),
    [(4.0, "budget may stand on it"), (3.0, "Plan with that much room"), (2.0, "Use it to rank"), (1.0, "as a guess")],
)
def test_the_verdict_says_what_the_grade_allows(real, letter, said):
    reading = reading_of(replace(real, quality=_quality(letter)))
    assert said in tournament.verdict(reading, tournament.matches(reading))


def test_nothing_judged_makes_no_scoreboard(real):
    reading = reading_of(replace(real, quality=real.quality.slice(0, 0)))
    assert tournament.matches(reading) == ()
    assert tournament.scoreboard(reading, ()) is None
    assert tournament.verdict(reading, ()) == ""
