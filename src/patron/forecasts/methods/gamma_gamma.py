"""Gamma-Gamma: what a customer's next purchase is worth, from the purchases seen so far.

Purchase values of one customer scatter as Gamma(p, ν) around a mean of their own, and ν ~ Gamma(q, γ) over
customers. With m the mean value of x observed purchases,

    ln L = lnΓ(px+q) − lnΓ(px) − lnΓ(q) + q ln γ + (px−1) ln m + px ln x − (px+q) ln(γ + m x)
    E[value | x, m] = p (γ + m x) / (p x + q − 1)

The expectation is the customer's own mean pulled towards the population's; the fewer purchases, the stronger the pull.

References:
    Fader and Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025, eq. (1a), (5).
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, gammaln, psi, zeta
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from patron.forecasts.methods.expansion import Expansion
from patron.forecasts.methods.maximum_likelihood import MaximumLikelihood, maximise_on_samples
from patron.forecasts.methods.purchase_history import named_columns, weighted_rows
from patron.forecasts.methods.row_sums import SumsByNumber, chunks

FloatArray = NDArray[np.float64]

SPEND_COLUMNS = (("btyd_frequency",), ("btyd_monetary", "btyd_monetary_mean"))
_STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 1.0), (0.5, 8.0, 6.0))  # p, q, γ in mean values


class GammaGamma(MaximumLikelihood, RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Expected value of a purchase given how many were seen and their mean.

    Use it beside `BetaGeoNBD`: expected purchases × expected value is the expected spend, when value and rate of
    buying are independent (check their correlation first). Only repeat purchases enter the fit; customers without
    one get the population's mean. Values must be above zero: refunds netted to nothing are left out by the caller.

    >>> model = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    >>> model.expected_value([[2, 22.35], [0, 0.0]]).round(2).tolist()
    [24.66, 35.22]
    """

    _names = ("p", "q", "gamma")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.target_tags.required = False
        return tags

    def fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:  # noqa: ARG002
        """Learn p, q, γ from customers with at least one valued purchase.

        Args:
            X: shape (n_customers, 2), number x and mean value m of the purchases seen; or a dataframe with
                `btyd_frequency` and `btyd_monetary` (or `btyd_monetary_mean`). Rows with x = 0 are passed over.
            y: ignored.
            sample_weight: shape (n_customers,), how many customers each row stands for.

        Returns:
            Itself, with `params_`, `standard_errors_` (of the parameters, by name, from the curvature of the
            likelihood; NaN for those at a bound), `log_likelihood_`, `mean_value_` (observed mean of m, weighted
            by x), `converged_`, `at_bound_` (names of parameters the data leave undetermined), `n_features_in_`.

        Raises:
            ValueError: no row with x > 0 and m > 0.
        """
        spending, weight = weighted_rows(_spending(X, type(self).__name__), sample_weight)
        used = spending[:, 0] > 0
        if not used.all():
            spending, weight = spending[used], weight[used]
        x, m = spending.T
        if x.size == 0 or m.min() <= 0:
            raise ValueError(
                f"GammaGamma: {x.size} of {used.size} rows have a purchase, and "
                f"{int((m <= 0).sum())} of those have a mean value of 0 or less.\n"
                "Expected at least one, all with a mean value above 0."
            )

        def likelihood_of(part: slice) -> _MeanLogLikelihood:
            return _MeanLogLikelihood(x[part], m[part], weight[part])

        n_customers = float(weight.sum())
        self.mean_value_ = float(np.average(m, weights=weight * x))
        best = maximise_on_samples(likelihood_of, x.size, _STARTS, (1.0, 1.0, self.mean_value_))
        self._learn(best, n_customers)
        self.n_features_in_ = 2
        return self

    @classmethod
    def from_params(cls, *, p: float, q: float, gamma: float, mean_value: float | None = None) -> Self:
        """Return a fitted model with the given parameters, such as published ones or those read from a file."""
        model = cls()
        model.params_ = {"p": float(p), "q": float(q), "gamma": float(gamma)}
        model.mean_value_ = float(mean_value) if mean_value is not None else p * gamma / max(q - 1.0, 1e-9)
        model.n_features_in_ = 2
        return model

    def log_likelihood(self, X: Any) -> FloatArray:
        """Return ln L of each customer, shape (n_customers,); 0 for those without a purchase."""
        check_is_fitted(self, "params_")
        x, m = _spending(X, type(self).__name__).T
        used = x > 0
        values = np.zeros(x.size)
        values[used] = _log_likelihood_of_rows(x[used], m[used], **self.params_)
        return values

    def expected_value(self, X: Any) -> FloatArray:
        """Return the expected value of each customer's next purchase, shape (n_customers,), in the unit of m.

        With q ≤ 1 the population has no finite mean; customers without a purchase then get the observed mean.
        """
        check_is_fitted(self, "params_")
        x, m = _spending(X, type(self).__name__).T
        p, q, gamma = (self.params_[name] for name in self._names)
        below = p * x + q - 1.0
        expected = p * (gamma + m * x) / np.where(below > 0, below, 1.0)
        return np.where(below > 1e-6, expected, self.mean_value_)

    def probability_of_total_below(self, X: Any, count: int, amount: FloatArray) -> FloatArray:
        """Return the chance that each customer's next `count` purchases are worth `amount` together, or less.

        Given the purchases seen, ν ~ Gamma(px+q, γ+mx), and the total of k more is Gamma(pk, ν): its distribution is
        I_z(pk, px+q) with z = amount/(amount+γ+mx), the regularised incomplete beta function, shape (n_customers,).

        Args:
            X: as in `fit`.
            count: how many purchases, 1 or more.
            amount: in the unit of m, shape (n_customers,), 0 or more.
        """
        check_is_fitted(self, "params_")
        x, m = _spending(X, type(self).__name__).T
        p, q, gamma = (self.params_[name] for name in self._names)
        below: FloatArray = betainc(p * count, p * x + q, amount / (amount + gamma + m * x))
        return below

    def predict(self, X: Any) -> FloatArray:
        """Return `expected_value`."""
        return self.expected_value(X)


def _spending(X: Any, where: str) -> FloatArray:
    """Return x and m of each customer; m is 0 where it is missing and not needed."""
    table = named_columns(X, SPEND_COLUMNS, where, missing_allowed=True)
    missing = np.isnan(table)
    if missing.any():
        if missing[:, 0].any() or missing[table[:, 0] > 0, 1].any():
            raise ValueError(f"{where}: NaN where a mean value is needed (x above 0).\nLeave those customers out.")
        table = np.where(missing, 0.0, table)
    if table.min() < 0:
        raise ValueError(f"Negative values in data passed to {where}.fit: x and m are 0 or more.")
    return table


def _log_likelihood_of_rows(x: FloatArray, m: FloatArray, p: float, q: float, gamma: float) -> FloatArray:
    """Return ln L of each row with a purchase, as it is written at the top."""
    px = p * x
    by_count = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(gamma) + px * np.log(x)
    values: FloatArray = by_count + (px - 1.0) * np.log(m) - (px + q) * np.log(gamma + m * x)
    return values


class _MeanLogLikelihood:
    """The mean log-likelihood of weighted rows as a function of p, q and γ, with gradient and Hessian.

    What depends on x alone is computed once per distinct x, and what no parameter changes once and for all; only
    ln(γ + m x) and its derivatives are left to compute row by row.
    """

    def __init__(self, x: FloatArray, m: FloatArray, weight: FloatArray) -> None:
        by_x, total = SumsByNumber(), weight.sum()
        self._rows, self._log_m, self._x_log_m = [], 0.0, 0.0
        for part in chunks(x.size):
            share, log_m = weight[part] / total, np.log(m[part])
            shares = np.stack([share, share * x[part]])
            by_x.add(x[part], share)
            self._log_m += float(shares[0] @ log_m)
            self._x_log_m += float(shares[1] @ log_m)
            self._rows.append((x[part] * m[part], shares))
        self._x, self._share_of_x = by_x.totals()

    def __call__(self, parameters: FloatArray) -> Expansion:
        """Expand the mean log-likelihood around p, q and γ."""
        p, q, gamma = (float(value) for value in parameters)
        return self._counts(p, q, gamma) + self._spread(p, q, gamma)

    def _counts(self, p: float, q: float, gamma: float) -> Expansion:
        """Expand all but −(px+q) ln(γ + m x)."""
        x, share = self._x, self._share_of_x
        px = p * x
        values = gammaln(px + q) - gammaln(px) + px * np.log(x)
        value = share @ values - gammaln(q) + q * np.log(gamma) + p * self._x_log_m - self._log_m
        both, own = psi(px + q), psi(px)
        by_p = (share * x) @ (both - own + np.log(x)) + self._x_log_m
        gradient = np.array([by_p, share @ both - psi(q) + np.log(gamma), q / gamma])
        both, own = zeta(2.0, px + q), zeta(2.0, px)
        by_pp, by_pq = (share * x**2) @ (both - own), (share * x) @ both
        by_qq = share @ both - zeta(2.0, q)
        hessian = [[by_pp, by_pq, 0.0], [by_pq, by_qq, 1.0 / gamma], [0.0, 1.0 / gamma, -q / gamma**2]]
        return Expansion(float(value), gradient, np.array(hessian))

    def _spread(self, p: float, q: float, gamma: float) -> Expansion:
        """Expand −(px+q) ln(γ + m x) by the sums over rows of 1 and x times the logarithm and its derivatives."""
        sums = np.zeros((2, 3))
        for spent, shares in self._rows:
            total = gamma + spent
            inverse = 1.0 / total
            sums += shares @ np.stack([np.log(total), inverse, inverse * inverse]).T
        (log_sum, inverse_sum, square_sum), (x_log_sum, x_inverse_sum, x_square_sum) = sums
        slope, bend = p * x_inverse_sum + q * inverse_sum, p * x_square_sum + q * square_sum
        hessian = [[0.0, 0.0, -x_inverse_sum], [0.0, 0.0, -inverse_sum], [-x_inverse_sum, -inverse_sum, bend]]
        gradient = np.array([-x_log_sum, -log_sum, -slope])
        return Expansion(float(-p * x_log_sum - q * log_sum), gradient, np.array(hessian))
