"""What people see while they wait: stages, rows per second, and an honest guess of the time left."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from patron.cli import talk
from patron.cli.pace import USUAL, Pace


@pytest.fixture
def screen(monkeypatch):
    """A terminal that is really a string."""
    written = io.StringIO()
    monkeypatch.setattr(talk, "talk", Console(file=written, force_terminal=True, highlight=False, width=100))
    return written


def test_the_usual_weights_are_percent():
    assert sum(USUAL.values()) == 100


def test_nobody_knows_the_time_left_before_anything_is_done():
    assert Pace().left("facts", 3.0) is None


def test_time_left_follows_the_pace_of_what_is_done():
    pace = Pace()
    pace.finished("facts", 4 * USUAL["facts"])
    assert pace.left("tiles", 0.0) == pytest.approx(4 * (100 - USUAL["facts"]))
    pace.finished("tiles", 0.0)
    assert pace.left("features", 0.0) < 4 * (100 - USUAL["facts"] - USUAL["tiles"])


def test_a_stage_taken_from_the_shelf_says_nothing_of_the_pace():
    pace = Pace()
    pace.finished("facts", None)
    assert pace.left("tiles", 0.0) is None
    pace.finished("tiles", 10.0)
    rest = 100 - USUAL["facts"] - USUAL["tiles"]
    assert pace.left("features", 0.0) == pytest.approx(10.0 / USUAL["tiles"] * rest)


def test_a_stage_done_in_two_parts_counts_once():
    once, twice = Pace(), Pace()
    once.finished("training", 10.0)
    twice.finished("training", 4.0)
    twice.finished("training", 6.0)
    assert once.left("forecasts", 0.0) == twice.left("forecasts", 0.0)


def test_work_that_is_no_stage_of_a_run_is_judged_by_its_own_share():
    assert Pace().left("simulate", seconds=10.0, share=0.25) == pytest.approx(30.0)


def test_a_terminal_shows_stages_speed_and_time_left(screen):
    with talk.Steps(quiet=False) as steps:
        steps.begin("facts")
        steps.note("half", share=0.5)
        steps._bar.refresh()
        steps.end(row_count=1000)
        steps.begin("tiles")
        steps.end(cached=True)
    shown = screen.getvalue()
    assert "left" in shown
    assert "1,000 rows" in shown
    assert "rows/s" in shown
    assert "unchanged" in shown


def test_elsewhere_it_is_quiet(monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(talk, "talk", Console(file=written, force_terminal=False))
    with talk.Steps(quiet=False) as steps:
        steps.begin("facts")
        steps.note("half", share=0.5)
        steps.end(row_count=1000)
    assert written.getvalue() == ""
