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
from scipy.special import gammaln, psi
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from patron.forecasts.methods.maximum_likelihood import maximise_in_two_steps
from patron.forecasts.methods.purchase_history import distinct_values, named_columns, weights_of

FloatArray = NDArray[np.float64]

SPEND_COLUMNS = (("btyd_frequency",), ("btyd_monetary", "btyd_monetary_mean"))
_STARTS = ((1.0, 2.0, 1.0), (6.0, 4.0, 1.0), (0.5, 8.0, 6.0))  # p, q, γ in mean values


class GammaGamma(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Expected value of a purchase given how many were seen and their mean.

    Use it beside `BetaGeoNBD`: expected purchases × expected value is the expected spend, when value and rate of
    buying are independent (check their correlation first). Only repeat purchases enter the fit; customers without
    one get the population's mean. Values must be above zero: refunds netted to nothing are left out by the caller.

    >>> model = GammaGamma.from_params(p=6.25, q=3.74, gamma=15.44)
    >>> model.expected_value([[2, 22.35], [0, 0.0]]).round(2).tolist()
    [24.66, 35.22]
    """

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
            Itself, with `params_`, `log_likelihood_`, `mean_value_` (observed mean of m, weighted by x),
            `converged_`, `at_bound_`, `n_features_in_`.

        Raises:
            ValueError: no row with x > 0 and m > 0.
        """
        table = _spending(X, type(self).__name__)
        weight = weights_of(sample_weight, table.shape[0])
        used = (table[:, 0] > 0) & (weight > 0)
        if not used.any() or (table[used, 1] <= 0).any():
            raise ValueError(
                f"GammaGamma: {int(used.sum())} of {table.shape[0]} rows have a purchase, and "
                f"{int((table[used, 1] <= 0).sum())} of those have a mean value of 0 or less.\n"
                "Expected at least one, all with a mean value above 0."
            )
        x, m = table[used].T
        weight = weight[used]
        scale = float(np.average(m, weights=weight))

        def likelihood_of(part: slice) -> _LogLikelihood:
            return _LogLikelihood(x[part], m[part] / scale, weight[part])

        best = maximise_in_two_steps(likelihood_of, x.size, _STARTS)
        p, q, gamma = (float(v) for v in np.exp(best.log_parameters))
        self.params_ = {"p": p, "q": q, "gamma": gamma * scale}
        self.log_likelihood_ = (best.mean_log_likelihood - float(np.log(scale))) * float(weight.sum())
        self.mean_value_ = float(np.average(m, weights=weight * x))
        self.converged_ = best.converged
        self.at_bound_ = tuple(name for name, hit in zip(self.params_, best.at_bound, strict=True) if hit)
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
        table = _spending(X, type(self).__name__)
        used = table[:, 0] > 0
        values = np.zeros(table.shape[0])
        if used.any():
            x, m = table[used].T
            likelihood = _LogLikelihood(x, m, np.ones(x.size))
            values[used] = likelihood.of_rows(*(self.params_[name] for name in ("p", "q", "gamma")))
        return values

    def expected_value(self, X: Any) -> FloatArray:
        """Return the expected value of each customer's next purchase, shape (n_customers,), in the unit of m.

        With q ≤ 1 the population has no finite mean; customers without a purchase then get the observed mean.
        """
        check_is_fitted(self, "params_")
        x, m = _spending(X, type(self).__name__).T
        p, q, gamma = (self.params_[name] for name in ("p", "q", "gamma"))
        below = p * x + q - 1.0
        expected = p * (gamma + np.where(x > 0, m, 0.0) * x) / np.where(below > 0, below, 1.0)
        return np.where(below > 1e-6, expected, self.mean_value_)

    def predict(self, X: Any) -> FloatArray:
        """Return `expected_value`."""
        return self.expected_value(X)


def _spending(X: Any, where: str) -> FloatArray:
    table = named_columns(X, SPEND_COLUMNS, where, missing_allowed=True)
    table[np.isnan(table[:, 1]) & (table[:, 0] == 0), 1] = 0.0
    if np.isnan(table).any():
        raise ValueError(f"{where}: NaN where a mean value is needed (x above 0).\nLeave those customers out.")
    if (table < 0).any():
        raise ValueError(f"Negative values in data passed to {where}.fit: x and m are 0 or more.")
    return table


class _LogLikelihood:
    """The mean log-likelihood of weighted rows as a function of log-parameters, with its gradient."""

    def __init__(self, x: FloatArray, m: FloatArray, weight: FloatArray) -> None:
        self._x, self._of_x = distinct_values(x)
        self._row_x, self._total, self._log_m = x, m * x, np.log(m)
        self._log_x = np.log(self._x)
        self._weight = weight / weight.sum()

    def __call__(self, log_parameters: FloatArray) -> tuple[float, FloatArray]:
        p, q, gamma = (float(v) for v in np.exp(log_parameters))
        x, weight = self._row_x, self._weight
        log_sum = np.log(gamma + self._total)
        upper = psi(p * self._x + q)
        by_x = upper - psi(p * self._x) + self._log_x
        by_p = weight @ (x * (by_x[self._of_x] + self._log_m - log_sum))
        by_q = weight @ (upper[self._of_x] - log_sum) - psi(q) + np.log(gamma)
        by_gamma = q / gamma - weight @ ((p * x + q) / (gamma + self._total))
        value = float(weight @ self.of_rows(p, q, gamma))
        return value, np.array([by_p * p, by_q * q, by_gamma * gamma])

    def of_rows(self, p: float, q: float, gamma: float) -> FloatArray:
        """Return ln L of each row."""
        shape = p * self._x
        by_x = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(gamma) + shape * self._log_x
        spread = (p * self._row_x - 1.0) * self._log_m - (p * self._row_x + q) * np.log(gamma + self._total)
        values: FloatArray = by_x[self._of_x] + spread
        return values
