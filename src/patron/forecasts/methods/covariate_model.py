"""What the purchase models in continuous time share: covariates of the purchase rate and of dropout."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from patron.forecasts.methods.count_distribution import quantiles_of_counts
from patron.forecasts.methods.covariates import Design, Effects, MeanLogLikelihood, RowExpansions
from patron.forecasts.methods.maximum_likelihood import Objective, Optimum, maximise_on_samples
from patron.forecasts.methods.purchase_history import histories_and_covariates, weighted_rows
from patron.forecasts.methods.purchase_model import PurchaseModel

FloatArray = NDArray[np.float64]
Parameters = list[FloatArray]  # each one number, or one per customer


class CovariateModel(PurchaseModel):
    """A purchase model whose parameters may depend on what is known of each customer from the start.

    α of a customer with rate covariates z is α·exp(−γᵀz): a positive coefficient means buying more often, by a factor
    exp(γ) per unit. What dropout covariates move is said by each model; a positive coefficient means leaving sooner.
    """

    _starts: ClassVar[tuple[tuple[float, ...], ...]]
    _ages: ClassVar[tuple[bool, ...]]  # which parameters are counted in mean ages
    _signs: ClassVar[tuple[tuple[float, float], ...]]  # of the exponents of the rate's and of dropout's covariates

    def __init__(
        self,
        *,
        horizon: float = 1.0,
        rate_covariates: Sequence[str] = (),
        dropout_covariates: Sequence[str] = (),
    ) -> None:
        self.horizon = horizon
        self.rate_covariates = rate_covariates
        self.dropout_covariates = dropout_covariates

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = not self._covariates()
        return tags

    def fit(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> Self:  # noqa: ARG002
        """Learn the parameters from purchase histories, and the coefficients of covariates if there are any.

        Args:
            X: shape (n_customers, 3 + number of covariates), columns x, t_x, T and then the covariates, those of the
                rate first and each once; or a dataframe with `btyd_frequency`, `btyd_recency` and `btyd_T`
                (or `btyd_recency_days`, `btyd_T_days`) and the covariates by name.
            y: ignored.
            sample_weight: shape (n_customers,), how many customers each row stands for.

        Returns:
            Itself, with `params_` (of a customer whose covariates are all 0), `standard_errors_` (of the parameters,
            by name, from the curvature of the likelihood; NaN for those at a bound), `log_likelihood_`,
            `converged_`, `at_bound_` (names of parameters the data leave undetermined: with no sign of dropout its
            odds tend to 0), `n_features_in_`, and by the names of the covariates, per unit of theirs,
            `rate_coefficients_`, `dropout_coefficients_`, `rate_standard_errors_` and `dropout_standard_errors_`.
            A group without a single repeat purchase shows as an error many times its coefficient.

        Raises:
            MissingColumns: the dataframe lacks a column.
            ValueError: impossible histories, unusable weights, or covariates that are missing for someone, the same
                for everyone or add up to one another.
        """
        rows, weight = weighted_rows(self._rows(X), sample_weight)
        histories, total = rows[:, :3], float(weight.sum())
        age = float(np.average(histories[:, 2], weights=weight)) or 1.0
        units = [age if in_ages else 1.0 for in_ages in self._ages]

        def likelihood_of(part: slice) -> Objective:
            return self._likelihood(histories[part], weight[part])

        best = maximise_on_samples(likelihood_of, weight.size, self._starts, units)
        if self._covariates():
            best = self._with_covariates(best, rows, weight, units)
        self._learn(best, total)
        self.n_features_in_ = rows.shape[1]
        return self

    def probability_of_count(self, X: Any, horizon: float, count: int) -> FloatArray:
        """Return the probability of exactly `count` purchases in (T, T + horizon], shape (n_customers,).

        P(alive) · P(count | alive), and of none also 1 − P(alive). Its mean over counts is `expected_purchases`.

        Args:
            X: as in `fit`.
            horizon: in the unit of T.
            count: a whole number, 0 or more.

        Raises:
            ValueError: `count` is not such a number.
        """
        if count < 0 or count != int(count):
            raise ValueError(
                f"{type(self).__name__}: count is {count}.\nExpected a whole number of purchases, 0 or more."
            )
        return self._chances(X, horizon)(int(count))

    def predictive_quantiles(self, X: Any, horizon: float, shares: ArrayLike) -> FloatArray:
        """Return quantiles of the number of purchases in (T, T + horizon], shape (n_customers, n_shares).

        Each is the smallest number that is not exceeded with at least the given probability.

        Args:
            X: as in `fit`.
            horizon: in the unit of T.
            shares: probabilities, each above 0 and below 1, such as (0.1, 0.9).

        Raises:
            ValueError: a share is not such a number.
        """
        wanted = np.atleast_1d(np.asarray(shares, dtype=np.float64))
        if not ((wanted > 0.0) & (wanted < 1.0)).all():
            raise ValueError(f"{type(self).__name__}: shares are {wanted.tolist()}.\nExpected each between 0 and 1.")
        return quantiles_of_counts(self._chances(X, horizon), wanted)

    def _chances(self, X: Any, horizon: float) -> Callable[[int], FloatArray]:
        """Return the function from a number of purchases to its probability for each customer."""
        histories, parameters = self._read(X, horizon)
        alive = self._alive(histories, parameters)

        def chance(count: int) -> FloatArray:
            some: FloatArray = alive * self._chance_if_alive(histories, parameters, horizon, count)
            return some + (1.0 - alive) if count == 0 else some

        return chance

    @abstractmethod
    def _alive(self, histories: FloatArray, parameters: Parameters) -> FloatArray:
        """Return the probability that each customer has not left for good by T."""

    @abstractmethod
    def _chance_if_alive(self, histories: FloatArray, parameters: Parameters, horizon: float, count: int) -> FloatArray:
        """Return the probability of exactly `count` purchases of each customer, if alive at T."""

    @abstractmethod
    def _likelihood(self, histories: FloatArray, weight: FloatArray) -> Objective:
        """Return the mean log-likelihood of customers who all have the same parameters."""

    @abstractmethod
    def _expand_rows(self, histories: FloatArray, parameters: FloatArray) -> RowExpansions:
        """Expand the log-likelihood of each row around its own parameters, shape (4, n)."""

    def _with_covariates(self, alike: Optimum, rows: FloatArray, weight: FloatArray, units: Sequence[float]) -> Optimum:
        """Climb on, from where all customers are alike and from the usual starts."""
        effects = self._effects(rows[:, 3:], weight)
        zeros, ones = (0.0,) * effects.n_coefficients, (1.0,) * effects.n_coefficients
        starts = [(*(alike.parameters / units).tolist(), *zeros), *((*start, *zeros) for start in self._starts)]

        def likelihood_of(part: slice) -> Objective:
            return MeanLogLikelihood(self._expand_rows, rows[:, :3], weight, effects, part)

        best = maximise_on_samples(likelihood_of, weight.size, starts, (*units, *ones), effects.n_coefficients)
        return effects.in_given_units(best)

    def _effects(self, columns: FloatArray, weight: FloatArray) -> Effects:
        names, where = self._covariates(), type(self).__name__

        def design(chosen: Sequence[str]) -> Design:
            return Design.of(columns[:, [names.index(name) for name in chosen]], weight, list(chosen), where)

        return Effects(design(self.rate_covariates), design(self.dropout_covariates), np.array(self._signs))

    def _learn(self, best: Optimum, n_customers: float) -> None:
        super()._learn(best, n_customers)
        errors = best.standard_errors(n_customers).tolist()
        first, middle = len(self._names), len(self._names) + len(self.rate_covariates)
        values, hits = best.parameters.tolist(), best.at_bound
        rate, dropout = list(self.rate_covariates), list(self.dropout_covariates)
        self.rate_coefficients_: dict[str, float] = dict(zip(rate, values[first:middle], strict=True))
        self.dropout_coefficients_: dict[str, float] = dict(zip(dropout, values[middle:], strict=True))
        self.rate_standard_errors_: dict[str, float] = dict(zip(rate, errors[first:middle], strict=True))
        self.dropout_standard_errors_: dict[str, float] = dict(zip(dropout, errors[middle:], strict=True))
        names = [*(f"rate of {name}" for name in rate), *(f"dropout of {name}" for name in dropout)]
        self.at_bound_ += tuple(name for name, hit in zip(names, hits[first:], strict=True) if hit)

    @classmethod
    def _given(
        cls, params: dict[str, float], rate: Mapping[str, float] | None, dropout: Mapping[str, float] | None
    ) -> Self:
        """Return a fitted model of the given parameters and coefficients.

        Raises:
            ValueError: a parameter that is not above zero.
        """
        for name, value in params.items():
            if not value > 0:
                raise ValueError(f"{cls.__name__}: {name} is {value!r}; expected a number above 0.")
        rate, dropout = rate or {}, dropout or {}
        model = cls(rate_covariates=tuple(rate), dropout_covariates=tuple(dropout))
        model.params_ = {name: float(value) for name, value in params.items()}
        model.rate_coefficients_ = {name: float(value) for name, value in rate.items()}
        model.dropout_coefficients_ = {name: float(value) for name, value in dropout.items()}
        model.n_features_in_ = 3 + len(model._covariates())
        return model

    def _covariates(self) -> list[str]:
        """Return the names of all covariates, each once, in the order of their columns."""
        for setting in ("rate_covariates", "dropout_covariates"):
            names = getattr(self, setting)
            if isinstance(names, str) or not all(isinstance(name, str) for name in names):
                raise ValueError(
                    f"{type(self).__name__}: {setting} is {names!r}.\n"
                    "Expected names of columns in a tuple or list, such as ('country_de', 'from_search')."
                )
        return list(dict.fromkeys((*self.rate_covariates, *self.dropout_covariates)))

    def _rows(self, X: Any) -> FloatArray:
        return histories_and_covariates(X, self._covariates(), type(self).__name__)

    def _read(self, X: Any, horizon: float = 0.0) -> tuple[FloatArray, Parameters]:
        """Return histories (n_customers, 3) and the parameters, each one number or, with covariates, (n_customers,).

        A horizon that no forecast can have is refused.
        """
        check_is_fitted(self, "params_")
        if not 0.0 <= horizon < np.inf:
            raise ValueError(
                f"{type(self).__name__}: horizon is {horizon}.\nExpected a length of time, 0 or more, in the unit of T."
            )
        rows, names = self._rows(X), self._covariates()
        parameters = list(self._parameters())
        for by, coefficients in enumerate((self.rate_coefficients_, self.dropout_coefficients_)):
            if coefficients:
                columns = rows[:, [3 + names.index(name) for name in coefficients]]
                shift = columns @ np.array(list(coefficients.values()))
                for place, sign in enumerate(signs[by] for signs in self._signs):
                    if sign:
                        parameters[place] = parameters[place] * np.exp(sign * shift)
        return rows[:, :3], parameters
