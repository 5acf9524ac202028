"""Detection names the layout of a file, says how sure it is, and never guesses between equals."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.ground.errors import MissingColumns, PlanError, UnknownLayout
from patron.records import sources
from patron.records.detection import Sample, choose, detect, ignored

PROFILES = sources.profiles()
RETAIL = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
EVENTS = ("user", "item", "behavior", "timestamp")


def _best(*headers: str, rows: tuple[tuple[str, ...], ...] = ()) -> tuple[str, str]:
    match = choose(Sample(headers, rows), PROFILES, "file.csv")
    return match.profile.id, match.layout.name


@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(["extra", "note", "Z9"]), unique=True))
def test_case_blanks_marks_order_and_extra_columns_do_not_matter(shuffle: random.Random, extra: list[str]) -> None:
    dress = [lambda h: h.upper(), lambda h: f"{h} ", lambda h: f"\ufeff{h}", lambda h: f"\t{h}", lambda h: f'="{h}"']
    headers = [shuffle.choice(dress)(header) for header in RETAIL] + extra
    shuffle.shuffle(headers)
    match = choose(Sample(tuple(headers)), PROFILES, "file.csv")
    assert match.profile.id == "online-retail"
    assert set(match.matched) == set(match.layout.columns)


def test_a_missing_optional_column_lowers_the_confidence_only() -> None:
    whole = choose(Sample(RETAIL), PROFILES, "file.csv")
    less = choose(Sample(RETAIL[:-1]), PROFILES, "file.csv")
    assert less.profile.id == whole.profile.id
    assert 0.5 <= less.confidence < whole.confidence <= 1


def test_confidence_below_one_half_means_that_something_required_is_missing() -> None:
    for match in detect(Sample(RETAIL), PROFILES):
        assert match.fits == (match.confidence >= 0.5) == (not match.missing) or match.profile.generic


def test_values_tell_two_sources_with_equal_headers_apart() -> None:
    assert _best(*EVENTS, rows=(("1", "2", "view", "1430623510"),))[0] == "retailrocket"
    assert _best(*EVENTS, rows=(("1", "2", "fav", "1511539200"),))[0] == "taobao-behavior"


def test_equal_fits_are_refused_with_both_names() -> None:
    twin = sources.profile("cdnow").model_copy(update={"id": "cdnow-twin"})
    sample = Sample(("customer_id", "date", "number_of_cds", "dollar_value"))
    with pytest.raises(UnknownLayout, match=r"cdnow \(master\), cdnow-twin \(master\)"):
        choose(sample, (*PROFILES, twin), "file.csv")
    assert choose(sample, (*PROFILES, twin), "file.csv", "cdnow-twin").profile.id == "cdnow-twin"


def test_an_unknown_file_names_the_closest_profile_what_is_missing_and_the_next_step() -> None:
    with pytest.raises(UnknownLayout) as refused:
        choose(Sample(tuple(h for h in RETAIL if h != "CustomerID")), PROFILES, "export.csv")
    told = str(refused.value)
    assert "export.csv" in told
    assert "'online-retail'" in told
    assert "lacks CustomerID" in told
    assert "patron init SHOP export.csv" in told


def test_a_single_column_points_at_the_delimiter() -> None:
    with pytest.raises(UnknownLayout, match="separated by something other than"):
        choose(Sample(("a^b^c",)), PROFILES, "file.csv")


def test_a_profile_asked_for_that_does_not_fit_lists_the_missing_columns() -> None:
    with pytest.raises(MissingColumns, match="StockCode") as refused:
        choose(Sample(("InvoiceNo", "Stockcod", "Quantity")), PROFILES, "file.csv", "online-retail")
    assert "'Stockcod' for 'StockCode'" in str(refused.value)


def test_an_unknown_profile_name_is_refused() -> None:
    with pytest.raises(PlanError, match="Did you mean 'olist'"):
        choose(Sample(RETAIL), PROFILES, "file.csv", "olists")


def test_bare_numbers_as_event_types_are_never_accepted() -> None:
    headers = ("user_id", "item_id", "behavior_type", "time")
    with pytest.raises(UnknownLayout, match="whose meaning differs"):
        choose(Sample(headers, (("1", "2", "1", "2014-12-01 05"), ("1", "2", "4", "2014-12-01 06"))), PROFILES, "f.csv")
    assert _best(*headers, rows=(("1", "2", "view", "2014-12-01 05"),))[0] == "canonical"


def test_order_lines_with_a_date_but_no_customer_are_not_taken_for_lines_of_known_orders() -> None:
    assert _best("order_id", "product_id", "quantity") == ("canonical", "order_items")
    with pytest.raises(UnknownLayout):
        _best("order_id", "product_id", "quantity", "order_date")


def test_known_files_without_facts_are_named() -> None:
    payments = Sample(("order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"))
    assert ignored(payments, PROFILES) == "olist: payments"
    assert ignored(Sample(RETAIL), PROFILES) == ""


@pytest.mark.parametrize(
    ("headers", "layout"),
    [
        (("用户ID", "订单号", "下单时间", "实付金额", "数量", "商品ID", "类目", "渠道"), "order_lines"),
        (("会员号", "订单编号", "付款时间", "金额"), "orders"),
        (("Customer", "Date", "Amount"), "orders"),
        (("email", "order_date", "total"), "orders"),
        (("user_id", "item_id", "event_type", "event_time"), "events"),
        (("用户ID", "商品ID", "行为类型", "时间"), "events"),
        (("sku", "name", "category", "price"), "products"),
        (("member_id", "gender", "city"), "customers"),
        (("order_id", "customer_id", "refund_date", "refund_amount"), "returns"),
        (("user_id", "item_id", "rating", "timestamp"), "reviews"),
        (("referrer_id", "referred_id", "date"), "links"),
    ],
)
def test_general_names_in_two_languages_map_by_themselves(headers: tuple[str, ...], layout: str) -> None:
    assert _best(*headers) == ("canonical", layout)
