"""Pareto/NBD: how often customers buy while they stay, and when they leave unnoticed, at any time.

While a customer stays, purchases come at a constant rate λ; the customer leaves for good at a constant rate μ, at any
time, also before a first repeat purchase. Over customers λ ~ Gamma(r, α) and μ ~ Gamma(s, β), independent of one
another, α and β being rates in the unit of T. The likelihood is at the head of `pareto_nbd_likelihood`.

References:
    [1] Schmittlein, Morrison and Colombo (1987), Counting your customers: who are they and what will they do next?
        Management Science 33.
    [2] Fader and Hardie (2005), A note on deriving the Pareto/NBD model and related expressions,
        brucehardie.com/notes/009, eq. (18)–(20), (41).
    [3] Fader, Hardie and Lee (2005), RFM and CLV: using iso-value curves for customer base analysis, Journal of
        Marketing Research 42 (DERT).
    [4] Fader and Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models,
        brucehardie.com/notes/019.

Covariates z of a customer, if any are named, give them α·exp(−γᵀz) and β·exp(−δᵀz) as their own [4].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, exprel

from patron.forecasts.methods.count_distribution import chance_leaving_at_a_time
from patron.forecasts.methods.covariate_model import CovariateModel, Parameters
from patron.forecasts.methods.covariates import RowExpansions
from patron.forecasts.methods.discounting import checked_rate, discounted_lifetime
from patron.forecasts.methods.maximum_likelihood import Objective
from patron.forecasts.methods.pareto_nbd_likelihood import (
    MeanLogLikelihood,
    log_likelihood_of_rows,
    log_odds_of_having_left,
)
from patron.forecasts.methods.pareto_nbd_rows import expand_rows
from patron.forecasts.methods.pareto_race import Race, log_chances

FloatArray = NDArray[np.float64]

_HALVINGS = 24


class ParetoNBD(CovariateModel):
    """Pareto/NBD: expected purchases of customers who may leave at any time, not only right after a purchase.

    The time unit is whatever `t_x` and `T` are in (days in Patron, weeks in the papers); `alpha`, `beta` and every
    horizon are in the same unit, discount rates per that unit.

    Args:
        horizon: what `predict` looks ahead, in the unit of T.
        rate_covariates: names of columns that the purchase rate depends on.
        dropout_covariates: names of columns that leaving depends on.

    >>> histories = [[2, 30.43, 38.86], [1, 1.71, 38.86], [0, 0.0, 38.86]]
    >>> model = ParetoNBD.from_params(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    >>> model.probability_alive(histories).round(2).tolist()
    [0.87, 0.17, 0.3]
    >>> model.expected_purchases(histories, horizon=39).round(2).tolist()
    [1.46, 0.17, 0.11]
    """

    _names = ("r", "alpha", "s", "beta")
    _starts = ((0.5, 0.3, 0.6, 0.4), (2.0, 1.0, 0.3, 2.0), (0.3, 0.1, 2.0, 2.0))
    _ages = (False, True, False, True)
    _signs = ((0.0, 0.0), (-1.0, 0.0), (0.0, 0.0), (0.0, -1.0))

    def _likelihood(self, histories: FloatArray, weight: FloatArray) -> Objective:
        return MeanLogLikelihood(histories, weight)

    def _expand_rows(self, histories: FloatArray, parameters: FloatArray) -> RowExpansions:
        return expand_rows(histories, parameters)

    @classmethod
    def from_params(
        cls,
        *,
        r: float,
        alpha: float,
        s: float,
        beta: float,
        rate_coefficients: Mapping[str, float] | None = None,
        dropout_coefficients: Mapping[str, float] | None = None,
    ) -> Self:
        """Return a fitted model with the given parameters, such as published ones or those read from a file.

        Coefficients are given by the names of their covariates, per unit of theirs.
        """
        return cls._given({"r": r, "alpha": alpha, "s": s, "beta": beta}, rate_coefficients, dropout_coefficients)

    def log_likelihood(self, X: Any) -> FloatArray:
        """Return ln L(r, α, s, β | x, t_x, T) of each customer, shape (n_customers,)."""
        return log_likelihood_of_rows(*self._read(X))

    def probability_alive(self, X: Any) -> FloatArray:
        """Return the probability that each customer has not left for good by T, shape (n_customers,).

        1 / (1 + s ∫ₜₓᵀ ((α+T)/(α+t))^(r+x) ((β+T)/(β+t))^s dt/(β+t)), see [1] and [2].
        """
        return self._alive(*self._read(X))

    def expected_purchases(self, X: Any, horizon: float) -> FloatArray:
        """Return the expected number of purchases in (T, T + horizon], shape (n_customers,).

        `horizon` is in the unit of T. [2] eq. (41), which is
        P(alive) · (r+x)/(α+T) · (β+T)/(s−1) · [1 − ((β+T)/(β+T+horizon))^(s−1)],
        written so that it passes s = 1, where the last two factors are (β+T) ln(1 + horizon/(β+T)).
        """
        histories, parameters = self._read(X, horizon)
        x, _, T = histories.T
        r, alpha, s, beta = parameters
        stretch = np.log1p(horizon / (beta + T))
        staying = (beta + T) * stretch * exprel((1.0 - s) * stretch)
        purchases: FloatArray = self._alive(histories, parameters) * (r + x) / (alpha + T) * staying
        return purchases

    def probability_of_purchase(self, X: Any, horizon: float) -> FloatArray:
        """Return the probability of at least one purchase in (T, T + horizon], shape (n_customers,).

        Whoever is alive at T buys before leaving, and in time, with the chance of a race of two Pareto clocks:
        P(alive) · ∫₀ʰ ((β+T)/(β+T+u))^s · ((α+T)/(α+T+u))^(r+x) · (r+x)/(α+T+u) du, h the horizon. It follows from
        the assumptions of [1]: given λ and μ, the next purchase comes at u and before leaving with density λ e^−(λ+μ)u.
        """
        histories, parameters = self._read(X, horizon)
        x, _, T = histories.T
        r, alpha, s, beta = parameters
        everyone = np.ones(x.size)
        race = Race(p=s * everyone, a=beta + T, q=r + x, b=alpha + T, horizon=horizon * everyone)
        some: FloatArray = self._alive(histories, parameters) * np.minimum(np.exp(log_chances(race)), 1.0)
        return some

    def _alive(self, histories: FloatArray, parameters: Parameters) -> FloatArray:
        alive: FloatArray = expit(-log_odds_of_having_left(histories, parameters))
        return alive

    def _chance_if_alive(self, histories: FloatArray, parameters: Parameters, horizon: float, count: int) -> FloatArray:
        x, _, T = histories.T
        r, alpha, s, beta = parameters
        return chance_leaving_at_a_time(r + x, alpha + T, s, beta + T, horizon, count)

    def discounted_expected_transactions(self, X: Any, discount_rate: float) -> FloatArray:
        """Return DERT, all purchases after T that are still expected, each at its present value, (n_customers,).

        P(alive) · (r+x)/(α+T) · (β+T)^s δ^(s−1) Ψ(s, s; δ(β+T)), which is that of [3] with its likelihood written
        by P(alive); Ψ is Tricomi's confluent hypergeometric function of the second kind.

        Args:
            X: as in `fit`.
            discount_rate: δ, compounded continuously, per unit of T: ln(1 + yearly rate)/52 where T is in weeks.
        """
        histories, parameters = self._read(X)
        x, _, T = histories.T
        r, alpha, s, beta = parameters
        staying = discounted_lifetime(float(s), beta + T, checked_rate(discount_rate))
        worth: FloatArray = self._alive(histories, parameters) * (r + x) / (alpha + T) * staying
        return worth

    def waiting_time(self, X: Any, horizon: float, share: ArrayLike) -> FloatArray:
        """Return the time from T by which a share of the chance of a purchase within the horizon has passed.

        Solves `probability_of_purchase`(t) = share · `probability_of_purchase`(horizon) by halving, shape
        (n_customers,), in the unit of T and exact to 2⁻²⁴ of the horizon.
        """
        histories, (r, alpha, s, beta) = self._read(X, horizon)
        x, _, T = histories.T
        everyone = np.ones(x.size)

        def log_chance(within: FloatArray) -> FloatArray:
            return log_chances(Race(p=s * everyone, a=beta + T, q=r + x, b=alpha + T, horizon=within))

        with np.errstate(divide="ignore"):
            wanted = log_chance(horizon * everyone) + np.log(np.asarray(share, dtype=np.float64))
        low, high = np.zeros(x.size), horizon * everyone
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            is_early = log_chance(middle) < wanted
            low, high = np.where(is_early, middle, low), np.where(is_early, high, middle)
        return high

    def predict(self, X: Any) -> FloatArray:
        """Return `expected_purchases` over the `horizon` given at construction."""
        return self.expected_purchases(X, self.horizon)
