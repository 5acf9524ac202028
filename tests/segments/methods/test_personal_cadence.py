"""A customer's own rhythm: from twice the usual gap overdue, up to the gap within, and unknown below three orders."""

from __future__ import annotations

import numpy as np
import pytest

from patron.segments.methods.personal_cadence import OVERDUE, UNKNOWN, WITHIN, own_rhythm


@pytest.mark.parametrize(
    ("silence", "gap", "orders", "found"),
    [
        (30.0, 15.0, 3.0, OVERDUE),
        (29.9, 15.0, 3.0, UNKNOWN),
        (15.1, 15.0, 3.0, UNKNOWN),
        (15.0, 15.0, 3.0, WITHIN),
        (30.0, 15.0, 2.0, UNKNOWN),
        (5.0, 15.0, 2.0, UNKNOWN),
        (30.0, np.nan, 9.0, UNKNOWN),
        (np.nan, 15.0, 9.0, UNKNOWN),
        (30.0, 0.0, 9.0, UNKNOWN),
        (30.0, 15.0, np.nan, UNKNOWN),
    ],
)
def test_the_limits(silence, gap, orders, found):
    assert own_rhythm(np.array([silence]), np.array([gap]), np.array([orders])).tolist() == [found]


def test_nobody_is_both_and_longer_silence_is_never_less_late():
    rng = np.random.default_rng(0)
    gap, orders = rng.uniform(1, 90, 500), rng.integers(1, 9, 500).astype(float)
    found = [own_rhythm(np.full(500, days), gap, orders) for days in (1.0, 10.0, 30.0, 90.0, 300.0)]
    assert (np.diff(np.stack(found), axis=0) >= 0).all()
    assert (np.stack(found)[:, orders < 3] == UNKNOWN).all()
