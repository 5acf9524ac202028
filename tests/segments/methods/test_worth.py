"""Worth on held-out time: a cut that knows the future wins, one that does not earns nothing, luck is told apart."""

from __future__ import annotations

import numpy as np
import pytest

from patron.measures import normalised_gini
from patron.segments.methods.worth import Contender, Margins, judge_worth, share_explained, trained_means


def world(n=1500, seed=0):
    """Return customers of three kinds, and what each brought after two origins, the second in a better season."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(0, 3, n)
    means = np.array([5.0, 20.0, 100.0])[kind]
    return kind, means * rng.gamma(2.0, 0.5, n), 3.0 * means * rng.gamma(2.0, 0.5, n)


def judged_against(rival, seed=0):
    kind, then, later = world(seed=seed)
    return judge_worth(
        Contender(kind, kind), {"rival": rival(kind)}, value_then=then, value_held_out=later, draws=80, seed=1
    )


def test_a_cut_by_the_truth_beats_one_segment():
    worth = judged_against(lambda kind: Contender(np.zeros_like(kind), np.zeros_like(kind)))
    assert worth.scores["gini", "rival"].value == pytest.approx(0.0, abs=1e-12)
    assert worth.scores["explained", "rival"].value == pytest.approx(0.0, abs=1e-12)
    assert worth.scores["top_capture", "rival"].value == pytest.approx(0.2)
    assert all(worth.beats("rival", measure) for measure in ("gini", "explained", "top_capture"))
    true_means = np.array([5.0, 20.0, 100.0])
    expected = true_means.var() / (true_means.var() + (true_means**2).mean() / 2)  # a gamma of shape 2 varies by m²/2
    assert worth.scores["explained", "judged"].value == pytest.approx(expected, abs=0.04)


def test_a_cut_does_not_beat_itself_with_its_segments_renumbered():
    worth = judged_against(lambda kind: Contender(2 - kind, 2 - kind))
    gain = worth.gains["gini", "rival"]
    assert (gain.value, gain.lower, gain.upper) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
    assert not worth.beats("rival")


def test_a_cut_at_random_is_worse_than_the_truth_and_says_so():
    kind, then, later = world()
    random = np.random.default_rng(5).integers(0, 8, kind.size)
    worth = judge_worth(
        Contender(random, random), {"truth": Contender(kind, kind)}, value_then=then, value_held_out=later, draws=80
    )
    assert worth.gains["gini", "truth"].upper < 0
    assert abs(worth.scores["gini", "judged"].value) < 0.1


def test_scores_are_read_with_the_means_of_the_learning_origin():
    learned, held_out = np.array([0, 0, 1, 1]), np.array([1, 0, 0])
    then, later = np.array([1.0, 3.0, 8.0, 10.0]), np.array([7.0, 1.0, 4.0])
    worth = judge_worth(Contender(learned, held_out), {}, value_then=then, value_held_out=later, draws=10)
    means = trained_means(learned, then, 2)
    assert worth.scores["gini", "judged"].value == pytest.approx(normalised_gini(later, means[held_out]))


def test_a_season_that_lifts_everyone_is_not_the_cuts_fault():
    actual, told = np.array([1.0, 2.0, 9.0]), np.array([2.0, 2.0, 8.0])
    assert share_explained(actual, told) == pytest.approx(share_explained(actual, 5.0 * told))
    assert share_explained(actual, np.ones(3)) == 0.0
    assert np.isnan(share_explained(np.ones(3), told))


def test_thin_segments_keep_less_of_their_distance_than_large_ones():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [500, 500, 2])
    value = np.concatenate([rng.normal(10, 5, 500), rng.normal(20, 5, 500), [40.0, 44.0]])
    shrunken = trained_means(labels, value, 4)
    overall = value.mean()
    kept = (shrunken[:3] - overall) / (np.array([value[labels == k].mean() for k in range(3)]) - overall)
    assert kept[0] > 0.95
    assert kept[2] < kept[1]
    assert shrunken[3] == pytest.approx(overall)


def test_credibility_equals_the_formula():
    labels, value = np.array([0, 0, 1, 1, 1]), np.array([1.0, 3.0, 8.0, 9.0, 13.0])
    within = (2.0 + 14.0) / 3
    between = (2 * (2 - 6.8) ** 2 + 3 * (10 - 6.8) ** 2 - within) / (5 - 13 / 5)
    expected = [6.8 + n / (n + within / between) * (m - 6.8) for n, m in ((2, 2.0), (3, 10.0))]
    assert trained_means(labels, value, 2) == pytest.approx(expected)


def test_segments_that_differ_by_luck_alone_have_everyones_mean():
    labels, value = np.array([0, 1, 0, 1]), np.array([1.0, 1.0, 9.0, 9.0])
    assert trained_means(labels, value, 2).tolist() == [5.0, 5.0]


def test_the_decision_value_gives_each_segment_its_own_action_or_none():
    rng = np.random.default_rng(0)
    kind, one = rng.integers(0, 3, 900), np.zeros(900, dtype=np.int64)
    pays = np.array([[2.0, -1.0], [-1.0, 3.0], [-1.0, -1.0]])  # by kind: which of two actions pays
    margins = Margins(pays[kind], pays[kind])
    value = rng.gamma(2.0, 1.0, 900)
    worth = judge_worth(
        Contender(kind, kind),
        {"everyone": Contender(one, one), "told": Contender(one, one, value)},
        value_then=value,
        value_held_out=value,
        margins=margins,
        draws=50,
    )
    best = np.where(kind == 0, 2.0, np.where(kind == 1, 3.0, 0.0)).mean()
    assert worth.scores["decision_value", "judged"].value == pytest.approx(best)
    same = max(pays[kind].mean(axis=0).max(), 0.0)
    assert worth.scores["decision_value", "everyone"].value == pytest.approx(same)
    assert worth.gains["decision_value", "everyone"].lower > 0
    assert (
        "decision_value",
        "told",
    ) not in worth.scores  # tenths of a forecast were not there when actions were learned
