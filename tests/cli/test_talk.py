"""What people see while they wait: stages, rows per second, and an honest guess of the time left."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from flow import shops
from patron.cli import talk
from patron.cli.pace import STAGES, Pace, keep, recall
from patron.engines.shelf import Shelf


@pytest.fixture
def screen(monkeypatch):
    """A terminal that is really a string."""
    written = io.StringIO()
    monkeypatch.setattr(talk, "talk", Console(file=written, force_terminal=True, highlight=False, width=100))
    return written


def test_nobody_knows_the_time_left_before_anything_is_done():
    assert Pace().left("facts", 3.0) is None


def test_a_small_shop_is_expected_to_take_the_fixed_seconds_of_every_stage():
    pace = Pace()
    pace.finished("facts", 1.0, row_count=60)
    fixed = sum(seconds for name, (seconds, _) in STAGES.items() if name != "facts")
    assert pace.left("tiles", 0.0) == pytest.approx(fixed, rel=0.05)


def test_a_large_shop_takes_longer_by_its_rows():
    small, large = Pace(), Pace()
    small.finished("facts", 19.0, row_count=1_000_000)
    large.finished("facts", 190.0, row_count=10_000_000)
    assert large.left("tiles", 0.0) > 5 * small.left("tiles", 0.0)


def test_the_share_done_of_the_facts_tells_how_many_rows_there_are():
    assert Pace().left("facts", seconds=50.0, share=0.5) > 100.0
    assert Pace().left("facts", seconds=0.5, share=0.5) < 10.0


def test_the_last_run_of_a_shop_says_how_long_the_next_takes():
    pace = Pace({"facts": 10.0, "tiles": 2.0, "training 90 days": 3.0, "report": 1.0})
    assert pace.left("facts", seconds=4.0) == pytest.approx(12.0)
    pace.finished("facts", 10.0)
    pace.finished("tiles", None)
    assert pace.left("training 90 days", seconds=0.0) == pytest.approx(4.0)


def test_a_stage_taken_from_the_shelf_says_nothing_of_the_pace():
    pace = Pace({"facts": 10.0, "tiles": 2.0})
    pace.finished("facts", None)
    assert pace.left("tiles", 0.0) == pytest.approx(2.0)
    assert pace.seconds == {}


def test_a_slow_day_is_learned_from_the_stages_that_are_done():
    slow = Pace({"facts": 100.0, "tiles": 10.0})
    slow.finished("facts", 200.0)
    assert slow.left("tiles", 0.0) == pytest.approx(20.0, rel=0.1)


def test_work_that_is_no_stage_of_a_run_is_judged_by_its_own_share():
    assert Pace().left("simulate", seconds=10.0, share=0.25) == pytest.approx(30.0)


def test_times_are_kept_with_the_shop_and_garbage_is_forgotten(tmp_path):
    shelf = Shelf(tmp_path / "shelf")
    assert recall(shelf) == {}
    shelf.root.mkdir()
    keep(shelf, {"facts": 3.0, "tiles": 1.0})
    keep(shelf, {"tiles": 2.0})
    assert recall(shelf) == {"facts": 3.0, "tiles": 2.0}
    shelf.point("pace", "[not seconds")
    assert recall(shelf) == {}


def test_a_run_leaves_its_times_for_the_next(say, small_shop):
    assert say("run", "--shop", small_shop, "--as-of", "2025-11-20", "--quiet").code == 0
    assert {"features", "training 90 days", "report"} <= set(recall(Shelf(small_shop / "shelf")))


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


def _elsewhere(monkeypatch, *, quiet: bool) -> str:
    written = io.StringIO()
    monkeypatch.setattr(talk, "talk", Console(file=written, force_terminal=False))
    with talk.Steps(quiet=quiet) as steps:
        steps.begin("facts")
        steps.note("half", share=0.5)
        steps.end(row_count=1000)
        steps.begin("training", "90 days")
        steps.end(cached=True)
    return written.getvalue()


def test_elsewhere_each_finished_stage_leaves_one_plain_line(monkeypatch):
    lines = _elsewhere(monkeypatch, quiet=False).splitlines()
    assert [line.split(":")[0] for line in lines] == ["facts", "training 90 days"]
    assert "1,000 rows" in lines[0]
    assert "unchanged" in lines[1]


def test_quiet_is_quiet(monkeypatch):
    assert _elsewhere(monkeypatch, quiet=True) == ""


def test_both_trainings_name_their_horizon_and_json_is_not_talked_into(say, tmp_path):
    home = shops.make(tmp_path / "shop")
    said = say("run", "--shop", home)
    assert "training 90 days:" in said.err
    assert say("run", "--shop", home, "--as-of", "2025-12-01", "--json").err == ""
