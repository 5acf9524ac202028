from __future__ import annotations

import csv
import io
import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import patron
from flow import shops
from patron.cli import writing
from patron.cli.writing import Format, write_table
from patron.comparison import compare
from patron.contracts.published import PUBLISHED
from patron.ground.currencies import NO_CURRENCY
from patron.ground.errors import ExtraMissing
from patron.runs import RunTable


def test_runs_are_listed_and_one_is_current(say, small_shop):
    said = say("runs", "--shop", small_shop, "--json")
    rows = json.loads(said.out)
    assert said.code == 0
    assert [row["as_of"] for row in rows] == ["2025-12-01", "2026-01-15"]
    assert [row["current"] for row in rows] == [False, True]


def test_show_tells_what_was_found(say, small_shop):
    said = say("show", "--shop", small_shop)
    assert "customers bring 80%" in said.out
    manifest = json.loads(say("show", "--shop", small_shop, "--json").out)
    assert manifest["customers"] == 160
    assert manifest["currency"] == "EUR"
    assert "identity" not in manifest
    imported = manifest["last_import"]
    assert imported["rows_read"] == shops.orders().num_rows > manifest["orders"] > 0
    assert imported["identity"]


@pytest.mark.parametrize("name", ["forecasts", "segments", "rejects", "calibration"])
def test_json_is_one_document_whatever_is_asked_for(say, small_shop, name):
    rows = json.loads(say("tables", name, "--shop", small_shop, "--json").out)
    table = patron.open(small_shop).current().table(name)
    assert len(rows) == len(table)
    assert all(set(row) == set(table.columns) for row in rows)


def test_a_document_of_many_batches_is_still_one(tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "_ROWS", 2)
    pq.write_table(pa.table({"x": [1, 2, 3, 4, 5]}), tmp_path / "t.parquet")
    for form in (Format.json, Format.jsonl):
        write_table(RunTable("t", tmp_path / "t.parquet"), form, tmp_path / f"t.{form}")
    assert json.loads((tmp_path / "t.json").read_text("utf-8")) == [{"x": n} for n in range(1, 6)]
    assert len((tmp_path / "t.jsonl").read_text("utf-8").splitlines()) == 5


def test_what_is_no_number_is_null_in_json(tmp_path):
    pq.write_table(pa.table({"x": [1.5, float("nan"), float("inf"), None]}), tmp_path / "t.parquet")
    write_table(RunTable("t", tmp_path / "t.parquet"), Format.json, tmp_path / "t.json")
    said = json.loads((tmp_path / "t.json").read_text("utf-8"))
    assert [row["x"] for row in said] == [1.5, None, None, None]


def test_a_forecast_sum_names_its_horizon_and_money_has_four_decimals(say, small_shop):
    said = json.loads(say("show", "--shop", small_shop, "--json").out)
    assert said["predicted_clv_horizon_days"] == 90
    assert all(said[name] == round(said[name], 4) for name in ("net_revenue", "predicted_clv"))


def test_a_text_says_whole_orders_and_clean_money_and_parquet_keeps_the_numbers(say, small_shop, tmp_path):
    table = patron.open(small_shop).current().profiles
    rows = list(csv.DictReader(io.StringIO(say("tables", "profiles", "--shop", small_shop).out)))
    assert all(row["orders_count_lifetime"].isdigit() for row in rows)
    assert max(len(row["net_revenue_sum_lifetime"].partition(".")[2]) for row in rows) <= 4
    said = json.loads(say("tables", "profiles", "--shop", small_shop, "--json").out)
    assert {type(row["orders_count_lifetime"]) for row in said} == {int}
    say("tables", "profiles", "--shop", small_shop, "--format", "parquet", "--out", tmp_path / "p.parquet")
    assert pq.read_table(tmp_path / "p.parquet").equals(table.to_arrow())


def test_a_run_is_found_by_how_its_id_begins(say, small_shop):
    assert json.loads(say("show", "20251201", "--shop", small_shop, "--json").out)["as_of"] == "2025-12-01"
    said = say("show", "19990101", "--shop", small_shop)
    assert said.code == 1
    assert "no finished run" in said.err
    assert "Next: `patron runs`" in said.err
    assert "['" not in said.err


def test_diff_counts_who_moved(say, small_shop):
    said = json.loads(say("diff", "20251201", "20260115", "--shop", small_shop, "--json").out)
    assert sum(move["customers"] for move in said["moves"]) == 160
    orders = next(row for row in said["summary"] if row["measure"] == "orders")
    assert orders["change"] == orders["after"] - orders["before"] > 0
    forecast = next(row for row in said["summary"] if row["measure"] == "predicted_clv")
    assert forecast["horizon_days"] == 90
    assert all(move["net_revenue"] == round(move["net_revenue"], 4) for move in said["moves"])


def test_diff_tells_people_names_and_money_and_programs_keys(say, small_shop):
    words = ("diff", "20251201", "20260115", "--shop", small_shop)
    told, said = say(*words).out, json.loads(say(*words, "--json").out)
    names = patron.open(small_shop).current().segments.to_pandas().set_index("segment_key").segment_name
    keys = {move["to_segment"] for move in said["moves"]}
    assert "cant_lose" in keys
    assert "cant_lose" not in told
    assert all(names[names.index == key].iloc[0] in told for key in keys)
    revenue = next(row for row in said["summary"] if row["measure"] == "net_revenue")
    assert f"{revenue['after']:,.2f} EUR" in told
    assert f"{revenue['change']:+,.2f} EUR" in told
    assert "net_revenue" not in told


def test_the_list_of_tables_fits_a_screen_and_says_where_the_rest_is(say, small_shop):
    said = say("tables", "--shop", small_shop)
    n_columns = len(patron.open(small_shop).current().table("features").columns)
    [line] = [line for line in said.out.splitlines() if " features " in line]
    shown = line.count(", ")
    assert f"… and {n_columns - shown} more" in line
    assert max(len(line) for line in said.out.splitlines()) < 120
    assert "--format csv" in said.err
    listed = {row["table"]: row["columns"] for row in json.loads(say("tables", "--shop", small_shop, "--json").out)}
    assert len(listed["features"]) == n_columns


def test_a_back_dated_run_says_that_it_is_current_now_and_how_to_read_the_other(say, tmp_path):
    home = shops.make(tmp_path / "shop", shops.orders(n_customers=40))
    newest = patron.open(home).run("2026-01-10").id
    told = say("run", "--shop", home, "--as-of", "2025-12-01").err
    current = patron.open(home).current()
    assert f"Current run: {current.id}, as of 2025-12-01. Run {newest} is as of a later day, 2026-01-10." in told
    assert f"`patron show {newest}`" in told
    [marked] = [line for line in say("runs", "--shop", home).out.splitlines() if "*" in line]
    assert current.id in marked
    again = say("run", "--shop", home, "--as-of", "2026-01-10").err
    newest = patron.open(home).current().id  # it tells who moved since the run of December, and is another for that
    assert f"Current run: {newest}, as of 2026-01-10." in again
    assert "later day" not in again
    assert "Current run" not in say("run", "--shop", home, "--as-of", "2026-01-10", "--quiet").err


def test_a_table_for_polars_says_what_to_install_where_that_is_missing(small_shop, monkeypatch):
    table = patron.open(small_shop).current().decisions
    assert len(table.to_polars()) == 160
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ExtraMissing, match=r"to_polars\(\) needs polars, .+\nNext: pip install polars$"):
        table.to_polars()


def test_a_customer_who_is_in_one_run_only_is_said_to_be(say, small_shop, tmp_path):
    home = shops.make(tmp_path / "shop", shops.orders(n_customers=300))
    early, late = (patron.open(home).run(day).id for day in ("2025-07-01", "2026-01-10"))
    forth = json.loads(say("diff", early, late, "--shop", home, "--json").out)["moves"]
    back = json.loads(say("diff", late, early, "--shop", home, "--json").out)["moves"]
    new = sum(move["customers"] for move in forth if move["move"] == "joined")
    assert new == sum(move["customers"] for move in back if move["move"] == "left") > 0
    assert all(move["to_segment"] is None for move in back if move["move"] == "left")
    assert {move["move"] for move in forth} <= {"stayed", "moved", "joined"}
    assert all((m["from_segment"] == m["to_segment"]) == (m["move"] == "stayed") for m in forth)


def test_forecasts_over_different_horizons_are_not_subtracted(small_shop, tmp_path):
    home = shops.make(tmp_path / "shop", shops.orders(n_customers=300))
    early, late = (patron.open(home).run(day) for day in ("2025-05-01", "2026-01-10"))
    [row] = [row for row in compare(early, late)["summary"] if row["measure"] == "predicted_clv"]
    assert (row["change"], row["horizon_days"]) == (None, None)
    assert "60 and 90 days" in row["note"]


def test_a_shop_without_a_currency_shows_none(say, tmp_path):
    home = shops.make(tmp_path / "shop", shops.orders(n_customers=30))
    plan = (home / "patron.toml").read_text(encoding="utf-8").replace('currency = "EUR"', 'currency = ""')
    (home / "patron.toml").write_text(plan, encoding="utf-8")
    said = say("run", "--shop", home, "--json")
    assert json.loads(said.out)["currency"] == ""
    assert NO_CURRENCY not in said.out + say("show", "--shop", home).out + say("runs", "--shop", home).out


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_every_published_table_keeps_its_contract(small_shop, name):
    table = patron.open(small_shop).current().table(name).to_arrow()
    assert PUBLISHED[name].check(table).num_rows == table.num_rows


def test_tables_are_written_in_every_format(say, small_shop, tmp_path):
    rows = list(csv.DictReader(io.StringIO(say("tables", "decisions", "--shop", small_shop).out)))
    assert len(rows) == 160
    target = tmp_path / "forecasts.parquet"
    assert say("tables", "forecasts", "--shop", small_shop, "-f", "parquet", "-o", target).code == 0
    assert pq.read_table(target).num_rows == 160
    lines = say("tables", "segments", "--shop", small_shop, "-f", "jsonl").out.splitlines()
    assert {"customer_id", "scheme", "segment_key"} <= set(json.loads(lines[0]))
    assert len(json.loads(say("tables", "segments", "--shop", small_shop, "-f", "json").out)) == len(lines)
    said = say("tables", "segmints", "--shop", small_shop)
    assert said.code == 1
    assert "Did you mean 'segments'" in said.err


def test_the_report_is_there_in_both_languages(say, small_shop):
    english = say("report", "--shop", small_shop).out.strip()
    chinese = say("report", "--shop", small_shop, "--lang", "zh").out.strip()
    with open(english, encoding="utf-8") as page:  # noqa: PTH123
        assert "Small shop" in page.read()
    with open(chinese, encoding="utf-8") as page:  # noqa: PTH123
        assert "客户" in page.read()


def test_features_and_profiles_are_listed(say):
    assert len(json.loads(say("features", "--json").out)) >= 120
    assert "shopify-orders" in {row["id"] for row in json.loads(say("profiles", "--json").out)}


def test_a_file_is_recognised(say, small_shop):
    said = say("detect", small_shop / "orders.csv", "--json")
    best = json.loads(said.out)[0]
    assert (best["profile"], said.code) == ("canonical", 0)
    assert best["confidence"] >= 0.5


def test_the_same_run_again_is_the_same_run(small_shop):
    shop = patron.open(small_shop)
    before = shop.current()
    stamp = (before.folder / "manifest.json").stat().st_mtime_ns
    assert shop.run("2026-01-15").id == before.id
    assert (before.folder / "manifest.json").stat().st_mtime_ns == stamp


def test_no_two_customers_share_a_row_and_nobody_is_lost(small_shop):
    run = patron.open(small_shop).current()
    segments = run.segments.to_pandas()
    assert (segments.groupby("scheme").customer_id.nunique() == 160).all()
    assert run.decisions.to_pandas().customer_id.is_unique
    assert run.forecasts.to_pandas().groupby("horizon_days").customer_id.nunique().tolist() == [160]


def test_direct_identifiers_stay_in_contacts(small_shop):
    run = patron.open(small_shop).current()
    for name in ("segments", "forecasts", "profiles", "decisions", "features"):
        ids = run.table(name).to_arrow(["customer_id"])["customer_id"].to_pylist()
        assert all(text.startswith("c_") for text in ids), name
