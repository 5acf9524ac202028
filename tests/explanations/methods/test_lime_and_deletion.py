from __future__ import annotations

import numpy as np
import pytest

from patron.explanations.methods.deletion import deletion_curves
from patron.explanations.methods.lime import Lime

GROUPS = np.array([0, 1, 1, 2])


@pytest.fixture(scope="module")
def others():
    return np.expm1(np.abs(np.random.default_rng(0).normal(1.0, 0.5, size=(400, 4))))


def test_a_line_in_the_prepared_space_is_found_exactly(others):
    centre, spread = np.log1p(others).mean(axis=0), np.log1p(others).std(axis=0)
    slopes = np.array([0.5, -0.2, 0.1, 0.0])

    def line(X):
        return (np.log1p(X) - centre) / spread @ slopes

    said = Lime(others, GROUPS).explain(line, others[3], perturbations=2000, ridge=1e-6, seed=1)
    assert said.values == pytest.approx(slopes * (np.log1p(others[3]) - centre) / spread, abs=1e-3)
    assert said.fit == pytest.approx(1.0, abs=1e-6)


def test_the_seed_fixes_the_opinion(others):
    lime = Lime(others, GROUPS)

    def bent(X):
        return np.log(X[:, 0] + X[:, 1] * X[:, 3])

    one, same, other = (lime.explain(bent, others[0], perturbations=300, seed=seed).values for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_an_absent_value_is_varied_by_others_values_and_gets_no_share(others):
    row = others[0].copy()
    row[1] = np.nan

    def reads(X):
        return np.nan_to_num(np.log1p(X[:, 0]))

    said = Lime(others, GROUPS).explain(reads, row, perturbations=500, seed=1)
    assert np.isfinite(said.values).all()
    assert said.values[1] == 0.0


def test_taking_groups_away_follows_the_order_given():
    rows, background = np.array([[4.0, 2.0, 1.0, 9.0]]), np.array([[0.0, 0.0, 0.0, 9.0], [2.0, 0.0, 0.0, 9.0]])

    def total(X):
        return X.sum(axis=1)

    forwards = deletion_curves(total, rows, background, GROUPS, np.array([[0, 1, 2]]))
    backwards = deletion_curves(total, rows, background, GROUPS, np.array([[2, 1, 0]]))
    assert forwards.tolist() == [[3.0, 6.0, 6.0]]
    assert backwards.tolist() == [[0.0, 3.0, 6.0]]
