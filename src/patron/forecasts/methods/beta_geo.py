"""BG/NBD and MBG/NBD: how often customers buy while they stay, and when they leave unnoticed.

While a customer stays, purchases come at a constant rate λ; after a purchase the customer leaves for good with
probability p. Over customers λ ~ Gamma(r, α) and p ~ Beta(a, b). In BG/NBD the coin of leaving is thrown after every
*repeat* purchase, so whoever bought once is alive for certain; in MBG/NBD it is thrown after the first one too, so
one-order customers can be gone. With n the number of coins thrown and survived up to the last purchase but one
(BG/NBD: n = x; MBG/NBD: n = x + 1), both share one likelihood:

    L = Γ(r+x) α^r / Γ(r) · B(a, b+n) / B(a, b) · [ (α+T)^−(r+x)  +  [n>0] · a/(b+n−1) · (α+t_x)^−(r+x) ]

References:
    [1] Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24, eq. (6), (10).
    [2] Fader and Hardie (2013), Overcoming the BG/NBD model's #NUM! error problem, brucehardie.com/notes/027.
    [3] Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for customer base
        analysis, IJRM 24 (MBG/NBD); Wagner and Hoppe (2008), Erratum on the MBG/NBD model.
    [4] Fader and Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models,
        brucehardie.com/notes/019.

Covariates z of a customer, if any are named, give them α·exp(−γᵀz), a·exp(δᵀz) and b·exp(−δᵀz) as their own. [4] gives
a and b coefficients of their own; here they are one and its negative: per unit the odds a/b of leaving grow by e^2δ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, hyp2f1, polygamma, psi

from patron.forecasts.methods.beta_geo_likelihood import MeanLogLikelihood, log_likelihood_of_rows
from patron.forecasts.methods.beta_geo_rows import expand_rows
from patron.forecasts.methods.count_distribution import chance_leaving_at_a_purchase
from patron.forecasts.methods.covariate_model import CovariateModel, Parameters
from patron.forecasts.methods.covariates import RowExpansions
from patron.forecasts.methods.discounting import checked_rate, discounted_growth
from patron.forecasts.methods.maximum_likelihood import Objective

FloatArray = NDArray[np.float64]


class _BetaGeometric(CovariateModel):
    """What BG/NBD and MBG/NBD share: everything but the number of coins thrown."""

    _names = ("r", "alpha", "a", "b")
    _starts = ((0.5, 0.5, 0.8, 2.5), (2.0, 1.0, 0.2, 4.0), (0.2, 0.1, 2.0, 1.0))
    _ages = (False, True, False, False)
    _signs = ((0.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))
    _first_purchase_throws: ClassVar[int]

    def _likelihood(self, histories: FloatArray, weight: FloatArray) -> Objective:
        return MeanLogLikelihood(histories, weight, self._first_purchase_throws)

    def _expand_rows(self, histories: FloatArray, parameters: FloatArray) -> RowExpansions:
        return expand_rows(histories, parameters, self._first_purchase_throws)

    @classmethod
    def from_params(
        cls,
        *,
        r: float,
        alpha: float,
        a: float,
        b: float,
        rate_coefficients: Mapping[str, float] | None = None,
        dropout_coefficients: Mapping[str, float] | None = None,
    ) -> Self:
        """Return a fitted model with the given parameters, such as published ones or those read from a file.

        Coefficients are given by the names of their covariates, per unit of theirs.
        """
        return cls._given({"r": r, "alpha": alpha, "a": a, "b": b}, rate_coefficients, dropout_coefficients)

    def log_likelihood(self, X: Any) -> FloatArray:
        """Return ln L(r, α, a, b | x, t_x, T) of each customer, shape (n_customers,)."""
        return log_likelihood_of_rows(*self._read(X), self._first_purchase_throws)

    def probability_alive(self, X: Any) -> FloatArray:
        """Return the probability that each customer has not left for good by T, shape (n_customers,).

        1 / (1 + [n>0] · a/(b+n−1) · ((α+T)/(α+t_x))^(r+x)): [1] eq. (11) for BG/NBD, [3] for MBG/NBD.
        """
        return self._alive(*self._read(X))

    def _alive(self, histories: FloatArray, parameters: Parameters) -> FloatArray:
        x, t_x, T = histories.T
        r, alpha, a, b = parameters
        throws = x + self._first_purchase_throws
        log_odds_of_death = (
            np.log(a)
            - np.log(np.where(throws > 0, b + throws - 1.0, 1.0))
            + (r + x) * (np.log(alpha + T) - np.log(alpha + t_x))
        )
        alive: FloatArray = np.where(throws > 0, expit(-log_odds_of_death), 1.0)
        return alive

    def expected_purchases(self, X: Any, horizon: float) -> FloatArray:
        """Return the expected number of purchases in (T, T + horizon], shape (n_customers,).

        `horizon` is in the unit of T. Equation (10) of [1], after Euler's transformation of ₂F₁, which removes the
        growth of its arguments with x:
        (a+n')/(a−1) · [1 − (1−z)^(a−1) · ₂F₁(a−1, a+n'−r−x; a+n'; z)] · P(alive),
        with n' = b+n−1 and z = horizon/(α+T+horizon).
        """
        customers = self._read(X, horizon)
        return self._alive(*customers) * self._purchases_if_alive(*customers, horizon)

    def probability_of_purchase(self, X: Any, horizon: float) -> FloatArray:
        """Return the probability of at least one purchase in (T, T + horizon], shape (n_customers,).

        Leaving happens only right after a purchase, so whoever is alive at T waits for the next one whatever p is:
        P(alive) · [1 − ((α+T)/(α+T+horizon))^(r+x)], the Gamma mixture of exponential waiting times.
        """
        histories, parameters = self._read(X, horizon)
        x, _, T = histories.T
        r, alpha, _, _ = parameters
        none_if_alive = np.exp(-(r + x) * np.log1p(horizon / (alpha + T)))
        some: FloatArray = self._alive(histories, parameters) * (1.0 - none_if_alive)
        return some

    def _chance_if_alive(self, histories: FloatArray, parameters: Parameters, horizon: float, count: int) -> FloatArray:
        x, _, T = histories.T
        r, alpha, a, b = parameters
        throws = x + self._first_purchase_throws
        return chance_leaving_at_a_purchase(r + x, alpha + T, a, b + throws, horizon, count)

    def discounted_expected_transactions(self, X: Any, discount_rate: float) -> FloatArray:
        """Return all purchases after T that are still expected, each at its present value, shape (n_customers,).

        ∫₀^∞ e^(−δu) dY(u) = δ ∫₀^∞ e^(−δu) Y(u) du with Y(u) the `expected_purchases` by T + u.

        Args:
            X: as in `fit`.
            discount_rate: δ, compounded continuously, per unit of T: ln(1 + yearly rate)/52 where T is in weeks.
        """
        customers = self._read(X)

        def if_alive(horizon: float) -> FloatArray:
            return self._purchases_if_alive(*customers, horizon)

        return self._alive(*customers) * discounted_growth(if_alive, checked_rate(discount_rate))

    def median_waiting_time(self, X: Any) -> FloatArray:
        """Return the time from T by which a next purchase is as likely as not, in the unit of T; infinite if never.

        Solves `probability_of_purchase` = ½; it has no solution where P(alive) ≤ ½.
        """
        histories, parameters = self._read(X)
        x, _, T = histories.T
        r, alpha, _, _ = parameters
        still_none = 1.0 - 0.5 / np.maximum(self._alive(histories, parameters), 0.5)
        with np.errstate(divide="ignore", over="ignore"):
            waiting: FloatArray = (alpha + T) * np.expm1(-np.log(still_none) / (r + x))
        return waiting

    def waiting_time(self, X: Any, horizon: float, share: ArrayLike) -> FloatArray:
        """Return the time from T by which a share of the chance of a purchase within the horizon has passed.

        Waiting for the next purchase of someone alive has F(t) = 1 − ((α+T)/(α+T+t))^(r+x); solved for
        F(t) = share · F(horizon), shape (n_customers,), in the unit of T.
        """
        histories, (r, alpha, _, _) = self._read(X, horizon)
        x, _, T = histories.T
        shape, rate = r + x, alpha + T
        within = -np.expm1(-shape * np.log1p(horizon / rate))
        waiting: FloatArray = rate * np.expm1(-np.log1p(-np.asarray(share) * within) / shape)
        return waiting

    def predict(self, X: Any) -> FloatArray:
        """Return `expected_purchases` over the `horizon` given at construction."""
        return self.expected_purchases(X, self.horizon)

    def _purchases_if_alive(self, histories: FloatArray, parameters: Parameters, horizon: float) -> FloatArray:
        x, _, T = histories.T
        r, alpha, a, b = parameters
        a = np.where(np.abs(a - 1.0) < 1e-6, 1.0 + 1e-6, a)  # the singularity at a = 1 is removable
        c = a + b + x + self._first_purchase_throws - 1.0
        z = horizon / (alpha + T + horizon)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            inner = np.exp((a - 1.0) * np.log1p(-z)) * hyp2f1(a - 1.0, c - r - x, c, z)
            closed = c / (a - 1.0) * (1.0 - inner)
        most = (r + x) * horizon / (alpha + T)  # nobody leaves: the NBD limit
        unsafe = ~np.isfinite(closed) | (closed < 0) | (closed > most * (1 + 1e-6))
        if unsafe.any():
            shape, rate, b_now = (r + x)[unsafe], (alpha + T)[unsafe], (c - a + 1.0)[unsafe]
            a_now = np.broadcast_to(a, x.shape)[unsafe]
            closed[unsafe] = _purchases_by_quadrature(shape, rate, a_now, b_now, horizon)
        purchases: FloatArray = np.minimum(closed, most)
        return purchases


class BetaGeoNBD(_BetaGeometric):
    """BG/NBD: expected purchases of customers who leave, if at all, right after a repeat purchase.

    The time unit is whatever `t_x` and `T` are in (days in Patron, weeks in the papers); `alpha` and every horizon
    are in the same unit. Customers with one purchase are taken to be alive: use `ModifiedBetaGeoNBD` where that
    is too kind.

    Args:
        horizon: what `predict` looks ahead, in the unit of T.
        rate_covariates: names of columns that the purchase rate depends on.
        dropout_covariates: names of columns that leaving depends on.

    >>> histories = [[2, 30.43, 38.86], [1, 1.71, 38.86], [0, 0.0, 38.86]]
    >>> model = BetaGeoNBD.from_params(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> model.expected_purchases(histories, horizon=39).round(2).tolist()
    [1.23, 0.2, 0.2]
    """

    _first_purchase_throws = 0


class ModifiedBetaGeoNBD(_BetaGeometric):
    """MBG/NBD: as BG/NBD, but a customer may also leave right after the first purchase.

    The time unit is whatever `t_x` and `T` are in; `alpha` and every horizon are in the same unit.

    Args:
        horizon: what `predict` looks ahead, in the unit of T.
        rate_covariates: names of columns that the purchase rate depends on.
        dropout_covariates: names of columns that leaving depends on.

    >>> model = ModifiedBetaGeoNBD.from_params(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> model.probability_alive([[0, 0.0, 38.86], [2, 30.43, 38.86]]).round(2).tolist()
    [0.39, 0.71]
    """

    _first_purchase_throws = 1


def _purchases_by_quadrature(
    shape: FloatArray, rate: FloatArray, a: FloatArray | float, b: FloatArray, horizon: float
) -> FloatArray:
    """Integrate E[purchases | alive, p] = (1 − (1 + p·horizon/rate)^−shape)/p over p ~ Beta(a, b).

    The fallback where ₂F₁ overflows: the trapezoid rule on the logit of p, twenty standard deviations to each side.
    """
    a = np.broadcast_to(a, b.shape)
    centre = psi(a) - psi(b)
    width = np.sqrt(polygamma(1, a) + polygamma(1, b))
    logit = centre[:, None] + width[:, None] * np.linspace(-20.0, 20.0, 801)
    log_p, log_q = -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)
    log_density = a[:, None] * log_p + b[:, None] * log_q
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    p = np.maximum(np.exp(log_p), 1e-200)
    bought = -np.expm1(-shape[:, None] * np.log1p(p * horizon / rate[:, None])) / p
    total: FloatArray = (density * bought).sum(axis=1) / density.sum(axis=1)
    return total
