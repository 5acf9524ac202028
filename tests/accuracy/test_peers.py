"""Peers on a shop small enough to count by hand, and that none of them can see the hold-out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from benchmarks.accuracy.peers import PEERS, Peer
from benchmarks.accuracy.peers.learned import lesson
from benchmarks.accuracy.protocols import split
from benchmarks.accuracy.purchases import Purchases


def shop(n_customers=200, n_days=200, seed=3):
    rng = np.random.default_rng(seed)
    rates = rng.gamma(1.0, 0.05, n_customers)
    bought = rng.random((n_customers, n_days)) < rates[:, None]
    bought[np.arange(n_customers), rng.integers(0, 60, n_customers)] = True
    customer, day = np.nonzero(bought)
    names = tuple(f"C{i:03d}" for i in range(n_customers))
    return Purchases(names, customer, np.datetime64("2020-01-01") + day, rng.gamma(4.0, 5.0, customer.size))


def held_out():
    return split(shop(), date(2020, 5, 1), 60)


def test_the_formulas_by_hand():
    days = np.array(["2020-01-01", "2020-03-21", "2020-03-30"], dtype="datetime64[D]")
    bought = Purchases(("Ann", "Bob"), np.array([0, 0, 1]), days, np.array([10.0, 30.0, 6.0]))
    held = split(bought, date(2020, 3, 31), 20)
    rate = PEERS["naive rate"].asked(held)
    assert rate["orders"].tolist() == pytest.approx([2 / 89 * 20, 1 / 30 * 20])  # nobody is younger than 30 days
    assert rate["net_revenue"].tolist() == pytest.approx([40 / 89 * 20, 6 / 30 * 20])
    last = PEERS["last period"].asked(held)
    assert last["orders"].tolist() == [1.0, 1.0]
    assert last["net_revenue"].tolist() == [30.0, 6.0]
    assert last["active"].tolist() == pytest.approx([1 - np.exp(-1)] * 2)


def test_a_learned_peer_learns_from_a_window_that_ended_by_the_cut():
    held = held_out()
    told = lesson(held)
    window = held.known.between(np.datetime64("2020-03-02"), np.datetime64("2020-05-01"))
    known_then = held.known.first_days < np.datetime64("2020-03-02")
    assert (told.came.horizon_days, told.windows) == (60, 1.0)
    assert told.came.orders.tolist() == window.counts[known_then].tolist()
    assert told.then.shape[0] == known_then.sum()
    assert told.now.shape[0] == held.orders.size


def test_a_window_is_half_of_the_calibration_where_the_horizon_is_longer():
    held = split(shop(), date(2020, 4, 10), 90)  # 100 days are known
    told = lesson(held)
    assert told.came.horizon_days == 50
    assert told.windows == 90 / 50
    assert told.chance(np.array([0.5])).tolist() == pytest.approx([1 - 0.5**1.8])


@pytest.mark.parametrize("name", ["naive rate", "last period", "LightGBM on RFM", "logistic on RFM"])
def test_what_comes_after_the_cut_changes_no_peer(name):
    held = held_out()
    other = replace(held, orders=held.orders[::-1], money=held.money[::-1] * 7.0)
    for target, said in PEERS[name].asked(held).items():
        assert np.array_equal(said, PEERS[name].asked(other)[target])
        assert said.shape == held.orders.shape
        assert (said >= 0).all()


def test_a_peer_without_a_number_for_everyone_does_not_take_part():
    peer = Peer("half", "numpy", "", lambda held: {"orders": np.where(held.orders > 0, 1.0, np.nan)})
    with pytest.raises(ValueError, match="gave no number of orders for"):
        peer.asked(held_out())


def test_a_package_that_is_not_there_is_said_in_words():
    assert Peer("x", "no_such_package", "", dict).missing() == "no_such_package is not installed"
