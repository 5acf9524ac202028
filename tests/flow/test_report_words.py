"""The reports of whole runs: Chinese without English, caveats on the first page, amounts that outweigh a shop."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pyarrow as pa
import pytest

import patron
from flow import shops
from patron import flow
from patron.demo import prepare
from reports.conftest import look

# What has no Chinese name of its own: methods and measures called after people, codes, names of tables and settings.
WORD = re.compile(r"\b[A-Za-z]{2,}\b", re.ASCII)  # letters alone: pseudonyms and run ids hold digits
NAMES = frozenset(
    WORD.findall(
        "Patron RFM FM CRM VIP PCA LDA BG MBG NBD Gamma Gini Spearman ROC PR AUC Brier Jaccard Davies Bouldin Calinski "
        "Harabasz Gap Kendall Yeo Johnson Putler Lorenz Apache ECharts EUR GBP XXX SMS decisions least_return "
        "least_margin quality cn"
    )
)
FOOTER = re.compile(r"<footer>.*?</footer>", re.S)


def thin(n_orders: int, n_customers: int) -> pa.Table:
    days = [date(2025, 1, 1) + timedelta(days=10 * i) for i in range(n_orders)]
    return pa.table(
        {
            "order_id": [f"A{i}" for i in range(n_orders)],
            "customer_id": [f"c{i % n_customers}" for i in range(n_orders)],
            "ordered_at": [str(day) for day in days],
            "total_amount": [10.0 + i for i in range(n_orders)],
        }
    )


def pages(home):
    run = patron.open(home).run()
    return {lang: run.report(lang).read_text(encoding="utf-8") for lang in ("en", "zh")}


@pytest.fixture(scope="module")
def thin_pages(tmp_path_factory):
    return pages(shops.make(tmp_path_factory.mktemp("thin") / "shop", thin(20, 9)))


@pytest.fixture(scope="module")
def chinese(request, tmp_path_factory, thin_pages):
    if request.param == "thin":
        return thin_pages["zh"]
    home = tmp_path_factory.mktemp(request.param) / "shop"
    if request.param == "demo":
        prepare(home)
        plan = flow.read_plan(home / flow.PLAN_FILE)
        few = plan.forecasts.model_copy(update={"trees": 20, "bootstrap_draws": 20})
        flow.write_plan(plan.model_copy(update={"forecasts": few}), home / flow.PLAN_FILE)
    else:
        shops.make(home, thin(1, 1) if request.param == "one order" else None)
    return pages(home)["zh"]


@pytest.mark.parametrize("chinese", ["demo", "small", "thin", "one order"], indirect=True)
def test_the_chinese_report_holds_no_english(chinese):
    seen = look(FOOTER.sub("", chinese))
    shown = [seen.text, *(str(kept.get("title") or "") for _, kept in seen.tags)]
    own = set(WORD.findall(" ".join(re.findall(r"<h1>.*?</h1>|orders\.csv", chinese))))
    found = {word for text in shown for word in WORD.findall(text)} - NAMES - own
    assert found == set()


def test_a_thin_shop_is_warned_first_and_told_of_no_check(thin_pages):
    text = look(thin_pages["en"]).text
    first = text[: text.index("2 Where the money comes from")]
    assert "What these data cannot support yet Thin data: 9 customers" in first
    assert "Do these" not in text
    assert "compared it with what then happened" not in text
    assert "10.;" not in text


def test_a_handful_of_absurd_amounts_is_told_with_its_rows(tmp_path):
    table = shops.orders()
    amounts = table["total_amount"].to_pylist()
    for i in (3, 40, 90):
        amounts[i] = 1e9
    at = table.schema.get_field_index("total_amount")
    text = look(
        pages(shops.make(tmp_path / "shop", table.set_column(at, "total_amount", pa.array(amounts))))["en"]
    ).text
    assert "3 orders far beyond the usual hold >99.9% of the revenue: check rows" in text
    assert "4, 41 and 91 of orders.csv before relying on any amount here" in text
    plain = look(pages(shops.make(tmp_path / "plain"))["en"]).text
    assert "far beyond the usual" not in plain
