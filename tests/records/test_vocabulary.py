"""One word, two levels: what a header means in a file of orders and in a file of their lines, in four languages."""

from __future__ import annotations

from itertools import product

import pytest

from patron.records.detection import Sample
from patron.records.mapping import Proposal, propose

_IDS = ("order_id", "customer_id", "ordered_at", "product_id")
_ASKED = ("quantity", "unit_price", "line_total", "total_amount")
TONGUES = {
    "de": ("Bestellnummer;Kundennummer;Bestelldatum;Artikel", "Menge;Einzelpreis;Gesamtpreis;Bestellsumme"),
    "de till": ("Beleg;Kunde;Datum;Artikel", "Anzahl;Preis;Summe;Rechnungsbetrag"),
    "en": ("Order No;Client;Order Date;Article", "Pieces;Price each;Line value;Invoice total"),
    "fr": ("Commande;Client;Date commande;Article", "Quantité;Prix unitaire;Prix total;Total commande"),
    "zh": ("订单;客户;下单日;商品", "数量;单价;小计;订单总额"),
}
CURRENCIES = ("{:.2f}", "{:.2f} €", "£{:.2f}", "¥{:.0f}", "EUR {:.2f}", "{:.2f} CHF")


def _lines(headers: list[str], said: list[str], money: str = "{:.2f}") -> Sample:
    """40 orders of two lines each; `said` names what each of the columns after the ids holds."""
    rows = []
    for order, nth in product(range(40), range(2)):
        quantity, price = 1 + (order + nth) % 3, 4.95 + order + 3 * nth
        in_order = sum((1 + (order + n) % 3) * (4.95 + order + 3 * n) for n in range(2))
        cells = {
            "quantity": str(quantity),
            "unit_price": money.format(price),
            "line_total": money.format(quantity * price),
            "total_amount": money.format(in_order),
        }
        ids = (f"B{1000 + order}", f"K{order % 11}", f"2025-0{1 + order % 9}-1{order % 9}", f"P{nth}{order % 7}")
        rows.append((*ids, *(cells[name] for name in said)))
    return Sample(tuple(headers), tuple(rows))


def _proposed(tongue: str, said: list[str]) -> tuple[Proposal, dict[str, str]]:
    ids, amounts = (words.split(";") for words in TONGUES[tongue])
    word = dict(zip(_ASKED, amounts, strict=True))
    proposal = propose(_lines([*ids, *(word[name] for name in said)], said))
    wanted = dict(zip(_IDS, ids, strict=True)) | {name: word[name] for name in said}
    return proposal, wanted


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("left_out", [(), *((name,) for name in _ASKED[1:]), _ASKED[2:], _ASKED[1:3]])
def test_the_amounts_of_a_line_are_a_lines_whichever_of_them_are_there(tongue: str, left_out: tuple[str, ...]) -> None:
    proposal, wanted = _proposed(tongue, [name for name in _ASKED if name not in left_out])
    assert proposal.level == "line"
    assert proposal.mapping() == wanted


@pytest.mark.parametrize("tongue", TONGUES)
def test_a_line_without_a_quantity_is_asked_about(tongue: str) -> None:
    proposal, _ = _proposed(tongue, ["unit_price", "line_total"])
    assert any("which column is the quantity" in question for question in proposal.questions)


@pytest.mark.parametrize("word", ["Menge", "Anzahl", "Quantité", "数量", "Qty"])
def test_the_same_word_counts_the_items_of_an_order_in_a_file_of_orders(word: str) -> None:
    rows = tuple((f"B{n}", f"K{n % 7}", f"2025-01-{n + 1:02d}", str(n % 4 + 1), f"{n}.50") for n in range(25))
    sample = Sample(("order", "customer", "date", word, "Gesamtbetrag"), rows)
    found = propose(sample, "order").mapping()
    assert (found["item_count"], found["total_amount"]) == (word, "Gesamtbetrag")


def test_a_total_that_is_the_same_on_all_lines_is_the_orders_and_asked_about() -> None:
    headers = ["Bestellnummer", "Kundennummer", "Bestelldatum", "Artikel", "Menge", "Gesamtbetrag"]
    proposal = propose(_lines(headers, ["quantity", "total_amount"]))
    [total] = [guess for guess in proposal.guesses if guess.header == "Gesamtbetrag"]
    assert (total.column, total.is_sure) == ("total_amount", False)
    assert "the same on all lines" in total.why
    other = propose(_lines([*headers[:-1], "Bestellsumme"], ["quantity", "line_total"]))
    assert other.mapping()["line_total"] == "Bestellsumme"


@pytest.mark.parametrize("money", CURRENCIES)
@pytest.mark.parametrize("word", ["Betrag", "Umsatz", "Summe", "Gesamtbetrag", "Brutto"])
def test_an_amount_is_recognised_beside_its_currency(word: str, money: str) -> None:
    rows = tuple((f"B{n}", f"K{n % 7}", f"2025-01-{n + 1:02d}", money.format(1234.5 + n)) for n in range(25))
    proposal = propose(Sample(("Bestellnummer", "Kunde", "Datum", word), rows))
    [amount] = [guess for guess in proposal.guesses if guess.header == word]
    assert amount.column in {"goods_amount", "total_amount"}
    assert amount.is_sure
    assert "100% of its cells look right" in amount.why


def test_a_word_that_is_no_currency_makes_no_amount() -> None:
    rows = tuple((f"B{n}", f"K{n % 7}", f"2025-01-{n + 1:02d}", f"SKU {n}") for n in range(25))
    assert "Betrag" not in propose(Sample(("order", "customer", "date", "Betrag"), rows), "order").mapping().values()
