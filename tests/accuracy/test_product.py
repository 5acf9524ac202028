"""Patron on a made-up hold-out, through the path of its runs: everyone is answered for, in the hold-out's own order."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from benchmarks.accuracy import product
from benchmarks.accuracy.metrics import METRICS
from benchmarks.accuracy.protocols import split
from benchmarks.accuracy.purchases import Purchases, histories


@pytest.fixture(scope="module")
def held():
    rng = np.random.default_rng(5)
    rates = rng.gamma(1.0, 0.05, 150)
    bought = rng.random((150, 330)) < rates[:, None]
    bought[np.arange(150), rng.integers(0, 60, 150)] = True
    customer, day = np.nonzero(bought)
    names = tuple(f"{900 - i}" for i in range(150))  # in an order of their own
    amounts = rng.gamma(4.0, 5.0, customer.size)
    return split(Purchases(names, customer, np.datetime64("2020-01-01") + day, amounts), date(2020, 9, 27), 150)


def test_every_contender_answers_for_every_customer_or_says_why_not(held):
    found = product.answer(held)
    assert found.judged_days == 90  # 270 days can check that and no more
    assert set(found.said) | set(found.refused) == {product.CHAMPION, *product.PLAN.forecasts.models}
    assert found.refused["hurdle"].startswith("hurdle needs")
    assert {model for model, _ in found.champions.values()} <= set(found.said)
    for said in found.said.values():
        assert set(said) == set(METRICS)
        assert all(np.isfinite(values).all() and values.size == held.orders.size for values in said.values())
    known = histories(held.known, np.datetime64(held.as_of))
    rate = (known.x + 1) / np.maximum(known.T + 1, 30) * 150
    assert found.said["naive"]["orders"] == pytest.approx(rate)  # each customer gets their own number
