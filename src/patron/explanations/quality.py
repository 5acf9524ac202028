"""The judgement of explanations: do they add up, does a second method agree, does the forecast hang on the reasons?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import kendalltau

from patron import measures
from patron.contracts.published import QUALITY
from patron.explanations.explainer import Attribution, Explainer, Sample
from patron.explanations.importances import drawn_importances, seed_importances
from patron.explanations.opinions import agreement, faithfulness, group_contributions, strongest_first
from patron.ground.seeds import derive

FloatArray = NDArray[np.float64]
_ROOM = "explanations"
_ADDS_UP = 1e-6
_GOOD, _FAIR = 0.7, 0.4  # of an agreement that is 1 at best
_HOW = {"model": "by the model itself", "coalitions": "over every coalition of features", "sampled": "by sampling"}
_LEAST_GROUPS = 2
_TOP = 10


def evaluate(explainer: Explainer, sample: Sample, again: Sequence[Attribution] = ()) -> pa.Table:
    """Judge the explanations of one horizon.

    Args:
        explainer: from `prepare`.
        sample: from `Explainer.sample`.
        again: from `Explainer.attribute_again`.

    Returns:
        Rows of the `quality` table; `slice` reads `{horizon}d/{target}/{model}`. Measures: `additivity_error`,
        `contribution_standard_error` where contributions are sampled, `importance_rank_stability`, where the forecast
        was learned under several seeds `seed_group_kendall`, `seed_feature_kendall` and `seed_top_overlap` (baseline:
        by chance, interval: the lowest and highest of all pairs), and, where the forecast reads features of two groups
        or more, the second opinion (`second_opinion_rank_correlation`, `_top_overlap`, `_same_sign`, `_fit`) and
        whether the forecast hangs on the reasons (`reasons_removed`, `deletion_area`; baseline: as many groups at
        random, interval: of the lead).
    """
    n = explainer.spec.checked_customers
    checked, said = sample.matrix[:n], sample.said.first(n)
    rows = [*_exactness(explainer, checked, said), _stability(explainer, sample.said.values)]
    rows += _over_seeds(explainer, sample.said, again) if again else []
    ours = group_contributions(explainer, said)
    if ours.shape[1] >= _LEAST_GROUPS:
        rows += _second_opinion(explainer, checked, ours, sample.matrix)
        rows += _faithfulness(explainer, checked, ours)
    return QUALITY.check(pa.Table.from_pylist(rows, schema=QUALITY.schema))


def coverage(explainer: Explainer, *, explained: int, customers: int) -> pa.Table:
    """Say of how many customers the reasons are told: measure `explained`, baseline all customers."""
    row = _explained(explainer, explained, customers)
    return QUALITY.check(pa.Table.from_pylist([row], schema=QUALITY.schema))


def _explained(explainer: Explainer, explained: int, customers: int) -> dict[str, Any]:
    whom = "everyone" if explained == customers else "the most predicted value and the most value at risk first"
    said = f"info: {explained:,} of {customers:,} customers, {_HOW[explainer.how]}; {whom}"
    key = {"key": "explained", "explained": explained, "customers": customers}
    return _row(explainer, "explained", float(explained), baseline=float(customers), verdict=said, reason=key)


def _exactness(explainer: Explainer, checked: FloatArray, said: Attribution) -> list[dict[str, Any]]:
    total = said.base + said.values.sum(axis=1)
    predicted = explainer.log_forecast(checked)
    told = predicted > np.log(explainer.least)
    error = float(np.abs(total - predicted)[told].max(initial=0.0))
    word = "good: base and contributions add up to" if error <= _ADDS_UP else "poor: they do not add up to"
    rows = [_row(explainer, "additivity_error", error, verdict=f"{word} the log of the forecast")]
    if explainer.how == "sampled":
        words = f"info: mean standard error of a contribution, {explainer.spec.permutations} orders of features"
        rows.append(_row(explainer, "contribution_standard_error", said.standard_error, verdict=words))
    return rows


def _over_seeds(explainer: Explainer, own: Attribution, again: Sequence[Attribution]) -> list[dict[str, Any]]:
    """Compare the importances of every pair of seeds: their order, and their ten strongest features."""
    sizes = seed_importances(own, again)
    n = len(sizes.features)
    used = int((sizes.features > 0).any(axis=0).sum())
    top = min(_TOP, used)
    chance = top / max(used, 1)
    features, groups = (list(combinations(values, 2)) for values in (sizes.features, sizes.groups))
    found = (
        ("seed_group_kendall", [_kendall(*pair) for pair in groups], 0.0, "Kendall's tau of the groups' importances"),
        (
            "seed_feature_kendall",
            [_kendall(*pair) for pair in features],
            0.0,
            "Kendall's tau of the features' importances",
        ),
        (
            "seed_top_overlap",
            [_overlap(*pair, top) for pair in features],
            chance,
            f"of the {top} strongest are the same",
        ),
    )
    rows = []
    for measure, pairs, baseline, words in found:
        mean, ends = float(np.mean(pairs)), (min(pairs), max(pairs))
        verdict = f"{_word(mean)}: {words}; {n} seeds, the same rows to learn from"
        reason = {"key": "over_seeds", "seeds": n}
        rows.append(_row(explainer, measure, mean, ends, baseline, verdict=verdict, reason=reason))
    return rows


def _kendall(left: FloatArray, right: FloatArray) -> float:
    used = (left > 0) | (right > 0)
    return float(kendalltau(left[used], right[used]).statistic) if used.sum() >= _LEAST_GROUPS else float("nan")


def _overlap(left: FloatArray, right: FloatArray, top: int) -> float:
    strongest = [set(np.argsort(-sizes, kind="stable")[:top].tolist()) for sizes in (left, right)]
    return len(strongest[0] & strongest[1]) / max(top, 1)


def _stability(explainer: Explainer, values: FloatArray) -> dict[str, Any]:
    drawn = drawn_importances(values, explainer.spec.bootstrap_draws, derive(explainer.seed, "stability"))
    whole = np.abs(values).mean(axis=0)
    used = whole > 0
    if used.sum() < _LEAST_GROUPS:
        return _row(explainer, "importance_rank_stability", None, verdict="info: the forecast uses one feature")
    found = np.array([measures.spearman(one[used], whole[used]) for one in drawn])
    lower, upper = np.percentile(found, (2.5, 97.5))
    verdict = f"{_word(float(found.mean()))}: rank correlation between draws of customers"
    return _row(explainer, "importance_rank_stability", float(found.mean()), (lower, upper), verdict=verdict)


def _second_opinion(
    explainer: Explainer, checked: FloatArray, ours: FloatArray, others: FloatArray
) -> list[dict[str, Any]]:
    said = agreement(explainer, checked, ours, others)
    told = {
        "rank_correlation": (said.rank_correlation, "rank correlation of the sizes of the groups' contributions"),
        "top_overlap": (said.top_overlap, "of the three strongest groups are the second method's, too"),
        "same_sign": (said.same_sign, "of the reasons raise or lower the forecast in both"),
    }
    rows = []
    for measure, (values, words) in told.items():
        found = _mean(explainer, values)
        verdict = f"{_word(found.value)}: {words}; {checked.shape[0]} customers"
        rows.append(
            _row(explainer, f"second_opinion_{measure}", found.value, (found.lower, found.upper), verdict=verdict)
        )
    fit = _mean(explainer, said.fit)
    words = "info: share of the nearby variance that the second method's line explains"
    return [*rows, _row(explainer, "second_opinion_fit", fit.value, (fit.lower, fit.upper), verdict=words)]


def _faithfulness(explainer: Explainer, checked: FloatArray, ours: FloatArray) -> list[dict[str, Any]]:
    said = faithfulness(explainer, checked, strongest_first(ours))
    rows = []
    for measure, named, random, words in (
        ("reasons_removed", said.named, said.random, "with the reasons taken away"),
        ("deletion_area", said.area, said.random_area, "over the whole curve, strongest reasons first"),
    ):
        lead = _mean(explainer, named - random)
        holds = "good: the log of the forecast moves further than with as many groups at random"
        verdict = holds if lead.lower > 0 else "poor: it does not surely move further than with groups at random"
        verdict = f"{verdict}, {words}: {lead.value:+.2f} [{lead.lower:+.2f}, {lead.upper:+.2f}]"
        value, base = float(named.mean()), float(random.mean())
        rows.append(_row(explainer, measure, value, (base + lead.lower, base + lead.upper), base, verdict=verdict))
    return rows


def _mean(explainer: Explainer, values: FloatArray) -> measures.Interval:
    known = values[np.isfinite(values)]
    if not known.size:
        return measures.Interval(float("nan"), float("nan"), float("nan"), 0.95)
    return measures.interval_of_mean(known, draws=explainer.spec.bootstrap_draws, seed=derive(explainer.seed, "checks"))


def _word(value: float) -> str:
    if not np.isfinite(value):
        return "info"
    return "good" if value >= _GOOD else "fair" if value >= _FAIR else "poor"


def _row(
    explainer: Explainer,
    measure: str,
    value: float | None,
    ends: tuple[float, float] | None = None,
    baseline: float | None = None,
    *,
    verdict: str,
    reason: dict[str, Any] | None = None,
) -> dict[str, Any]:
    forecast = explainer.forecast
    cells = (value, *(ends or (None, None)), baseline)
    plain = [None if cell is None or not np.isfinite(cell) else float(cell) for cell in cells]
    return {
        "room": _ROOM,
        "measure": measure,
        "slice": f"{forecast.horizon_days}d/{forecast.target}/{forecast.model}",
        **dict(zip(("value", "lower", "upper", "baseline"), plain, strict=True)),
        "verdict": verdict,
        "reason": json.dumps(reason) if reason else None,
    }
