"""Files that were imported once and are gone: their facts are kept, that is said, and nothing ends in a riddle."""

from __future__ import annotations

import json

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import patron
from flow import shops
from patron import flow
from patron.ground.errors import ShelfError


class Listener:
    """A watch that remembers what it was told."""

    def __init__(self):
        self.told = []

    def begin(self, stage, note=""):
        pass

    def note(self, text, share=0.0):
        pass

    def end(self, *, cached=False, row_count=None):
        pass

    def tell(self, text):
        self.told.append(text)


def _run(home):
    heard = Listener()
    return patron.open(home).run("2026-01-10", watch=heard), heard.told


@pytest.fixture
def home(tmp_path):
    """A shop whose orders lay in two files of a folder when it was run."""
    table = shops.orders(n_customers=40)
    home = shops.make(tmp_path / "shop", table)
    (home / "exports").mkdir()
    for name, part in {"first.csv": table.slice(0, 60), "second.csv": table.slice(60)}.items():
        pyarrow.csv.write_csv(part, home / "exports" / name)
    plan = flow.read_plan(home / flow.PLAN_FILE)
    flow.write_plan(plan.model_copy(update={"sources": (flow.Source(path="exports"),)}), home / flow.PLAN_FILE)
    assert _run(home)[1] == []
    return home


def _facts(home):
    shelf = home / "shelf"
    return shelf / "facts" / (shelf / "facts.current").read_text(encoding="utf-8").strip()


def _as_if_other_rules_had_made_them(home):
    older = _facts(home).rename(home / "shelf" / "facts" / "older")
    (home / "shelf" / "facts.current").write_text("older\n", encoding="utf-8")
    said = json.loads((older / "import.json").read_text(encoding="utf-8"))
    (older / "import.json").write_text(json.dumps(said | {"rules": "other"}), encoding="utf-8")


def test_the_facts_of_a_file_that_is_gone_are_kept_and_that_is_said(home):
    before = patron.open(home).current().manifest["orders"]
    (home / "exports" / "first.csv").unlink()
    run, told = _run(home)
    assert run.manifest["orders"] == before
    [line] = told
    assert line.startswith("Kept: the facts of 1 file (first.csv), no longer there.")
    assert str(home / "shelf" / "facts.current") in line


def test_what_is_said_to_do_goes_on_without_them(home):
    before = patron.open(home).current().manifest["orders"]
    (home / "exports" / "first.csv").unlink()
    (home / "shelf" / "facts.current").unlink()
    run, told = _run(home)
    assert told == []
    assert run.manifest["orders"] < before


def test_a_file_with_another_name_or_newer_rows_is_not_gone(home):
    (home / "exports" / "first.csv").rename(home / "exports" / "renamed.csv")
    pyarrow.csv.write_csv(shops.orders(n_customers=40).slice(70), home / "exports" / "second.csv")
    assert _run(home)[1] == []


def test_facts_of_other_rules_that_can_be_read_are_used_as_they_are(home):
    _as_if_other_rules_had_made_them(home)
    (home / "exports" / "first.csv").unlink()
    run, told = _run(home)
    assert run.manifest["orders"] == patron.open(home).current().manifest["orders"]
    assert len(told) == 1


def _lose_a_column(facts):
    orders = pq.read_table(facts / "orders.parquet")
    pq.write_table(orders.drop_columns(["order_revenue"]), facts / "orders.parquet")


def _lose_the_imports(facts):
    said = json.loads((facts / "import.json").read_text(encoding="utf-8"))
    del said["imports"]
    (facts / "import.json").write_text(json.dumps(said), encoding="utf-8")


def _lose_the_ledger(facts):
    (facts / "ledger.parquet").unlink()


@pytest.mark.parametrize(
    ("lose", "told"),
    [
        (_lose_a_column, "orders differs in the column 'order_revenue'"),
        (_lose_the_imports, "import.json lacks 'imports'"),
        (_lose_the_ledger, "ledger.parquet is not there"),
    ],
)
def test_facts_of_another_version_whose_files_are_gone_are_refused_in_words(home, lose, told):
    _as_if_other_rules_had_made_them(home)
    lose(_facts(home))
    (home / "exports" / "second.csv").unlink()
    with pytest.raises(ShelfError) as refused:
        _run(home)
    first, second, third = str(refused.value).splitlines()
    assert told in first
    assert "1 file (second.csv)" in second
    assert third.startswith("Next: put back what is missing")
    assert str(home / "shelf" / "facts.current") in third


def test_facts_of_another_version_are_made_again_where_their_files_are_there(home):
    _as_if_other_rules_had_made_them(home)
    _lose_the_ledger(_facts(home))
    assert _run(home)[1] == []
