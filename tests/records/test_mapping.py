"""A file that no profile knows: the proposal is right where it is sure, and asks where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.engines.duck import DuckEngine
from patron.ground.errors import InputError, MissingColumns
from patron.records import sources
from patron.records.detection import Sample, detect
from patron.records.mapping import accept, amend, explain, propose, target, to_toml
from patron.records.reading import stage

TILL = Sample(
    ("Cust No", "Sales Doc", "Posting dt", "Material", "Qty Sold", "Net Value"),
    (("C1", "9001", "13/02/2024", "M7", "2", "19,90"), ("C2", "9002", "14/02/2024", "M8", "1", "5,00")),
)


def test_names_and_shapes_find_every_column() -> None:
    proposal = propose(TILL)
    found = proposal.mapping()
    assert proposal.level == "line"
    assert found["customer_id"] == "Cust No"
    assert found["order_id"] == "Sales Doc"
    assert found["ordered_at"] == "Posting dt"
    assert found["product_id"] == "Material"
    assert "Qty Sold" in found.values()
    assert "Net Value" in found.values()


def test_every_guess_has_a_confidence_and_a_reason_and_uses_a_header_once() -> None:
    proposal = propose(TILL)
    assert all(0.5 <= guess.confidence <= 1 and guess.why for guess in proposal.guesses)
    headers = [guess.header for guess in proposal.guesses]
    assert len(set(headers)) == len(headers)
    assert set(headers) | set(proposal.unused) == set(TILL.headers)


def test_a_column_named_right_but_looking_wrong_is_not_sure() -> None:
    rows = (("a", "never", "1"), ("b", "sometimes", "2"))
    sure = {guess.column: guess.is_sure for guess in propose(Sample(("customer", "order date", "total"), rows)).guesses}
    assert not sure.get("ordered_at", False)


def test_the_order_of_day_and_month_comes_from_the_cells() -> None:
    assert propose(TILL).time_formats[0] == "%d/%m/%Y"
    month_first = Sample(("customer", "order date", "total"), (("a", "02/13/2024", "1"),))
    assert propose(month_first).time_formats[0] == "%m/%d/%Y"


def test_an_order_of_day_and_month_that_cannot_be_told_is_asked() -> None:
    unclear = Sample(("customer", "order date", "total"), (("a", "02/03/2024", "1"),))
    proposal = propose(unclear)
    assert proposal.time_formats == ()
    assert any("day/month or month/day" in question for question in proposal.questions)


def test_numeric_event_codes_are_never_sure_and_are_asked() -> None:
    proposal = propose(
        Sample(("uid", "iid", "behavior_type", "time"), (("1", "2", "1", "2014-12-01"), ("1", "3", "4", "2014-12-02")))
    )
    assert proposal.level == "event"
    [code] = [guess for guess in proposal.guesses if guess.column == "type"]
    assert not code.is_sure
    assert any("what do the codes ['1', '4'] mean" in question for question in proposal.questions)


def test_an_accepted_proposal_is_a_profile_that_reads_the_file(tmp_path: Path, engine: DuckEngine) -> None:
    rows = "\n".join([";".join(TILL.headers), *(";".join(str(cell) for cell in row) for row in TILL.rows)])
    (tmp_path / "till.csv").write_text(rows, "utf-8")
    (tmp_path / "profiles").mkdir()
    profile = accept(propose(TILL), "my-till", {"quantity": "Qty Sold", "item_count": "", "line_total": "Net Value"})
    (tmp_path / "profiles" / "till.toml").write_text(to_toml(profile), "utf-8")
    [staged] = stage(tmp_path / "till.csv", engine, sources.profiles(tmp_path / "profiles"), "my-till")
    row = engine.rows(staged.table.order_by("_row_no"))[0]
    assert (row["customer_id"], row["order_id"], row["quantity"]) == ("C1", "9001", 2.0)
    assert str(row["line_total"]) == "19.9000"
    assert str(row["ordered_at"]).startswith("2024-02-13")


def test_accepting_without_a_customer_is_refused() -> None:
    with pytest.raises(MissingColumns, match="customer_id"):
        accept(propose(TILL), "my-till", {"customer_id": ""})


def test_chinese_headers_are_understood() -> None:
    found = propose(Sample(("用户", "订单", "下单日", "支付金额(元)"), (("a", "1", "2024-01-02", "3.5"),))).mapping()
    assert found["customer_id"] == "用户"
    assert found["ordered_at"] == "下单日"
    assert "支付金额(元)" in found.values()


def _orders(headers: str, *, customer_first: bool = False, n: int = 40) -> Sample:
    """Orders with a new id in each row and customers who come again."""
    rows = [(f"{1000 + i}", f"K{i % 11}", f"2025-0{i % 9 + 1}-1{i % 9}", f"{i}.50") for i in range(n)]
    shown = [(who, order, *rest) for order, who, *rest in rows] if customer_first else rows
    return Sample(tuple(headers.split(";")), tuple(shown))


@pytest.mark.parametrize(
    "headers",
    [
        "Bestellnummer;Kundennummer;Datum;Betrag",
        "order;customer;date;amount",
        "id;client;when;total",
        "Auftrag;Kd-Nr;Auftragsdatum;Gesamt",
        "pedido;cliente;fecha;importe",
        "commande;client;date;montant",
        "订单;客户;日期;金额",
        "单号;会员;时间;实付",
        "流水号;用户名;下单日;应付金额",
        "reference;account;created;paid",
    ],
)
@pytest.mark.parametrize("customer_first", [False, True])
def test_order_and_customer_are_told_apart_in_many_tongues(headers: str, customer_first: bool) -> None:
    order, customer, day, amount = headers.split(";")
    shown = f"{customer};{order};{day};{amount}" if customer_first else headers
    proposal = propose(_orders(shown, customer_first=customer_first))
    found = proposal.mapping()
    assert (found["order_id"], found["customer_id"], found["ordered_at"]) == (order, customer, day)
    assert amount in found.values()
    vague = {guess.column for guess in proposal.guesses if guess.header in {"id", "reference", "流水号"}}
    assert not any(guess.is_sure for guess in proposal.guesses if guess.column in vague)


def test_an_id_that_comes_again_is_no_order() -> None:
    proposal = propose(_orders("id;nr;date;amount", customer_first=True), "order")
    found = {guess.column: guess for guess in proposal.guesses}
    assert (found["customer_id"].header, found["order_id"].header) == ("id", "nr")
    assert not found["customer_id"].is_sure
    assert not found["order_id"].is_sure


def test_an_order_number_that_comes_again_in_a_file_of_orders_is_asked_about() -> None:
    rows = tuple((f"R{i % 8}", f"K{i % 8}", "2025-01-02", f"{i}.50") for i in range(40))
    proposal = propose(Sample(("order", "customer", "date", "amount"), rows), "order")
    [order] = [guess for guess in proposal.guesses if guess.column == "order_id"]
    assert not order.is_sure
    assert "orders should not" in order.why


def test_names_that_the_values_contradict_are_swapped_and_asked_about() -> None:
    proposal = propose(_orders("customer;order;date;amount"))
    found = {guess.column: guess for guess in proposal.guesses}
    assert (found["order_id"].header, found["customer_id"].header) == ("customer", "order")
    assert not found["order_id"].is_sure
    assert not found["customer_id"].is_sure
    assert "as an order has one customer" in found["order_id"].why


def test_two_headers_for_one_column_are_asked_about() -> None:
    rows = tuple((f"A{i}", f"K{i % 5}", "2025-01-02", f"{i}.50", f"{i}.90") for i in range(20))
    proposal = propose(Sample(("bon", "kunde", "datum", "summe", "gesamt"), rows), "order")
    [amount] = [guess for guess in proposal.guesses if guess.column == "total_amount"]
    assert not amount.is_sure
    assert "so could" in amount.why


def test_a_number_is_no_place() -> None:
    found = propose(_orders("number;number2;date;price"), "order").mapping()
    assert "region" not in found


def test_a_known_layout_is_explained_and_amended() -> None:
    sample = _orders("order_id;customer_id;ordered_at;total_amount")
    match = detect(sample, sources.profiles())[0]
    said = explain(sample, match)
    assert said.mapping() == {name: name for name in sample.headers}
    assert said.unused == ()
    amended = amend(match, "own-x", {"total_amount": ""})
    [layout] = amended.layouts
    assert "total_amount" not in layout.columns
    assert layout.values == match.layout.values
    with pytest.raises(MissingColumns, match="customer_id"):
        amend(match, "own-x", {"customer_id": ""})


def test_a_word_for_a_column_is_understood_or_refused_with_the_likely_one() -> None:
    assert target("client", "order") == "customer_id"
    assert target("Total Amount", "order") == "total_amount"
    with pytest.raises(InputError, match="Did you mean 'quantity'"):
        target("quantitty", "line")
