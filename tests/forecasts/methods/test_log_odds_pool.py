from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit

from patron.forecasts.methods import LogOddsPool


def test_the_weights_of_a_known_pool_are_found_again():
    random = np.random.default_rng(1)
    said = random.uniform(0.05, 0.95, (60_000, 2))
    truth = expit(logit(said) @ [0.7, 0.4] - 0.2)
    model = LogOddsPool().fit(said, (random.random(60_000) < truth).astype(int))
    assert model.weights_ == pytest.approx([0.7, 0.4], abs=0.03)
    assert model.level_ == pytest.approx(-0.2, abs=0.03)
    assert model.predict(said) == pytest.approx(truth, abs=0.02)


def test_what_is_no_chance_is_refused():
    with pytest.raises(ValueError, match="chances between 0 and 1"):
        LogOddsPool().fit([[1.2], [0.1]], [1, 0])
    with pytest.raises(ValueError, match="both must occur"):
        LogOddsPool().fit([[0.2], [0.1]], [0, 0])
