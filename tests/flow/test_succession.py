"""Segments of one run after another: names kept, changes held back until the Plan confirms them, moves counted."""

from __future__ import annotations

import html
import json
import re
import shutil

import numpy as np
import pyarrow.compute as pc
import pytest

import patron
from flow import shops
from patron.comparison import history, migration, movers
from patron.ground.errors import PlanError

THEN, NOW = "2025-09-15", "2025-12-01"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    opened = patron.open(shops.make(tmp_path_factory.mktemp("succession") / "shop"))
    opened.run(THEN)
    opened.run(NOW)
    return opened


@pytest.fixture
def copy(shop, tmp_path):
    shutil.copytree(shop.home, tmp_path / "shop")
    return patron.open(tmp_path / "shop")


def _learned(run):
    table = run.segments.to_arrow()
    return table.filter(pc.equal(table["scheme"], "learned"))


def _names(run):
    rows = _learned(run).group_by(["segment_key", "segment_name"]).aggregate([]).to_pylist()
    return {(row["segment_key"], row["segment_name"]) for row in rows}


def _write(shop, old, new):
    path = shop.home / "patron.toml"
    said = path.read_text(encoding="utf-8")
    assert old in said
    path.write_text(said.replace(old, new), encoding="utf-8")


def test_a_first_run_has_no_events_and_no_moves(shop):
    first = shop.runs[0]
    assert len(first.table("segment_events")) == len(first.table("segment_moves")) == 0
    assert "identity" not in first.quality.to_arrow()["measure"].to_pylist()
    assert 'id="moves"' not in first.report().read_text(encoding="utf-8")


def test_the_next_run_says_what_became_of_every_segment_and_who_moved(shop):
    first, second = shop.runs
    events = second.table("segment_events").to_arrow()
    assert {name for name in events["from_segment"].to_pylist() if name} == {key for key, _ in _names(first)}
    assert set(events["before_run_id"].to_pylist()) == {first.id}
    moves = second.table("segment_moves").to_arrow()
    for scheme in ("classic11-1", "learned"):
        mine = moves.filter(pc.equal(moves["scheme"], scheme))
        assert pc.sum(mine["customers"]).as_py() == second.manifest["customers"]
    assert 'id="moves"' in second.report().read_text(encoding="utf-8")
    assert 'id="moves"' in second.report("zh").read_text(encoding="utf-8")


def test_a_run_made_again_is_the_same_run(shop):
    ids = [run.id for run in shop.runs]
    assert [shop.run(day).id for day in (THEN, NOW)] == ids
    assert len(shop.runs) == 2


def test_the_same_day_with_another_seed_keeps_every_name(copy):
    before = copy.current()
    _write(copy, "seed = 7", "seed = 8")
    after = copy.run(NOW)
    assert after.id != before.id
    assert _names(after) == _names(before)
    assert set(after.table("segment_events").to_arrow()["before_run_id"].to_pylist()) == {before.id}


def test_a_change_waits_for_the_plan_and_the_old_cut_places_everyone(copy):
    before = copy.current()
    features = re.search(r"(?ms)^features = \[.*?\]", (copy.home / "patron.toml").read_text(encoding="utf-8"))
    _write(copy, features[0], 'features = ["days_since_first_order"]')
    held = copy.run(NOW)
    columns = ["customer_id", "segment_key", "segment_name", "membership", "distance"]
    assert _learned(held).select(columns).equals(_learned(before).select(columns))
    [change] = set(held.table("segment_events").to_arrow()["to_confirm"].to_pylist())
    assert any(f'confirmed_change = "{change}"' in line for line in held.manifest["limits"]["en"])
    assert any(f'confirmed_change = "{change}"' in line for line in held.manifest["limits"]["zh"])
    [told] = set(held.table("segment_events").to_arrow()["change"].to_pylist())
    assert any(told in line for line in held.manifest["limits"]["en"])
    page = _segment_chapter(held)
    assert html.escape(told, quote=False) in page
    assert change in page
    _write(copy, 'confirmed_change = ""', 'confirmed_change = "split them all"')
    lines = copy.run(NOW).manifest["limits"]
    for lang, nothing in (("en", "confirms nothing"), ("zh", "没有确认任何变化")):
        [line] = [line for line in lines[lang] if nothing in line]
        assert 'confirmed_change = "split them all"' in line
        assert f'"{change}"' in line
    _write(copy, 'confirmed_change = "split them all"', f'confirmed_change = "{change}"')
    after = copy.run(NOW)
    assert _names(after) != _names(before)
    assert not any("confirmed_change" in line for line in after.manifest["limits"]["en"])
    assert not ({key for key, _ in _names(after)} - {key for key, _ in _names(before)}) & {
        segment["key"] for segment in _cards(before)
    }


def _segment_chapter(run):
    return (
        run.report().read_text(encoding="utf-8").partition('id="segments"')[2].partition("<h2")[2].partition("<h2")[0]
    )


def test_a_confirmation_of_nothing_is_said_where_no_change_waits(copy):
    _write(copy, 'confirmed_change = ""', 'confirmed_change = "split them all"')
    said = copy.run(NOW)
    [line] = [line for line in said.manifest["limits"]["en"] if "confirmed_change" in line]
    assert line.startswith(
        'confirmed_change = "split them all" confirms nothing: the learned segments did not change so'
    )
    [row] = [row for row in said.quality.to_arrow().to_pylist() if row["measure"] == "confirmed_change"]
    assert row["verdict"].startswith("poor")


def _cards(run):
    said = json.loads((run.folder / "models" / "segments" / "segments.json").read_text(encoding="utf-8"))
    return [{"key": one[0]} for one in said["learned"]["segments"]]


def test_a_run_of_an_older_version_is_followed_as_far_as_it_can_be_read(copy):
    old = copy.runs[0].folder
    (old / "models" / "segments" / "succession.json").unlink()
    for name in ("segment_events", "segment_moves"):
        (old / "tables" / f"{name}.parquet").unlink()
    shutil.rmtree(old / "models" / "preparation")
    _write(copy, "seed = 7", "seed = 9")
    shutil.rmtree(copy.runs[1].folder)
    after = copy.run(NOW)
    [said] = [row for row in after.quality.to_arrow().to_pylist() if row["measure"] == "identity"]
    assert "cannot place today's customers" in said["verdict"]
    assert not {key for key, _ in _names(after)} & {one["key"] for one in _cards(copy.runs[0])}
    assert len(after.table("segment_moves")) > 0


def test_who_moved_up_and_down_is_counted_and_listed_alike(shop):
    first, second = shop.runs
    matrix = migration(first, second)
    table = second.table("segment_moves").to_arrow()
    assert matrix.equals(table.filter(pc.equal(table["scheme"], "classic11-1")).cast(matrix.schema))
    for move in ("up", "down", "joined", "stayed"):
        rows = matrix.filter(pc.equal(matrix["move"], move))
        listed = movers(first, second, move)
        assert listed.num_rows == pc.sum(rows["customers"]).as_py() > 0
        money = pc.sum(listed["net_revenue_365d"]).as_py()
        assert money == pytest.approx(pc.sum(rows["net_revenue_365d"]).as_py())
    up = movers(first, second, "up").to_pylist()
    order = ["champions", "loyal", "potential_loyalist", "new_customers", "promising", "need_attention"]
    known = [row for row in up if row["from_segment"] in order and row["to_segment"] in order]
    assert all(order.index(row["to_segment"]) < order.index(row["from_segment"]) for row in known)
    assert np.all(np.diff([row["net_revenue_365d"] for row in up]) <= 0)
    with pytest.raises(PlanError, match="sideways"):
        movers(first, second, "sideways")
    with pytest.raises(PlanError, match="no-such-scheme"):
        migration(first, second, "no-such-scheme")


def test_a_customer_has_a_history(shop):
    first, second = shop.runs
    one = first.segments.to_arrow(["customer_id"])["customer_id"][0].as_py()
    rows = history((second, first), one, "learned")
    assert [row["run_id"] for row in rows] == [first.id, second.id]
    said = {row["customer_id"]: row["segment_key"] for row in _learned(second).to_pylist()}
    assert rows[1]["segment_key"] == said[one]
    with pytest.raises(PlanError, match="nobody"):
        history(shop.runs, "nobody")
