"""Published numbers on the CDNOW sample (2,357 customers, 39 weeks of calibration, 39 of hold-out).

`cdnow_sample_btyd.csv` holds distinct histories in days with the number of customers who share them and their orders
in the hold-out: counts only, derived from the sample that Fader and Hardie publish for research.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from patron.forecasts.methods import BetaGeoNBD, GammaGamma, ModifiedBetaGeoNBD
from patron.forecasts.methods.staying import log_likelihood_of_staying

HORIZON_WEEKS = 39.0


@pytest.fixture(scope="module")
def cdnow():
    table = np.loadtxt(Path(__file__).parent / "cdnow_sample_btyd.csv", delimiter=",", skiprows=1)
    histories = table[:, :3] / [1.0, 7.0, 7.0]
    return histories, table[:, 3], table[:, 4]


def test_the_table_is_the_published_sample(cdnow):
    histories, customers, holdout_orders = cdnow
    assert customers.sum() == 2357
    assert holdout_orders.sum() == 1882
    assert customers[histories[:, 0] > 0].sum() == 946


def test_bg_nbd_reproduces_the_published_parameters(cdnow):
    """Fader, Hardie and Lee (2005), table 2: r, α, a, b and the log-likelihood."""
    histories, customers, _ = cdnow
    model = BetaGeoNBD().fit(histories, sample_weight=customers)
    assert model.converged_
    assert model.params_["r"] == pytest.approx(0.2426, abs=5e-5)
    assert model.params_["alpha"] == pytest.approx(4.4137, abs=1.5e-4)
    assert model.params_["a"] == pytest.approx(0.7930, abs=1.5e-4)
    assert model.params_["b"] == pytest.approx(2.4262, abs=4e-4)
    assert model.log_likelihood_ == pytest.approx(-9582.429, abs=5e-4)


def test_the_nbd_in_which_nobody_leaves_reproduces_the_published_log_likelihood(cdnow):
    """Fader and Hardie (2004), brucehardie.com/notes/005: −9,763.7, 181 below BG/NBD."""
    histories, customers, _ = cdnow
    x, _, T = np.repeat(histories, customers.astype(int), axis=0).T
    assert log_likelihood_of_staying(x, T) == pytest.approx(-9763.66, abs=5e-3)


def test_bg_nbd_agrees_with_an_independent_implementation(cdnow):
    histories, customers, _ = cdnow
    found = BetaGeoNBD().fit(histories, sample_weight=customers).params_
    assert list(found.values()) == pytest.approx([0.24259, 4.4136, 0.79292, 2.42591], rel=3e-5)


def test_mbg_nbd_agrees_with_an_independent_implementation(cdnow):
    histories, customers, _ = cdnow
    found = ModifiedBetaGeoNBD().fit(histories, sample_weight=customers).params_
    assert list(found.values()) == pytest.approx([0.52484, 6.18308, 0.89136, 1.614], rel=3e-5)


def test_the_unit_of_time_only_scales_alpha(cdnow):
    histories, customers, _ = cdnow
    weeks = BetaGeoNBD().fit(histories, sample_weight=customers)
    days = BetaGeoNBD().fit(histories * [1.0, 7.0, 7.0], sample_weight=customers)
    assert days.params_["alpha"] == pytest.approx(7.0 * weeks.params_["alpha"], rel=1e-4)
    for name in ("r", "a", "b"):
        assert days.params_[name] == pytest.approx(weeks.params_[name], rel=1e-4)


def test_hold_out_means_by_number_of_repeat_purchases(cdnow):
    """Conditional expectations of BG/NBD for x = 0 … 6, 7+, and what happened."""
    histories, customers, holdout_orders = cdnow
    model = BetaGeoNBD().fit(histories, sample_weight=customers)
    expected = model.expected_purchases(histories, HORIZON_WEEKS)
    group = np.minimum(histories[:, 0], 7).astype(int)
    size = np.bincount(group, weights=customers)
    assert np.bincount(group, weights=expected * customers) / size == pytest.approx(
        [0.2251, 0.5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570], abs=3e-4
    )
    assert np.bincount(group, weights=holdout_orders) / size == pytest.approx(
        [0.237, 0.697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359], abs=6e-4
    )


def test_the_worked_example_of_one_customer():
    """Fader, Hardie and Lee (2005): x = 2, t_x = 30.43, T = 38.86 expects 1.226 purchases in the next 39 weeks."""
    model = BetaGeoNBD.from_params(r=0.2426, alpha=4.4137, a=0.7930, b=2.4262)
    assert model.expected_purchases([[2, 30.43, 38.86]], 39.0)[0] == pytest.approx(1.226, abs=5e-4)


def test_gamma_gamma_expectations_of_the_published_customers():
    """The first customers of the sample under the fitted parameters, as an independent implementation prints them."""
    model = GammaGamma.from_params(p=6.2496, q=3.7442, gamma=15.4435)
    spend = [[2, 22.35], [1, 11.77], [0, 0.0], [7, 73.74], [2, 25.55]]
    expected = [24.658619, 18.911489, 35.170981, 71.462843, 27.282408]
    assert model.expected_value(spend) == pytest.approx(expected, rel=2e-4)
