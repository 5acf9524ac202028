from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.methods import Credibility


def test_buhlmanns_formula_by_hand():
    # mu = (4 · 0.5 + 1 · 0.2) / 5 = 0.44; with k = 3: 4/7 and 1/4 of the way to the own ratio.
    model = Credibility(doubt=3.0).fit([[4, 0.5], [1, 0.2]])
    assert model.mean_ == pytest.approx(0.44)
    assert model.predict([[4, 0.5], [1, 0.2], [0, 9.0]]) == pytest.approx(
        [0.44 + 4 / 7 * 0.06, 0.44 - 0.25 * 0.24, 0.44]
    )


def test_the_two_variances_are_found_again_and_shrinking_beats_both_extremes():
    random = np.random.default_rng(3)
    orders = random.integers(1, 20, 20_000).astype(float)
    true = random.normal(0.4, 0.1, orders.size)  # tau 0.1, sigma 0.3: k = 9
    ratio = random.normal(true, 0.3 / np.sqrt(orders))
    pairs = np.column_stack([orders, ratio])
    model = Credibility().fit(pairs)
    assert model.mean_ == pytest.approx(0.4, abs=0.005)
    assert model.doubt_ == pytest.approx(9.0, rel=0.15)
    error = {
        doubt: np.square(Credibility(doubt=doubt).fit(pairs).predict(pairs) - true).mean() for doubt in (0.0, np.inf)
    }
    assert np.square(model.predict(pairs) - true).mean() < 0.9 * min(error.values())


def test_who_differs_by_luck_alone_is_taken_for_everybody():
    random = np.random.default_rng(4)
    orders = random.integers(1, 20, 20_000).astype(float)
    model = Credibility().fit(np.column_stack([orders, random.normal(0.4, 0.3 / np.sqrt(orders))]))
    assert model.doubt_ > 50
    assert model.predict([[5, 1.0]])[0] == pytest.approx(0.4, abs=0.03)


def test_amounts_weigh_the_mean_and_nobody_known_is_refused():
    assert Credibility().fit([[1, 0.2], [1, 0.4]], sample_weight=[3.0, 1.0]).mean_ == pytest.approx(0.25)
    with pytest.raises(ValueError, match="no ratio to learn from"):
        Credibility().fit([[0, 0.2], [0, 0.4]])


def test_bad_doubts_and_rows_are_named():
    with pytest.raises(ValueError, match="doubt is -3"):
        Credibility(doubt=-3).fit([[4, 0.5], [4, 0.3]])
    with pytest.raises(ValueError, match="row 1 has -1 orders"):
        Credibility().fit([[4, 0.5], [-1, 0.3]])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        Credibility().fit([[4, 0.5], [4, 0.3]], sample_weight=[1.0])
