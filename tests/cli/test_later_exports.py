"""A later export that holds some of the orders again: what is true of the rows of both stays true."""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pytest

import patron
from flow import shops
from patron import flow

OVERLAP, NEW = 30, 20


def _exports() -> tuple[pa.Table, pa.Table]:
    table = shops.orders(n_customers=60)
    size = table.num_rows
    older = table.slice(0, size - NEW)
    newer = table.slice(size - NEW - OVERLAP)
    dearer = pa.array([amount + 1 for amount in newer["total_amount"].to_pylist()])
    return older, newer.set_column(newer.column_names.index("total_amount"), "total_amount", dearer)


def _add(home, newer, name="later.csv"):
    pyarrow.csv.write_csv(newer, home / name)
    plan = flow.read_plan(home / flow.PLAN_FILE)
    flow.write_plan(plan.model_copy(update={"sources": (*plan.sources, flow.Source(path=name))}), home / flow.PLAN_FILE)


def _table(say, home, name):
    said = say("tables", name, "--shop", home)
    assert said.code == 0, said.err
    return pd.read_csv(io.StringIO(said.out))


@pytest.fixture
def twice(say, tmp_path):
    """A shop whose later export came after a run, and the rows of both."""
    older, newer = _exports()
    home = shops.make(tmp_path / "shop", older)
    assert say("run", "--shop", home).code == 0
    _add(home, newer)
    assert say("run", "--shop", home).code == 0
    return home, older, newer


def test_orders_that_came_again_are_counted_once_and_their_older_rows_are_shown(say, twice):
    home, older, newer = twice
    ledger, rejects = _table(say, home, "ledger"), _table(say, home, "rejects")
    assert ledger.row_count.sum() == older.num_rows + newer.num_rows
    assert ledger[ledger.outcome == "orders"].row_count.sum() == older.num_rows + NEW
    assert list(rejects.reason.unique()) == ["replaced by a later version"]
    assert sorted(rejects.row_no) == list(range(older.num_rows - OVERLAP + 1, older.num_rows + 1))
    assert {name.rsplit("/", 1)[1] for name in rejects.file} == {"orders.csv"}
    known = set(newer["order_id"].to_pylist()[:OVERLAP])
    assert {row.split('"order_id":"')[1].split('"')[0] for row in rejects.row} == known
    run = patron.open(home).current()
    assert run.manifest["orders"] == older.num_rows + NEW
    told = (home / "shelf" / "runs" / run.id / "report" / "index.html").read_text(encoding="utf-8")
    assert f"{older.num_rows + newer.num_rows:,} rows were read" in told
    assert "replaced by a later version" in told


def test_the_same_files_again_change_nothing(say, twice):
    home, _, _ = twice
    before = patron.open(home).current().id
    assert say("run", "--shop", home).code == 0
    assert patron.open(home).current().id == before


def test_new_rules_count_all_files_as_one_import_of_them_does(say, twice, tmp_path):
    home, older, newer = twice
    plan = flow.read_plan(home / flow.PLAN_FILE)
    stricter = plan.model_copy(update={"records": plan.records.model_copy(update={"near_duplicate_seconds": 1})})
    flow.write_plan(stricter, home / flow.PLAN_FILE)
    once = shops.make(tmp_path / "once", older)
    _add(once, newer)
    flow.write_plan(stricter, once / flow.PLAN_FILE)
    counts = []
    for shop in (home, once):
        assert say("run", "--shop", shop).code == 0
        ledger = _table(say, shop, "ledger").assign(file=lambda rows: rows.file.str.rsplit("/", n=1).str[1])
        counts.append(sorted(ledger[["file", "outcome", "reason", "row_count"]].itertuples(index=False, name=None)))
    assert counts[0] == counts[1]
    assert {row[1] for row in counts[0]} == {"orders", "rejects"}


@pytest.mark.parametrize("text", ["", "order_id,customer_id,ordered_at,total_amount\n"])
@pytest.mark.parametrize("again", [False, True])
def test_an_empty_month_is_said_and_holds_nothing_up(say, tmp_path, text, again):
    older, newer = _exports()
    folder = tmp_path / "exports"
    folder.mkdir()
    pyarrow.csv.write_csv(older, folder / "1.csv")
    (folder / "2.csv").write_text(text, encoding="utf-8")
    made = say("init", tmp_path / "shop", folder, "--yes")
    assert made.code == 0, made.err
    assert "2.csv: left out, it has no row of data" in made.err
    shops.hasten(tmp_path / "shop")
    if again:
        pyarrow.csv.write_csv(newer, folder / "3.csv")
    said = say("run", "--shop", tmp_path / "shop", "--quiet")
    assert said.code == 0, said.err
    assert "Nothing was read from 1 file without a row of data: 2.csv." in said.out
    limits = patron.open(tmp_path / "shop").current().manifest["limits"]
    assert any("2.csv" in line for line in limits["en"])
    assert any("2.csv" in line for line in limits["zh"])
    pyarrow.csv.write_csv(newer, folder / "2.csv")
    assert "2.csv" not in say("run", "--shop", tmp_path / "shop", "--quiet").out


def test_a_folder_of_empty_files_is_refused(say, tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "1.csv").write_text("order_id,customer_id,ordered_at,total_amount\n", encoding="utf-8")
    (folder / "2.csv").write_text("", encoding="utf-8")
    said = say("init", tmp_path / "shop", folder, "--yes")
    assert said.code == 1
    assert "no row of data" in said.err


def test_an_empty_file_among_named_files_holds_nothing_up(say, tmp_path):
    older, newer = _exports()
    pyarrow.csv.write_csv(older, tmp_path / "1.csv")
    (tmp_path / "2.csv").write_text("order_id,customer_id,ordered_at,total_amount\n", encoding="utf-8")
    assert say("init", tmp_path / "shop", tmp_path / "1.csv", tmp_path / "2.csv", "--yes").code == 0
    shops.hasten(tmp_path / "shop")
    said = say("run", "--shop", tmp_path / "shop", "--quiet")
    assert said.code == 0, said.err
    assert "Nothing was read from 1 file without a row of data: 2.csv." in said.out
    pyarrow.csv.write_csv(newer, tmp_path / "2.csv")
    assert say("run", "--shop", tmp_path / "shop", "--quiet").code == 0
    assert len(patron.open(tmp_path / "shop").current().table("rejects")) == OVERLAP
