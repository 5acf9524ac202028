"""A grid of the shop's own through a whole run: checked with the Plan, placed, shown, and remade when it changes."""

from __future__ import annotations

import pyarrow.compute as pc
import pytest

import patron
from flow import shops
from patron import flow
from patron.forecasts import ForecastSpec
from patron.ground.errors import PlanError
from patron.segments import RuleSpec, SegmentSpec
from segments.test_own_schemes import GRID

QUICK = ForecastSpec(horizons_days=(90,), models=("naive",), bootstrap_draws=20, threads=1)


def made(home, rules=(), scheme="mine", grid=GRID):
    spec = SegmentSpec(k_max=3, rules=RuleSpec(schemes=("cn8",), own_schemes=("grid.toml", *rules)))
    shops.make(home, forecasts=QUICK, segments=spec)
    (home / "grid.toml").write_text(grid, encoding="utf-8")
    path = home / flow.PLAN_FILE
    text = path.read_text(encoding="utf-8").replace('scheme = "classic11"', f'scheme = "{scheme}"')
    path.write_text(text, encoding="utf-8")
    return home


def test_an_own_grid_is_what_the_run_speaks_of_and_shows(tmp_path):
    home = made(tmp_path)
    run = patron.open(home).run()
    assert run.manifest["scheme"] == "mine-4"
    table = run.segments.to_arrow(["scheme", "segment_key"])
    assert set(pc.unique(table["scheme"]).to_pylist()) == {"cn8-1", "mine-4", "learned"}
    report = next((home / "shelf").rglob("report/index.html")).read_text(encoding="utf-8")
    assert "How it was read. Version 4. FM = (F + M) / 2" in report
    assert "R3 · FM2–3" in report


def test_a_changed_grid_is_read_anew_and_so_is_the_scheme_of_the_plan_though_it_is_not_listed(tmp_path):
    home = made(tmp_path, scheme="pymc5")
    kept = patron.open(home).run()
    assert kept.manifest["scheme"] == "pymc5-1"
    (home / "grid.toml").write_text(GRID.replace("version = 4", "version = 5"), encoding="utf-8")
    table = patron.open(home).run().segments.to_arrow(["scheme"])
    assert pc.unique(table["scheme"]).to_pylist() == ["cn8-1", "pymc5-1", "mine-5", "learned"]


def test_a_fault_in_the_grid_is_told_before_anything_runs(tmp_path):
    home = made(tmp_path, grid=GRID.replace('name_zh = "贵宾"', ""))
    with pytest.raises(PlanError, match=r"grid.toml: segments\[1\].name_zh: this key is missing"):
        flow.read_plan(home / flow.PLAN_FILE)


def test_a_scheme_that_no_file_and_no_preset_has_is_refused_with_the_likely_one(tmp_path):
    home = made(tmp_path, scheme="mien")
    with pytest.raises(PlanError, match="Did you mean 'mine'"):
        flow.read_plan(home / flow.PLAN_FILE)


def test_two_files_of_one_key_are_refused(tmp_path):
    home = made(tmp_path, rules=("again.toml",))
    (home / "again.toml").write_text(GRID, encoding="utf-8")
    with pytest.raises(PlanError, match=r"grid.toml, .*again.toml have the same key 'mine'"):
        flow.read_plan(home / flow.PLAN_FILE)


def test_a_file_that_is_not_there_is_named(tmp_path):
    home = made(tmp_path, rules=("gone.toml",))
    with pytest.raises(PlanError, match=r"gone.toml is not there"):
        flow.read_plan(home / flow.PLAN_FILE)
