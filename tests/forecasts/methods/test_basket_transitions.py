from __future__ import annotations

import numpy as np
import pytest

from patron.forecasts.methods import BasketTransitions

LAST = np.array([[1, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
NEXT = np.array([[0, 1], [1, 1], [1, 0], [0, 1]], dtype=float)


def test_transitions_by_hand():
    # s = (2/4, 3/4). After the first category (3 pairs): 2 and 2; after the second (2 pairs): 1 and 1. m = 2.
    model = BasketTransitions(doubt=2.0).fit(LAST, NEXT)
    assert model.chance_ == pytest.approx(np.array([[3 / 5, 3.5 / 5], [2 / 4, 2.5 / 4]]))
    assert model.predict([[1, 1]])[0] == pytest.approx([(0.6 + 0.5) / 2, (0.7 + 0.625) / 2])
    assert model.predict([[0, 0]])[0] == pytest.approx([0.5, 0.75])


def test_a_pair_left_out_is_as_if_it_had_not_been_counted():
    model = BasketTransitions(doubt=2.0).fit(LAST, NEXT)
    left_out = model.predict_left_out(LAST, NEXT)
    for i in range(4):
        others = np.arange(4) != i
        told = LAST[others].T @ NEXT[others] + 2.0 * NEXT.mean(axis=0)
        chance = told / (LAST[others].sum(axis=0)[:, None] + 2.0)
        assert left_out[i] == pytest.approx(LAST[i] @ chance / LAST[i].sum())


def test_what_is_no_basket_is_refused():
    with pytest.raises(ValueError, match="other values came"):
        BasketTransitions().fit([[0.5, 0], [1, 0]], [[1, 0], [1, 0]])
