from __future__ import annotations

import numpy as np
import pytest

from patron.ground.errors import InputError
from patron.measures import hits, reciprocal_ranks

HELD = np.array([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
SCORES = np.array([[0.2, 0.3, 0.5], [0.1, 0.6, 0.3], [0.9, 0.5, 0.1]])


def test_hits_and_ranks_by_hand():
    # The lists are c b a, b c a and a b c; what came is first on the first, third on the second, never on the third.
    assert hits(HELD, SCORES, 1).tolist() == [1.0, 0.0, 0.0]
    assert hits(HELD, SCORES, 3).tolist() == [1.0, 1.0, 0.0]
    assert reciprocal_ranks(HELD, SCORES) == pytest.approx([1.0, 1 / 3, 0.0])


def test_ties_keep_the_order_of_the_columns():
    assert hits([[1, 0]], [[0.5, 0.5]], 1).tolist() == [1.0]
    assert hits([[0, 1]], [[0.5, 0.5]], 1).tolist() == [0.0]


@pytest.mark.parametrize(("held", "scores"), [([1, 0], [0.5, 0.5]), (HELD, SCORES[:, :2]), (np.zeros((0, 2)),) * 2])
def test_other_shapes_are_refused(held, scores):
    with pytest.raises(InputError, match="one row per customer"):
        hits(held, scores, 1)
