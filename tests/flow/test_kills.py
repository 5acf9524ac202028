from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.csv
import pytest

import patron
from flow import shops
from patron import flow

AS_OF, LATER = "2025-12-20", "2026-02-01"


def _whole_shop(home):
    """A shop with two exports; the later one holds some of the orders of the first again."""
    table = shops.orders(n_customers=120)
    old = pc.less(table["ordered_at"], "2025-12-15")
    plan_home = shops.make(home, table.filter(old))
    pyarrow.csv.write_csv(table.filter(pc.greater(table["ordered_at"], "2025-12-01")), home / "orders-new.csv")
    return plan_home


def _add_second_export(home):
    plan = flow.read_plan(home / flow.PLAN_FILE)
    sources = (*plan.sources, flow.Source(path="orders-new.csv"))
    flow.write_plan(plan.model_copy(update={"sources": sources}), home / flow.PLAN_FILE)


@pytest.fixture(scope="module")
def attempts(tmp_path_factory):
    home = _whole_shop(tmp_path_factory.mktemp("killed") / "shop")
    good = patron.open(home).run(AS_OF)
    _add_second_export(home)
    command = [sys.executable, str(Path(__file__).with_name("killer.py")), str(home), LATER]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    return home, good, [json.loads(line) for line in done.stdout.splitlines()]


def test_kills_fall_on_every_stage_boundary_and_inside_stages(attempts):
    _, _, tries = attempts
    died = [attempt["where"] for attempt in tries if attempt["status"] != 0]
    stages = {where.split("/")[0].split(" ")[0] for where in died}  # "training 90 days" is one training of several
    assert {"facts", "tiles", "features", "training", "forecasts", "segments", "decisions", "report"} <= stages
    assert {where.split("/")[1] for where in died} == {"begin", "inside", "end"}


def test_the_last_good_run_stays_current_until_the_new_one_is_whole(attempts):
    _, good, tries = attempts
    for attempt in tries[:-1]:
        whole_but_killed_afterwards = attempt["where"] == "report/end"
        assert (attempt["current"] == good.id) is not whole_but_killed_afterwards, attempt
    assert tries[-1]["status"] == 0
    assert tries[-1]["current"] != good.id


def test_what_came_out_is_what_an_undisturbed_shop_gets(attempts, tmp_path):
    home, _, _ = attempts
    killed = patron.open(home).current()
    undisturbed = _whole_shop(tmp_path / "shop")
    patron.open(undisturbed).run(AS_OF)
    _add_second_export(undisturbed)
    run = patron.open(undisturbed).run(LATER)
    assert run.id == killed.id
    for name in ("segments", "forecasts", "decisions", "quality", "ledger"):
        ours, theirs = killed.table(name).to_arrow(), run.table(name).to_arrow()
        kept = [column for column in ours.column_names if column != "file"]  # the shops lie in different folders
        assert ours.select(kept).equals(theirs.select(kept)), name


def test_nothing_unfinished_is_left(attempts):
    home, _, _ = attempts
    assert not list((home / "shelf").rglob(".unfinished-*"))
