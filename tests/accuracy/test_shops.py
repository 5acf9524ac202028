"""Champions beside the naive formula as a run's `quality` tells it, and the chapters that are written of it."""

from __future__ import annotations

import pytest
from benchmarks.accuracy import results
from benchmarks.accuracy.chapters import coverage, shops
from benchmarks.accuracy.shops import _compared

MADE = {"day": "2026-01-01", "cores": 2, "python": "3.11", "versions": {"patron": "0"}}


def row(measure, slice_, value, baseline, verdict):
    names = ("measure", "slice", "value", "baseline", "verdict")
    return {"room": "forecasts"} | dict(zip(names, (measure, slice_, value, baseline, verdict), strict=True))


QUALITY = [
    row("champion", "90d/orders", -0.2, 0.0, "good: stack. error of stack less that of naive: -0.2, more than luck"),
    row("champion", "90d/active", 0.1, 0.0, "info: naive. naive: no model could be learned"),
    row("mean_absolute_error", "90d/orders/stack", 1.5, 1.0, "poor: worse than the naive formula"),
    row("spearman", "90d/orders/stack", 0.6, 0.5, "good: better than the naive formula"),
    row("sum_ratio", "90d/orders/stack", 0.9, 1.3, "good: better than the naive formula"),
    row("spearman", "90d/orders/hurdle", 0.1, 0.5, "info: not used"),
    row("roc_auc", "90d/active/naive", 0.7, 0.7, "fair: the naive formula itself is used"),
    row("decile_mape", "90d/orders/stack", None, None, "info: not defined on these customers"),
    row("grade", "90d/orders", 2.0, None, "fair: C"),
]


def test_champions_alone_are_compared_in_their_own_direction():
    found = {(one.target, one.measure): one for one in _compared(QUALITY)}
    assert set(found) == {("orders", name) for name in ("mean_absolute_error", "spearman", "sum_ratio")} | {
        ("active", "roc_auc")
    }
    assert found["orders", "mean_absolute_error"].lead == pytest.approx(-0.5)
    assert found["orders", "spearman"].lead == pytest.approx(0.1)
    assert found["orders", "sum_ratio"].lead == pytest.approx(0.2)  # a tenth off instead of three
    assert found["active", "roc_auc"].lead == 0.0
    assert found["orders", "spearman"].model == "stack"


def test_the_chapter_names_what_is_worse_and_how_surely():
    worse = {
        "horizon_days": 90, "target": "orders", "model": "stack", "measure": "mean_absolute_error",
        "value": 1.5, "baseline": 1.0, "lead": -0.5, "lower": -0.7, "upper": -0.3,
    }  # fmt: skip
    better = worse | {"measure": "spearman", "value": 0.6, "baseline": 0.5, "lead": 0.1, "lower": None, "upper": None}
    run = {"as_of": "2020-01-01", "first_day": "2019-01-01", "customers": 100, "orders": 300}
    shop = {"seconds": 9, "run": run, "compared": [worse, better], "refused": []}
    text = "\n".join(shops.chapter({"shops": {"tiny": shop}, "made": {"shops": MADE}}))
    assert "2 metrics of 1 shops: 1 are worse than the naive formula's, 1 of them by more than luck" in text
    assert "| tiny | 90 d | orders | stack | mean_absolute_error | 1.5 | 1 | -0.5 [-0.7, -0.3] |" in text
    assert "| tiny | 90 d | orders | stack | spearman" not in text


def test_coverage_counts_each_window_once():
    covered = [
        dict(one, horizon_days=30, promised=one["level"], log_effect=0.1)
        for origin, value in (("2020-01-01", 0.9), ("2020-02-01", 0.7))
        for level in (0.8, 0.95)
        for quarter in (None, 1, 2, 3, 4)
        for one in ({"origin": origin, "level": level, "quarter": quarter, "value": value},)
    ]
    sharp = [
        dict(
            zip(("score", "score_by_value", "above_zero", "above_zero_by_value"), numbers, strict=True),
            level=level,
            horizon_days=30,
        )
        for level, numbers in ((0.8, (2.0, 2.5, 0.1, 0.0)), (0.8, (3.0, 3.5, 0.3, 0.0)), (0.95, (4.0, 4.5, 0.0, 0.0)))
    ]
    shop = {"most_customers": 5, "covered": covered, "sharpness": sharp}
    said = {"coverage": {"tiny": shop}, "made": {"coverage": MADE}}
    text = "\n".join(coverage.chapter(said))
    assert "| tiny, 30 | 2 | 80.0 (80.0) |" in text
    assert "| 70.0% |" in text  # the worst window
    assert text.count("| tiny, 30 | 2020-") == 2
    assert "| tiny, 30 | 2.50 | 3.00 | 4.00 | 4.50 | 20.0% | 0.0% |" in text


def test_what_was_found_is_kept_beside_what_was_there(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setattr(results, "FILE", tmp_path / "accuracy.json")
    results.keep("shops", "one", {"value": 1 / 3, "nothing": float("nan")})
    results.keep("shops", "two", {"value": 2})
    found = results.read()
    assert found["shops"] == {"one": {"value": 0.3333333333, "nothing": None}, "two": {"value": 2}}
    assert found["made"]["shops"]["versions"]["patron"]
