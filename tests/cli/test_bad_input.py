"""What users really hand in: each gives one clear error, or a completed run with every row accounted for."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import patron
from flow import shops
from patron.engines.shelf import Shelf
from patron.flow.stages import publish
from patron.ground.errors import InputError, PlanError, ShelfFull, UnknownLayout

HEADER = "order_id,customer_id,ordered_at,total_amount\n"


def _shop(home: Path, text: str | bytes, name: str = "orders.csv") -> Path:
    shops.make(home, shops.orders(n_customers=2, days=30))
    (home / "orders.csv").unlink()
    data = text.encode() if isinstance(text, str) else text
    (home / name).write_bytes(data)
    plan = (home / "patron.toml").read_text(encoding="utf-8").replace("orders.csv", name)
    (home / "patron.toml").write_text(plan, encoding="utf-8")
    return home


def _rows(*rows: str) -> str:
    return HEADER + "\n".join(rows) + "\n"


REFUSED = {
    "empty file": (b"", 1, "empty"),
    "header only": (HEADER, 1, "no row"),
    "a column missing": ("order_id,ordered_at,total_amount\nA1,2025-01-01,10\n", 1, "customer"),
    "not a table at all": (b"\x00\x01\x02\x03" * 50, 1, ""),
    "a web page": ("<html><body>Sign in</body></html>", 1, "web page"),
    "nobody named": (_rows("A1,,2025-01-01,10", "A2,,2025-01-02,11"), 3, ""),
    "one id per order": (_rows(*(f"A{i},p{i},2025-{i % 9 + 1:02d}-{i % 27 + 1:02d},10" for i in range(600))), 3, "New"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_gives_one_clear_error(say, tmp_path, case):
    text, code, word = REFUSED[case]
    said = say("run", "--shop", _shop(tmp_path / "shop", text))
    assert (said.code, said.out) == (code, ""), said.err
    assert word in said.err
    assert not Shelf(tmp_path / "shop" / "shelf").run_ids()
    assert not list((tmp_path / "shop" / "shelf").rglob(".unfinished-*"))


def _people(n: int = 12) -> list[str]:
    return [f"B{i},P{i % 4},2025-{i % 9 + 1:02d}-{i % 27 + 1:02d} 12:00:00,{10 + i}.50" for i in range(n)]


def _twice(who: str) -> tuple[str, str]:
    return f"{who}-1,{who},2025-03-01,5", f"{who}-2,{who},2025-04-02,6"


COMPLETED = {
    "one customer": ("A1,only,2025-01-01,10", "A2,only,2025-02-01,20"),
    "a single day": ("A1,a,2025-01-01,10", "A2,a,2025-01-01,12", "A3,b,2025-01-01,20", "A4,b,2025-01-01,2"),
    "unicode and emoji ids": (*_people(), *_twice("李雷"), *_twice("🦊")),
    "ids with leading zeros": (*_people(), *_twice("007"), *_twice("7")),
    "amounts of a billion": (*_people(), "Z1,rich,2025-03-01,1000000000.01", "Z2,rich,2025-04-01,2000000000.02"),
    "not a number and infinity": (*_people(), "Z1,P1,2025-03-01,NaN", "Z2,P2,2025-04-01,inf", "Z3,P3,2025-04-01,-inf"),
    "impossible dates": (*_people(), "Z1,P1,2099-03-01,5", "Z2,P2,1066-10-14,6", "Z3,P3,2025-02-31,7"),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPLETED)
def test_what_is_odd_completes_with_every_row_accounted_for(say, tmp_path, case):
    rows = COMPLETED[case]
    home = _shop(tmp_path / "shop", _rows(*rows))
    said = say("run", "--shop", home)
    assert said.code == 0, said.err
    run = patron.open(home).current()
    ledger = run.table("ledger").to_pandas()
    assert ledger.row_count.sum() == len(rows)
    assert ledger[ledger.outcome == "rejects"].row_count.sum() == len(run.table("rejects"))


def test_leading_zeros_keep_people_apart(say, tmp_path):
    home = _shop(tmp_path / "shop", _rows(*COMPLETED["ids with leading zeros"]))
    assert say("run", "--shop", home).code == 0
    assert patron.open(home).current().manifest["customers"] == 6


def test_all_returns_is_refused_in_words(say, tmp_path):
    back = [f"A{i},{'ab'[i % 2]},2025-01-0{i + 1},-5" for i in range(6)]
    said = say("run", "--shop", _shop(tmp_path / "shop", _rows(*back)))
    assert said.code == 3
    assert "Each of the 6 rows read is a return of an order that is not there; they are kept apart." in said.err
    assert "rejected" not in said.err
    assert "add the file that holds the orders" in said.err


def test_a_shop_without_orders_hears_what_its_rows_became(say, tmp_path):
    seen = [
        "event_id,user_id,event_time,event_type,product_id",
        *(f"e{i},u{i},2025-01-0{i},view,p" for i in range(1, 6)),
    ]
    said = say("run", "--shop", _shop(tmp_path / "shop", "\n".join(seen) + "\n"))
    assert said.code == 3, said.err
    assert "None of the 5 rows read was rejected, but they are 5 events." in said.err


def test_a_name_twice_is_refused_where_the_columns_differ(say, tmp_path):
    text = "order_id,customer_id,ordered_at,amount,amount\nA1,a,2025-01-01,5,6\nA2,a,2025-03-02,7,7\n"
    said = say("run", "--shop", _shop(tmp_path / "shop", text))
    assert (said.code, said.out) == (1, "")
    assert "two columns called 'amount', number 4 and number 5" in said.err
    same = _shop(tmp_path / "same", text.replace("5,6", "5,5"))
    assert say("run", "--shop", same).code == 0


def test_a_file_with_a_header_only_is_refused_before_a_shop_is_made_of_it(say, tmp_path):
    (tmp_path / "orders.csv").write_text(HEADER, encoding="utf-8")
    said = say("init", tmp_path / "shop", tmp_path / "orders.csv")
    assert said.code == 1
    assert "no row of data" in said.err
    assert "Next:" in said.err
    assert not (tmp_path / "shop").exists()


def test_a_currency_that_is_none_is_a_mistake_of_usage(say, tmp_path):
    said = say("init", tmp_path / "shop", tmp_path / "orders.csv", "--currency", "EURO")
    assert said.code == 2
    assert "Did you mean 'EUR'" in " ".join(said.err.replace("│", " ").split())


def test_a_truncated_parquet_is_refused_by_name(say, tmp_path):
    whole = tmp_path / "whole.parquet"
    pq.write_table(shops.orders(n_customers=20), whole)
    said = say("run", "--shop", _shop(tmp_path / "shop", whole.read_bytes()[:-200], "orders.parquet"))
    assert said.code == 1
    assert "orders.parquet" in said.err


def test_a_semicolon_file_in_gb18030_is_read(say, tmp_path):
    lines = ["订单号;用户ID;下单时间;实付金额", *(f"A{i};顾客{i % 5};2025-0{i % 8 + 1}-11;{i},50" for i in range(20))]
    home = _shop(tmp_path / "shop", "\n".join(lines).encode("gb18030"))
    assert say("run", "--shop", home).code == 0
    assert patron.open(home).current().manifest["customers"] == 5


def test_a_broken_plan_names_the_knob(say, tmp_path):
    home = shops.make(tmp_path / "shop")
    plan = (home / "patron.toml").read_text(encoding="utf-8").replace("seed = 7", 'seed = "seven"\ncolour = 1')
    (home / "patron.toml").write_text(plan, encoding="utf-8")
    said = say("run", "--shop", home)
    assert said.code == 1
    assert 'seed: "seven" came; expected a whole number' in said.err
    assert "colour: this key is not known" in said.err
    assert "Next:" in said.err


def test_no_plan_no_file_bad_date_bad_limit(say, tmp_path):
    assert "patron init" in say("run", "--shop", tmp_path).err
    home = shops.make(tmp_path / "shop")
    said = say("run", "--shop", home, "--as-of", "soon")
    assert (said.code, said.out) == (2, "")
    assert "YYYY-MM-DD" in said.err
    assert "4GB" in say("run", "--shop", home, "--memory-limit", "plenty").err
    (home / "orders.csv").unlink()
    assert "orders.csv" in say("run", "--shop", home).err


def test_paths_and_zones_that_are_not_there(say, tmp_path, small_shop):
    assert "No such file" in say("tables", "decisions", "--shop", small_shop, "-o", tmp_path / "nowhere" / "x.csv").err
    said = say("init", tmp_path / "new", small_shop / "orders.csv", "--zone", "Mars/Base")
    assert said.code == 2
    assert "not a time zone" in said.err
    plan = (small_shop / "patron.toml").read_text(encoding="utf-8").replace('zone = "UTC"', 'zone = "Mars/Base"')
    (tmp_path / "patron.toml").write_text(plan, encoding="utf-8")
    assert "records.zone" in say("run", "--shop", tmp_path).err


def test_usage_errors_exit_with_two(say):
    assert say("run", "--nonsense").code == 2
    assert say("simulate").code == 2


def test_as_of_before_the_first_order_is_refused(say, tmp_path):
    said = say("run", "--shop", shops.make(tmp_path / "shop"), "--as-of", "2001-01-01")
    assert said.code == 3
    assert "--as-of" in said.err


def test_a_full_disk_leaves_the_last_good_run(tmp_path, monkeypatch):
    home = shops.make(tmp_path / "shop", shops.orders(n_customers=40))
    good = patron.open(home).run("2025-12-01")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(publish, "link_or_copy", full)
    with pytest.raises(ShelfFull, match="disk is full"):
        patron.open(home).run("2026-01-15")
    assert patron.open(home).current().id == good.id


def test_a_second_run_is_refused_while_the_first_holds_the_shelf(say, tmp_path):
    home = shops.make(tmp_path / "shop")
    with Shelf(home / "shelf").hold():
        said = say("run", "--shop", home)
    assert said.code == 1
    assert "Another run" in said.err


def test_one_dataframe_is_enough():
    table = shops.orders(n_customers=60)
    result = patron.segment(table, as_of="2026-01-10")
    assert isinstance(result, pa.Table)
    assert result.num_rows == 60
    assert set(result["customer_id"].to_pylist()) == set(table["customer_id"].to_pylist())
    named = table.rename_columns(["bon", "who", "when", "paid"])
    columns = {"order_id": "bon", "customer_id": "who", "ordered_at": "when", "total_amount": "paid"}
    again = patron.segment(named.to_pandas(), as_of="2026-01-10", columns=columns)
    assert list(again.segment_key) == result["segment_key"].to_pylist()


def test_a_lazy_frame_is_collected_and_an_eager_one_comes_back():
    table = shops.orders(n_customers=30)
    result = patron.segment(pl.from_arrow(table).lazy(), as_of="2026-01-10")
    assert isinstance(result, pl.DataFrame)
    assert result.height == 30


@pytest.mark.parametrize("thing", [[{"customer_id": 1}], None, "orders.csv", pl.Series([1, 2])])
def test_what_is_no_dataframe_gives_one_clear_error(thing):
    with pytest.raises(InputError, match=r"which is not a dataframe\.\nExpected pandas.*\nNext:"):
        patron.segment(thing)


def test_a_dataframe_in_no_known_currency_is_refused_by_name():
    with pytest.raises(InputError, match="Did you mean 'EUR'"):
        patron.segment(shops.orders(n_customers=5), currency="EURO")


def test_a_day_long_after_the_data_is_refused(say, small_shop):
    said = say("run", "--shop", small_shop, "--as-of", "2030-01-01")
    assert (said.code, said.out) == (1, "")
    assert "days after the last order" in said.err
    assert "Next:" in said.err


def test_a_dataframe_that_nobody_understands_is_told_how_to_name_its_columns():
    with pytest.raises(UnknownLayout, match=r"'blue'.*\nExpected orders[\s\S]*\nNext: .*columns=\{"):
        patron.segment(pa.table({"blue": [1, 2], "green": [3, 4]}).to_pandas())


def test_a_dataframe_is_not_even_read_for_a_scheme_that_is_not_known():
    with pytest.raises(PlanError, match=r"scheme: 'clasic11' is not known\. Did you mean 'classic11'"):
        patron.segment(pa.table({"customer_id": ["a"]}), scheme="clasic11")
