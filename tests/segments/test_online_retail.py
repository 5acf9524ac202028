"""The bundled real shop: names, sizes and shares that a CRM manager would believe."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from patron import segments
from patron.segments import SegmentSpec
from patron.segments.methods import KLimits, choose_k

FILE = Path(__file__).parents[2] / "data" / "online_retail" / "online_retail.parquet"
AS_OF = pd.Timestamp(2011, 12, 10)


@pytest.fixture(scope="module")
def shop():
    lines = pd.read_parquet(FILE, columns=["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"])
    sold = lines[lines.CustomerID.notna() & ~lines.InvoiceNo.str.startswith("C")]
    sold = sold[(sold.Quantity > 0) & (sold.UnitPrice > 0)].assign(amount=lambda f: f.Quantity * f.UnitPrice)
    by = sold.groupby("CustomerID").agg(
        last=("InvoiceDate", "max"),
        first=("InvoiceDate", "min"),
        orders=("InvoiceNo", "nunique"),
        money=("amount", "sum"),
    )
    return pa.table(
        {
            "customer_id": pa.array([str(int(i)) for i in by.index]),
            "as_of": pa.array([date(2011, 12, 10)] * len(by), pa.date32()),
            "days_since_last_order": (AS_OF - by["last"].dt.normalize()).dt.days.to_numpy(float),
            "days_since_first_order": (AS_OF - by["first"].dt.normalize()).dt.days.to_numpy(float),
            "orders_count_lifetime": by["orders"].to_numpy(float),
            "net_revenue_sum_lifetime": by["money"].to_numpy(float),
        }
    )


def rfm(shop):
    names = ["days_since_last_order", "orders_count_lifetime", "net_revenue_sum_lifetime"]
    return np.column_stack([shop[name].to_numpy() for name in names])


def test_the_segments_make_sense(shop):
    logs = np.log1p(rfm(shop))
    X = (logs - logs.mean(axis=0)) / logs.std(axis=0)
    model = segments.fit(shop, X, SegmentSpec(k_max=6), gap_days=(28, 70, 155))
    placed = segments.apply(model, shop, X)
    stories = segments.describe(placed, shop, segments.build_profiles(placed, shop, model.cards), model.cards)
    of_classic = {story.key: story for story in stories if story.scheme == "classic11-1"}
    assert sum(story.customers for story in of_classic.values()) == 4338
    assert len(of_classic) == 11
    assert max(story.customer_share for story in of_classic.values()) < 0.25
    assert of_classic["champions"].revenue_share > 0.4
    assert of_classic["lost"].revenue_share < 0.05
    once = shop.filter(pc.equal(shop["orders_count_lifetime"], 1.0)).num_rows
    frequency = placed.filter(pc.equal(placed["scheme"], "classic11-1"))["f_score"].to_numpy()
    assert (frequency == 1).sum() == once == 1493
    learned = [story for story in stories if story.scheme == "learned"]
    assert len(learned) == 5  # the most of which all come back when customers are drawn again; nobody else has a vote
    assert min(story.customer_share for story in learned) > 0.06
    assert learned[0].revenue_share == max(story.revenue_share for story in learned)


def test_the_famous_degenerate_cut_of_raw_rfm_is_refused(shop):
    choice = choose_k(rfm(shop), KLimits(k_min=2, k_max=2, n_references=2, gap_rows=300), seed=0)
    assert choice.cuts[0].silhouette.value > 0.95
    assert choice.cuts[0].refused
    assert choice.k == 1
