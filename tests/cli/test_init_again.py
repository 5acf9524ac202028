"""A till's own words: read as they are meant; mapped wrongly, the refusal says what to mend, and `--again` mends it."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import patron
from patron import flow


@pytest.fixture
def till(tmp_path):
    rows = [
        f"B{i // 2};K{i // 2 % 7};{i // 2 % 27 + 1:02d}.{i // 2 % 9 + 1:02d}.2025;P{i % 5};{i % 3 + 1};{10 + i},50 €"
        for i in range(80)
    ]
    text = "Bestellnummer;Kundennummer;Bestelldatum;Artikel;Menge;Einzelpreis\n" + "\n".join(rows) + "\n"
    (tmp_path / "kasse.csv").write_text(text, encoding="utf-8")
    return tmp_path / "kasse.csv"


def test_a_german_till_is_read_line_by_line(say, till, tmp_path):
    assert say("init", tmp_path / "shop", till, "--yes").code == 0
    assert say("run", "--shop", tmp_path / "shop", "--quiet").code == 0
    manifest = patron.open(tmp_path / "shop").current().manifest
    assert (manifest["customers"], manifest["orders"]) == (7, 40)
    assert manifest["net_revenue"] == pytest.approx(sum((i % 3 + 1) * (10.5 + i) for i in range(80)))


def test_a_run_in_which_all_rows_were_rejected_says_why_and_what_to_map(say, till, tmp_path):
    home = tmp_path / "shop"
    assert say("init", home, till, "--yes", "--map", "quantity=").code == 0
    refused = say("run", "--shop", home, "--quiet")
    assert refused.code == 3
    assert "Of 80 rows read, 80 were rejected: missing quantity: 80; no column is mapped to quantity." in refused.err
    assert "Next: `patron init SHOP FILE --again --map quantity=COLUMN` maps it" in refused.err
    assert "`patron tables rejects` shows the rows." in refused.err
    ledger = pd.read_csv(io.StringIO(say("tables", "ledger", "--shop", home).out))
    assert list(zip(ledger.reason, ledger.row_count, strict=True)) == [("missing quantity", 80)]
    rejects = pd.read_csv(io.StringIO(say("tables", "rejects", "--shop", home).out))
    assert len(rejects) == 80
    assert say("tables", "segments", "--shop", home).code == 1
    assert say("init", home, till, "--yes", "--again").code == 0
    assert say("run", "--shop", home, "--quiet").code == 0
    assert patron.open(home).current().manifest["orders"] == 40


def test_a_quantity_that_is_mapped_but_empty_is_not_called_unmapped(say, till, tmp_path):
    text = "\n".join(
        ";".join([*line.split(";")[:4], "" if at else "Menge", line.split(";")[5]])
        for at, line in enumerate(till.read_text("utf-8").splitlines())
    )
    till.write_text(text + "\n", encoding="utf-8")
    assert say("init", tmp_path / "shop", till, "--yes", "--map", "quantity=Menge").code == 0
    refused = say("run", "--shop", tmp_path / "shop", "--quiet")
    assert "missing quantity: 80." in refused.err
    assert "no column is mapped" not in refused.err


def test_a_shop_that_is_there_says_how_to_make_it_anew(say, till, tmp_path):
    home = tmp_path / "shop"
    assert say("init", home, till, "--yes").code == 0
    said = say("init", home, till, "--yes")
    assert said.code == 1
    assert "is there already" in said.err
    assert "--again" in said.err
    assert str(home / "profiles" / "own-kasse.toml") in said.err


def test_again_keeps_the_knobs_and_forgets_the_old_mapping(say, till, tmp_path):
    home = tmp_path / "shop"
    general = tmp_path / "orders.csv"
    rows = [f"A{i},C{i % 7},2025-{i % 9 + 1:02d}-{i % 27 + 1:02d},{10 + i}.50,hello" for i in range(40)]
    general.write_text("order_id,customer_id,ordered_at,total_amount,note\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert say("init", home, general, "--map", "total_amount=", "--name", "Mine", "--currency", "EUR").code == 0
    assert "No money:" in say("run", "--shop", home, "--quiet").out
    plan = flow.read_plan(home / "patron.toml").model_copy(update={"seed": 11})
    flow.write_plan(plan, home / "patron.toml")
    said = say("init", home, general, "--again", "--zone", "Europe/Berlin")
    assert said.code == 0, said.err
    assert "own-orders.toml: nothing is read by it any more" in said.err
    after = flow.read_plan(home / "patron.toml")
    assert (after.name, after.seed, after.records.currency, after.records.zone) == ("Mine", 11, "EUR", "Europe/Berlin")
    assert not (home / "profiles" / "own-orders.toml").exists()
    assert "No money:" not in say("run", "--shop", home, "--quiet").out
    assert len(patron.open(home).runs) == 2


def test_a_file_that_the_plan_gives_another_profile_is_read_anew(say, tmp_path):
    home = tmp_path / "shop"
    rows = [f"A{i},C{i % 7},2025-{i % 9 + 1:02d}-{i % 27 + 1:02d},{10 + i},{5 + i}" for i in range(40)]
    text = "order_id,customer_id,ordered_at,total_amount,other\n" + "\n".join(rows) + "\n"
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    assert say("init", home, tmp_path / "orders.csv").code == 0
    (home / "profiles").mkdir()
    assert say("run", "--shop", home, "--quiet").code == 0
    assert say("init", home, tmp_path / "orders.csv", "--again", "--map", "total_amount=other").code == 0
    assert say("run", "--shop", home, "--quiet").code == 0
    plan = flow.read_plan(home / "patron.toml")
    flow.write_plan(
        plan.model_copy(update={"sources": (plan.sources[0].model_copy(update={"profile": "canonical"}),)}),
        home / "patron.toml",
    )
    assert say("run", "--shop", home, "--quiet").code == 0
    assert patron.open(home).current().manifest["net_revenue"] == sum(10 + i for i in range(40))
