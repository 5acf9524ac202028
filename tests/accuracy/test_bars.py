"""Metrics by hand, and the logic by which bars are met, missed or not decided."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.accuracy import bars
from benchmarks.accuracy.bars import BARS, best_of, kept, verdicts
from benchmarks.accuracy.metrics import EVERY, METRICS, figures
from benchmarks.accuracy.peers import PEERS
from benchmarks.accuracy.protocols import PROTOCOLS

BY_NAME = {bar.name: bar for bar in BARS}


def test_metrics_by_hand():
    actual, said = np.array([0.0, 1.0, 2.0, 5.0]), np.array([0.5, 1.0, 3.0, 3.5])
    found = figures("orders", actual, said)
    assert found["mean_absolute_error"] == (0.5 + 0 + 1 + 1.5) / 4
    assert found["sum_ratio"] == 8 / 8
    assert found["spearman"] == found["normalised_gini"] == pytest.approx(1.0)
    assert found["decile_mape"] == pytest.approx((0 + 1 / 2 + 1.5 / 5) / 3)  # the bin without an order is left out
    assert found["top_decile_capture"] == pytest.approx(0.4 * 5 / 8)  # a tenth of four is four tenths of one
    chances = figures("active", np.array([0.0, 1.0]), np.array([0.2, 0.9]))
    assert chances["brier_score"] == pytest.approx((0.04 + 0.01) / 2)
    assert chances["roc_auc"] == 1.0
    assert chances["expected_calibration_error"] == pytest.approx(0.15)
    assert chances["log_loss"] == pytest.approx(-(np.log(0.8) + np.log(0.9)) / 2)


def test_better_is_higher_lower_or_nearer_to_one():
    assert EVERY["orders"]["spearman"].score(0.5) == 0.5
    assert EVERY["orders"]["mean_absolute_error"].score(2.0) == -2.0
    assert EVERY["orders"]["sum_ratio"].score(1.2) == pytest.approx(-0.2)
    assert best_of(EVERY["orders"]["sum_ratio"], {"a": 1.2, "b": 0.9}) == "b"
    assert best_of(EVERY["orders"]["mean_absolute_error"], {"a": 1.2, "b": 0.9}) == "b"


@pytest.mark.parametrize(
    ("bar", "value", "peer", "met"),
    [
        ("gini", 0.697, 0.700, True),
        ("gini", 0.6969, 0.700, False),
        ("gini_above", 0.700, 0.700, False),
        ("gini_above", 0.7001, 0.700, True),
        ("absolute_error", 1.0, 1.0, True),
        ("absolute_error", 1.01, 1.0, False),
        ("deciles", 0.15, 0.20, True),
        ("deciles", 0.151, 0.20, False),
        ("ratio", 1.09, 1.0, True),
        ("ratio", 0.89, 0.5, False),  # better than the peer, and still too low
        ("auc", 0.777, 0.780, True),
        ("brier", 0.161, 0.160, False),
    ],
)
def test_limits(bar, value, peer, met):
    one = BY_NAME[bar]
    metric = EVERY[one.targets[0]][one.metric]
    margin = metric.score(value) - one.limit(metric.score(peer))
    assert one.met(round(margin, 9)) is met


def test_a_verdict_names_the_best_peer_of_its_metric_and_holds_to_the_reference_too(monkeypatch):
    rng = np.random.default_rng(1)
    orders = rng.poisson(rng.gamma(1.0, 2.0, 400)).astype(float)
    money, active = orders * 10.0, (orders > 0).astype(float)
    outcomes = {"orders": orders, "net_revenue": money, "active": active}
    truth = {"orders": orders, "net_revenue": money, "active": active * 0.98 + 0.01}
    poor = {"orders": np.full(400, 9.0), "active": np.full(400, 0.5)}
    fair = {"orders": orders + 1.0, "net_revenue": money + 5.0, "active": active * 0.6 + 0.2}
    known = {
        target: {
            name: {"value": 0.1 if metric.better < 0 else 0.9, "model": "someone"}
            for name, metric in METRICS[target].items()
        }
        for target in METRICS
    }
    monkeypatch.setattr(bars, "reference", lambda: {"tiny": known})
    found = {(one.bar, one.target): one for one in verdicts("tiny", outcomes, truth, {"poor": poor, "fair": fair})}
    error = found["absolute_error", "orders"]
    assert (error.peer, error.peer_value, error.value) == ("fair", 1.0, 0.0)
    assert error.margin == 1.0
    assert error.lower == error.upper == 1.0  # everyone is one off
    assert error.met
    assert not found["gini_above", "orders"].met  # the same ranking is not above
    known["orders"]["mean_absolute_error"]["value"] = -0.1  # a reference that cannot be reached
    again = verdicts("tiny", outcomes, truth, {"poor": poor, "fair": fair})
    assert not next(one for one in again if (one.bar, one.target) == ("absolute_error", "orders")).met


def test_a_bar_is_kept_missed_or_not_decided():
    every, most = BY_NAME["gini"], BY_NAME["deciles"]
    assert kept(every, [True] * 4) is True
    assert kept(every, [True] * 3) is None
    assert kept(every, [True, False]) is False
    assert kept(most, [True, True, False, True]) is True
    assert kept(most, [True, False]) is None
    assert kept(most, [False, False]) is False


def test_every_bar_has_a_reference_in_every_protocol():
    known = bars.reference()
    assert set(known) == set(PROTOCOLS)
    for targets in known.values():
        assert all(bar.metric in targets[target] for bar in BARS for target in bar.targets)
        assert all(set(values) <= set(METRICS[target]) for target, values in targets.items())


def test_a_forecast_that_is_too_low_gains_in_absolute_error_alone():
    actual, said = np.array([0.0, 0.0, 0.0, 8.0]), np.array([1.0, 1.0, 1.0, 5.0])
    assert figures("orders", actual, said * 0.5)["mean_absolute_error"] == pytest.approx(1.75)
    assert figures("orders", actual, said)["error_at_total"] == figures("orders", actual, said * 0.5)["error_at_total"]


def test_reasons_name_protocols_targets_and_bars():
    names = {f"{protocol}.{target}" for protocol in PROTOCOLS for target in METRICS}
    for where, said in bars.reasons().items():
        if not where.startswith("shops."):
            assert where in names
            assert set(said) <= set(BY_NAME)


def test_every_peer_says_how_it_is_set():
    assert all(peer.setting.endswith(".") for peer in PEERS.values())
