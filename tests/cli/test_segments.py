"""`patron segments`: rows on stdout, words on stderr."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import patron
from patron import segments

RUNS = ("20251201", "20260115")


def test_the_matrix_is_csv_and_json(say, small_shop):
    words = ("segments", "diff", *RUNS, "--shop", small_shop)
    rows = list(csv.DictReader(io.StringIO(say(*words).out)))
    assert sum(int(row["customers"]) for row in rows) == 160
    assert {"move", "from_segment", "to_segment", "customers", "net_revenue_365d"} <= set(rows[0])
    said = json.loads(say(*words, "--json").out)
    assert [row["customers"] for row in said] == [int(row["customers"]) for row in rows]
    learned = json.loads(say(*words, "--json", "--scheme", "learned").out)
    assert {row["scheme"] for row in learned} == {"learned"}


def test_runs_named_the_other_way_round_are_read_in_order_and_it_is_said(say, small_shop):
    forth = say("segments", "diff", *RUNS, "--shop", small_shop)
    back = say("segments", "diff", *reversed(RUNS), "--shop", small_shop)
    assert (back.code, back.out) == (0, forth.out)
    assert "as of 2025-12-01, an earlier day than 2026-01-15" in back.err
    assert "an earlier day" not in forth.err
    listed = [say("segments", "diff", *runs, "--shop", small_shop, "--who", "up").out for runs in (RUNS, RUNS[::-1])]
    assert listed[0] == listed[1]


def test_the_customers_behind_a_move_are_listed(say, small_shop):
    words = ("segments", "diff", *RUNS, "--shop", small_shop)
    counted = sum(row["customers"] for row in json.loads(say(*words, "--json").out) if row["move"] == "down")
    listed = list(csv.DictReader(io.StringIO(say(*words, "--who", "down").out)))
    assert len(listed) == counted > 0
    assert {"customer_id", "predicted_clv"} <= set(listed[0])
    left = say(*words, "--who", "left")
    assert (left.code, len(left.out.splitlines())) == (0, 1)
    assert "Nobody made that move" in left.err
    wrong = say(*words, "--who", "sideways")
    assert wrong.code == 1
    assert "sideways" in wrong.err


def test_one_customers_way_through_the_runs(say, small_shop):
    one = patron.open(small_shop).current().segments.to_arrow(["customer_id"])["customer_id"][0].as_py()
    told = say("segments", "history", one, "--shop", small_shop).out
    assert "2025-12-01" in told
    assert "2026-01-15" in told
    said = json.loads(say("segments", "history", one, "--shop", small_shop, "--json").out)
    assert [row["as_of"] for row in said] == ["2025-12-01", "2026-01-15"]
    assert {type(row["orders_count_lifetime"]) for row in said} == {int}
    nobody = say("segments", "history", "nobody", "--shop", small_shop)
    assert nobody.code == 1
    assert "Next:" in nobody.err


def test_a_cut_is_written_as_sql_in_the_dialect_of_the_warehouse(say, small_shop):
    said = say("segments", "sql", "--shop", small_shop, "--dialect", "bigquery", "--table", "crm.features")
    assert said.code == 0
    assert "ELSE 'unplaced'" in said.out
    assert said.out.rstrip().endswith("END AS segment_name\nFROM placed")
    assert "FROM crm.features" in said.out
    assert "`" in said.out  # BigQuery's quotes
    assert "of customers where the cut does" in said.err
    wrong = say("segments", "sql", "--shop", small_shop, "--scheme", "ward")
    assert wrong.code == 1
    assert "no rules of the scheme 'ward'" in wrong.err


def test_the_query_of_any_run_can_be_asked_for(say, small_shop):
    runs = patron.open(small_shop).runs
    said = {run.id: say("segments", "sql", "--shop", small_shop, "--run", run.id) for run in runs}
    assert all(f"Run {name}, as of" in told.err for name, told in said.items())
    assert say("segments", "sql", "--shop", small_shop).out == said[runs[-1].id].out
    for run in runs:
        rules = run.segment_rules.to_arrow()
        assert said[run.id].out == segments.membership_sql(rules, "learned", "duckdb") + "\n"
    assert say("segments", "sql", "--shop", small_shop, "--run", "19990101").code == 1


@pytest.mark.parametrize(("share", "warned"), [(0.95, False), (0.72, True)])
def test_rules_that_miss_the_cut_are_warned_of(say, small_shop, tmp_path, share, warned):
    shutil.copytree(small_shop, tmp_path / "shop")
    path = patron.open(tmp_path / "shop").current().segment_rules.path
    rules = pq.read_table(path)
    at = rules.schema.get_field_index("fidelity")
    poor = rules.set_column(at, "fidelity", pa.array([share] * rules.num_rows))
    path.unlink()  # it has a second name in its stage
    pq.write_table(poor, path)
    said = say("segments", "sql", "--shop", tmp_path / "shop")
    assert said.code == 0
    assert f"put {share:.0%} of customers" in said.err
    assert ("Warning: that is less than 90%" in said.err) is warned
    assert "Warning" not in said.out
