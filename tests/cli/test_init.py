"""What `patron init` shows, asks and understands before it writes anything down."""

from __future__ import annotations

import io
import sys

import pytest

from flow import shops
from patron import flow
from patron.cli import wizard

GENERAL = "order_id,customer_id,ordered_at,total_amount,note\n"


@pytest.fixture
def general(tmp_path):
    rows = [f"A{i},C{i % 7},2025-{i % 9 + 1:02d}-{i % 27 + 1:02d},{10 + i}.50,hello" for i in range(40)]
    (tmp_path / "orders.csv").write_text(GENERAL + "\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path / "orders.csv"


@pytest.fixture
def german(tmp_path):
    rows = [f"B{i};K{i % 7};{i % 27 + 1:02d}.{i % 9 + 1:02d}.2025;{10 + i},50;Nord" for i in range(40)]
    text = "Bestellnummer;Kundennummer;Datum;Betrag;Filiale\n" + "\n".join(rows) + "\n"
    (tmp_path / "verkauf.csv").write_text(text, encoding="utf-8")
    return tmp_path / "verkauf.csv"


@pytest.fixture
def answers(monkeypatch):
    """Sit somebody at the terminal who answers so."""

    def sit(*lines: str) -> None:
        monkeypatch.setattr(wizard, "can_ask", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return sit


def test_a_known_layout_shows_what_each_column_is_read_as(say, general, tmp_path):
    said = say("init", tmp_path / "shop", general)
    assert said.code == 0, said.err
    rows = [line.split("│") for line in said.out.splitlines() if line.startswith("│")]
    shown = {row[1].strip(): (row[2].strip(), row[3].strip(), row[4].strip()) for row in rows}
    assert shown["customer_id"] == ("customer_id", "100%", "C0")
    assert shown["total_amount"] == ("total_amount", "100%", "10.50")
    assert "Not used: note" in said.err


def test_every_file_has_a_table_of_its_own(say, general, german, tmp_path):
    said = say("init", tmp_path / "shop", general, german, "--yes")
    assert said.out.count("your column") == 2
    assert "Not used: Filiale" in said.err
    plan = flow.read_plan(tmp_path / "shop" / "patron.toml")
    assert [source.profile for source in plan.sources] == ["", "own-verkauf"]


def test_an_unknown_layout_is_not_guessed_in_silence(say, german, tmp_path):
    said = say("init", tmp_path / "shop", german)
    assert said.code == 1
    assert "Bestellnummer" in said.out
    assert "--map customer_id=Client" in said.err
    assert not (tmp_path / "shop").exists()


def test_an_unknown_layout_is_read_as_proposed(say, german, tmp_path):
    assert say("init", tmp_path / "shop", german, "--yes").code == 0
    assert say("run", "--shop", tmp_path / "shop", "--quiet").code == 0
    assert "7 customers" in say("show", "--shop", tmp_path / "shop").out


def test_files_with_the_same_columns_are_read_alike(say, german, tmp_path):
    (tmp_path / "verkauf2.csv").write_text(german.read_text("utf-8").replace("\nB", "\nX"), encoding="utf-8")
    said = say("init", tmp_path / "shop", tmp_path / "verkauf*.csv", "--yes")
    assert said.out.count("your column") == 1
    [source] = flow.read_plan(tmp_path / "shop" / "patron.toml").sources
    assert source.profile == "own-verkauf"
    assert say("run", "--shop", tmp_path / "shop", "--quiet").code == 0


def test_files_of_one_name_in_two_folders_keep_their_own_mappings(say, german, tmp_path):
    (tmp_path / "more").mkdir()
    other = german.read_text("utf-8").replace("Filiale", "Kasse")
    (tmp_path / "more" / german.name).write_text(other, encoding="utf-8")
    assert say("init", tmp_path / "shop", german, tmp_path / "more" / german.name, "--yes").code == 0
    plan = flow.read_plan(tmp_path / "shop" / "patron.toml")
    assert [source.profile for source in plan.sources] == ["own-verkauf", "own-verkauf-2"]
    assert len(list((tmp_path / "shop" / "profiles").glob("*.toml"))) == 2


def test_a_column_is_left_out_by_its_name_or_by_the_shops(say, general, german, tmp_path):
    assert say("init", tmp_path / "a", general, "--map", "total_amount=").code == 0
    assert say("init", tmp_path / "b", german, "--map", "Betrag=").code == 0
    for home in ("a", "b"):
        said = say("run", "--shop", tmp_path / home, "--quiet")
        assert "No money:" in said.out


def test_leaving_out_what_is_not_read_is_refused(say, general, tmp_path):
    said = say("init", tmp_path / "shop", general, "--map", "amount=")
    assert (said.code, said.out) == (1, "")
    assert "nothing is. Did you mean 'total_amount'?" in said.err
    assert "Read from" in said.err


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("custmer_id=note", "Did you mean 'customer_id'?"),
        ("customer_id=nota", "Did you mean 'note'"),
        ("total_amount", "is not name=header"),
        ("=note", "is not name=header"),
        ("customer_id=", "lacks the column(s) ['customer_id']"),
    ],
)
def test_a_map_that_cannot_be_meant_is_one_clear_error(say, general, tmp_path, said, told):
    heard = say("init", tmp_path / "shop", general, "--map", said)
    assert heard.code == 1
    assert told in heard.err
    assert not (tmp_path / "shop").exists()


def test_a_synonym_of_a_target_is_understood(say, general, tmp_path):
    assert say("init", tmp_path / "shop", general, "--map", "member_id=note").code == 0
    text = (tmp_path / "shop" / "profiles" / "own-orders.toml").read_text("utf-8")
    assert 'customer_id = ["note"]' in text


def test_somebody_who_is_there_is_asked_and_may_correct(say, general, tmp_path, answers):
    answers("nonsense", "total_amount=", "")
    said = say("init", tmp_path / "shop", general)
    assert said.code == 0, said.err
    assert "is not name=header" in said.err
    assert said.out.count("your column") == 2
    text = (tmp_path / "shop" / "profiles" / "own-orders.toml").read_text("utf-8")
    assert "total_amount" not in text


def test_an_unsure_guess_is_asked_about_by_name(say, tmp_path, answers):
    rows = [f"{i},K{i % 5},2025-01-{i + 1:02d},{i}.50" for i in range(20)]
    (tmp_path / "x.csv").write_text("id,client,when,total\n" + "\n".join(rows) + "\n", encoding="utf-8")
    answers("-", "")
    said = say("init", tmp_path / "shop", tmp_path / "x.csv")
    assert said.code == 0, said.err
    assert "order_id: which column?" in said.err
    text = (tmp_path / "shop" / "profiles" / "own-x.toml").read_text("utf-8")
    assert "order_id" not in text


def test_what_a_source_writes_is_kept_when_one_column_is_corrected(say, tmp_path):
    table = shops.orders(n_customers=8)
    shops.make(tmp_path / "files", table)
    said = say("init", tmp_path / "shop", tmp_path / "files" / "orders.csv", "--map", "total_amount=", "--name", "Mine")
    assert said.code == 0
    plan = flow.read_plan(tmp_path / "shop" / "patron.toml")
    assert (plan.name, plan.sources[0].profile) == ("Mine", "own-orders")
