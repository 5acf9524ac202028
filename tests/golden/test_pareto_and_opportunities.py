"""Published numbers of Pareto/NBD on the CDNOW sample, and of BG/BB on the donations of a 1995 cohort.

`donations_1995_bgbb.csv` holds how many of 11,104 donors share each history over six years: counts only, as Fader,
Hardie and Shang (2010) print them in their table of recency and frequency.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from patron.forecasts.methods import BetaGeoBetaBinomial, ParetoNBD

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def cdnow():
    table = np.loadtxt(HERE / "cdnow_sample_btyd.csv", delimiter=",", skiprows=1)
    return table[:, :3] / [1.0, 7.0, 7.0], table[:, 3], table[:, 4]


@pytest.fixture(scope="module")
def donations():
    table = np.loadtxt(HERE / "donations_1995_bgbb.csv", delimiter=",", skiprows=1)
    return table[:, :3], table[:, 3]


def test_pareto_nbd_reproduces_the_published_parameters(cdnow):
    """Fader, Hardie and Lee (2005), "Counting your customers" the easy way, table 2."""
    histories, customers, _ = cdnow
    model = ParetoNBD().fit(histories, sample_weight=customers)
    assert model.converged_
    assert model.at_bound_ == ()
    found = {name: round(value, 3) for name, value in model.params_.items()}
    assert found == {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    assert model.log_likelihood_ == pytest.approx(-9594.976, abs=5e-4)


def test_pareto_nbd_agrees_with_an_independent_implementation(cdnow):
    """The optimum is flat along β: 0.001 of it costs less than 1e-6 of log-likelihood."""
    histories, customers, _ = cdnow
    found = ParetoNBD().fit(histories, sample_weight=customers)
    elsewhere = [0.55326, 10.57754, 0.60625, 11.66977]
    assert list(found.params_.values()) == pytest.approx(elsewhere, rel=1.5e-4)
    there = ParetoNBD.from_params(**dict(zip(found.params_, elsewhere, strict=True))).log_likelihood(histories)
    assert 0 <= found.log_likelihood_ - there @ customers < 1e-5


def test_pareto_nbd_hold_out_means_by_number_of_repeat_purchases(cdnow):
    """Fader, Hardie and Lee (2005): conditional expectations for x = 0 … 6, 7+ over 39 weeks."""
    histories, customers, _ = cdnow
    expected = ParetoNBD().fit(histories, sample_weight=customers).expected_purchases(histories, 39.0)
    group = np.minimum(histories[:, 0], 7).astype(int)
    means = np.bincount(group, weights=expected * customers) / np.bincount(group, weights=customers)
    assert means == pytest.approx([0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403], abs=8e-4)


def test_the_donations_are_the_published_table(donations):
    histories, donors = donations
    assert len(donors) == 22
    assert donors.sum() == 11_104
    assert donors @ histories[:, 0] == 24_615


def test_bg_bb_reproduces_the_published_parameters(donations):
    """Fader, Hardie and Shang (2010): α, β, γ, δ and the log-likelihood."""
    histories, donors = donations
    model = BetaGeoBetaBinomial().fit(histories, sample_weight=donors)
    assert model.converged_
    assert {name: round(value, 3) for name, value in model.params_.items()} == {
        "alpha": 1.204,
        "beta": 0.750,
        "gamma": 0.657,
        "delta": 2.783,
    }
    assert model.log_likelihood_ == pytest.approx(-33225.6, abs=0.05)


def test_bg_bb_expectations_agree_with_an_independent_implementation(donations):
    """The two customers of the walkthrough of R's BTYD: ten years from six, on its own fit of the same data."""
    histories, donors = donations
    model = BetaGeoBetaBinomial().fit(histories, sample_weight=donors)
    found = model.expected_purchases([[0, 0, 6], [4, 5, 6]], n_opportunities=10)
    assert found == pytest.approx([0.1302169, 3.627858], rel=2e-4)
