"""BG/BB: how often customers take an opportunity to buy while they stay, and when they leave unnoticed.

Opportunities come one by one and alike for everyone: years of an appeal, issues of a fair, cruises of a season. Before
each, a customer leaves for good with probability θ; whoever is still there takes it with probability p. Over customers
p ~ Beta(α, β) and θ ~ Beta(γ, δ), independent of one another. The likelihood is at the head of
`beta_geo_beta_binomial_likelihood`.

References:
    [1] Fader, Hardie and Shang (2010), Customer-base analysis in a discrete-time noncontractual setting, Marketing
        Science 29, eq. (13) and those before it.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from patron.forecasts.methods.beta_geo_beta_binomial_likelihood import (
    MeanLogLikelihood,
    log_likelihood_of_rows,
    log_probability_there,
)
from patron.forecasts.methods.maximum_likelihood import maximise
from patron.forecasts.methods.purchase_history import named_columns, weighted_rows
from patron.forecasts.methods.purchase_model import PurchaseModel

FloatArray = NDArray[np.float64]

OPPORTUNITY_COLUMNS = (("bgbb_frequency",), ("bgbb_recency",), ("bgbb_n",))
_STARTS = ((1.0, 1.0, 1.0, 3.0), (0.5, 2.0, 0.5, 5.0), (3.0, 3.0, 0.3, 1.0))


class BetaGeoBetaBinomial(PurchaseModel):
    """BG/BB: expected purchases of customers who meet one opportunity after another.

    A history is x, the number of opportunities taken; t_x, the place of the last one taken among them, 0 if none; and
    n, how many there were: whole numbers with x ≤ t_x ≤ n.

    Args:
        n_opportunities: how many `predict` looks ahead.

    >>> histories = [[6, 6, 6], [4, 5, 6], [0, 0, 6]]
    >>> model = BetaGeoBetaBinomial.from_params(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
    >>> model.expected_purchases(histories, n_opportunities=10).round(2).tolist()
    [6.71, 3.63, 0.13]
    """

    _names = ("alpha", "beta", "gamma", "delta")

    def __init__(self, *, n_opportunities: int = 1) -> None:
        self.n_opportunities = n_opportunities

    def fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:  # noqa: ARG002
        """Learn α, β, γ, δ from histories.

        Args:
            X: shape (n_customers, 3), columns x, t_x, n; or a dataframe with `bgbb_frequency`, `bgbb_recency` and
                `bgbb_n`.
            y: ignored.
            sample_weight: shape (n_customers,), how many customers each row stands for.

        Returns:
            Itself, with `params_`, `standard_errors_` (of the parameters, by name, from the curvature of the
            likelihood; NaN for those at a bound), `log_likelihood_`, `converged_`, `at_bound_` (names of parameters
            the data leave undetermined: with no sign of dropout γ/δ tends to 0) and `n_features_in_`.
        """
        histories, weight = weighted_rows(_opportunities(X, type(self).__name__), sample_weight)
        self._learn(maximise(MeanLogLikelihood(histories, weight), _STARTS), float(weight.sum()))
        self.n_features_in_ = 3
        return self

    @classmethod
    def from_params(cls, *, alpha: float, beta: float, gamma: float, delta: float) -> Self:
        """Return a fitted model with the given parameters, such as published ones or those read from a file."""
        model = cls()
        model.params_ = {"alpha": float(alpha), "beta": float(beta), "gamma": float(gamma), "delta": float(delta)}
        model.n_features_in_ = 3
        return model

    def log_likelihood(self, X: Any) -> FloatArray:
        """Return ln L(α, β, γ, δ | x, t_x, n) of each customer, shape (n_customers,).

        It is that of one sequence of opportunities taken and passed; C(t_x − 1, x − 1) sequences share x and t_x.
        """
        return log_likelihood_of_rows(self._read(X), self._parameters())

    def probability_alive(self, X: Any) -> FloatArray:
        """Return the probability that each customer will be there for opportunity n + 1, shape (n_customers,).

        B(α+x, β+n−x)/B(α, β) · B(γ, δ+n+1)/B(γ, δ) / L, as in [1]. Leaving is decided before each opportunity, so
        this is below 1 even for those who have just bought.
        """
        histories = self._read(X)
        _, _, gamma, delta = self._parameters()
        n = histories[:, 2]
        alive: FloatArray = self._probability_there(histories) * (delta + n) / (gamma + delta + n)
        return alive

    def expected_purchases(self, X: Any, n_opportunities: int) -> FloatArray:
        """Return how many of the next opportunities each customer is expected to take, shape (n_customers,).

        (α+x)/(α+β+n) · Σᵢ P(there at n+i), i = 1 … n_opportunities: [1] eq. (13) before its sum is written in closed
        form, which would be singular at γ = 1.
        """
        histories = self._read(X)
        alpha, beta, gamma, delta = self._parameters()
        x, _, n = histories.T
        there, total = self._probability_there(histories), np.zeros(n.size)
        for seen in range(_whole(n_opportunities)):
            there = there * (delta + n + seen) / (gamma + delta + n + seen)
            total += there
        taken: FloatArray = total * (alpha + x) / (alpha + beta + n)
        return taken

    def probability_of_purchase(self, X: Any, n_opportunities: int) -> FloatArray:
        """Return the probability that at least one of the next opportunities is taken, shape (n_customers,).

        1 − L(x, t_x, n + n_opportunities)/L(x, t_x, n): taking none leaves x and t_x as they are.
        """
        histories = self._read(X)
        later = histories + np.array([0.0, 0.0, _whole(n_opportunities)])
        none = log_likelihood_of_rows(later, self._parameters()) - log_likelihood_of_rows(histories, self._parameters())
        some: FloatArray = -np.expm1(np.minimum(none, 0.0))
        return some

    def predict(self, X: Any) -> FloatArray:
        """Return `expected_purchases` over the `n_opportunities` given at construction."""
        return self.expected_purchases(X, self.n_opportunities)

    def _probability_there(self, histories: FloatArray) -> FloatArray:
        there: FloatArray = np.minimum(np.exp(log_probability_there(histories, self._parameters())), 1.0)
        return there

    def _read(self, X: Any) -> FloatArray:
        check_is_fitted(self, "params_")
        return _opportunities(X, type(self).__name__)


def _opportunities(X: Any, where: str) -> FloatArray:
    """Return histories of shape (n_customers, 3) with columns x, t_x, n, refusing impossible ones."""
    array = named_columns(X, OPPORTUNITY_COLUMNS, where)
    if array.min() < 0:
        raise ValueError(f"Negative values in data passed to {where}.fit: x, t_x and n count opportunities.")
    x, t_x, n = array.T
    impossible = (x > t_x) | (t_x > n) | ((x == 0) & (t_x > 0)) | (array != np.floor(array)).any(axis=1)
    if impossible.any():
        row = int(np.argmax(impossible))
        raise ValueError(
            f"{where}: row {row} has x={x[row]:g}, t_x={t_x[row]:g}, n={n[row]:g}.\n"
            "Expected whole numbers of opportunities with x ≤ t_x ≤ n, and t_x = 0 where none was taken."
        )
    return array


def _whole(n_opportunities: int) -> int:
    """Return a number of opportunities, refusing parts of one."""
    if n_opportunities < 0 or n_opportunities != int(n_opportunities):
        raise ValueError(f"n_opportunities is {n_opportunities}.\nExpected a whole number, 0 or more.")
    return int(n_opportunities)
