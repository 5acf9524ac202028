"""What is known of each customer from the start, such as country or channel, moves the parameters of their process.

Each parameter θ_j of the process that a set of covariates z acts on is θ_j · exp(S_j · γᵀz) for the customer, with the
sign S_j that makes a positive coefficient mean more: more purchases (α falls), or leaving sooner (β of Pareto/NBD
falls; a of BG/NBD rises and b falls).

References:
    Fader and Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models,
        brucehardie.com/notes/019.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from patron.forecasts.methods.expansion import Expansion
from patron.forecasts.methods.maximum_likelihood import Optimum
from patron.forecasts.methods.row_sums import chunks

FloatArray = NDArray[np.float64]

_ROWS = 2_048
_LEAST_EIGENVALUE = 1e-8  # of a matrix of correlations: below it, columns add up to one another
_FARTHEST = 12.0  # e¹² to either side of the mean customer's parameter: beyond, differences of lnΓ are rounding only
_FAR_BELOW = -1e6


class RowExpansions(NamedTuple):
    """Functions of each row's own parameters: values (n,), gradients (k, n) and Hessians (k, k, n)."""

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray


@dataclass(frozen=True, slots=True)
class Design:
    """Standardised covariates that act together: `columns` (n, k) of mean 0 and variance 1, and what they were."""

    columns: FloatArray
    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, columns: FloatArray, weight: FloatArray, names: Sequence[str], where: str) -> Self:
        """Standardise columns, shape (n, k), over customers.

        Raises:
            ValueError: a column is the same number for every customer, or the columns add up to one another.
        """
        mean = np.average(columns, axis=0, weights=weight)
        constant = [name for name, column in zip(names, columns.T, strict=True) if np.ptp(column) == 0.0]
        if constant:
            raise ValueError(
                f"{where}: the covariate(s) {constant} are the same number for every customer.\n"
                "Expected at least two values: nothing can be learned from one. Leave them out."
            )
        spread = np.sqrt(np.average((columns - mean) ** 2, axis=0, weights=weight))
        standard = (columns - mean) / spread
        alike = (standard * weight[:, None]).T @ standard / weight.sum()
        if names and np.linalg.eigvalsh(alike)[0] < _LEAST_EIGENVALUE:
            raise ValueError(
                f"{where}: the covariates {list(names)} add up to one another or to a constant.\n"
                "Expected columns that each say something of their own: of the 0/1 columns of one attribute, "
                "leave one out; it is what the others are compared with."
            )
        return cls(standard, mean, spread)


@dataclass(frozen=True, slots=True)
class Effects:
    """Two sets of covariates, on the rate and on dropout, and `signs` (4, 2): how each set moves each parameter."""

    rate: Design
    dropout: Design
    signs: FloatArray

    @property
    def n_coefficients(self) -> int:
        """How many coefficients there are in all."""
        return len(self.rate.mean) + len(self.dropout.mean)

    def in_given_units(self, best: Optimum) -> Optimum:
        """Return an optimum over standardised covariates as one over the covariates as they were given.

        It is a linear map: ln θ_j of a customer of mean covariates is ln θ_j + Σ S_j γ · mean.
        """
        n_base = len(self.signs)
        spread = np.concatenate([self.rate.spread, self.dropout.spread])
        of_mean = np.hstack([np.outer(self.signs[:, i], one.mean) for i, one in enumerate((self.rate, self.dropout))])
        coefficients = best.parameters[n_base:] / spread
        base = best.parameters[:n_base] * np.exp(-of_mean @ coefficients)
        to_standard = np.block(
            [[np.eye(n_base), of_mean], [np.zeros((spread.size, n_base)), np.diag(spread)]],
        )
        hessian = to_standard.T @ best.hessian @ to_standard
        return replace(best, parameters=np.concatenate([base, coefficients]), hessian=hessian)


class MeanLogLikelihood:
    """The mean log-likelihood of weighted rows as a function of base parameters and coefficients, with derivatives.

    Args:
        expand_rows: from histories (n, 3) and each row's own parameters (k, n) to the expansion of each row.
        histories: rows x, t_x, T.
        weight: how many customers each row stands for.
        effects: standardised covariates.
        part: which of the rows to look at.
    """

    def __init__(
        self,
        expand_rows: Callable[[FloatArray, FloatArray], RowExpansions],
        histories: FloatArray,
        weight: FloatArray,
        effects: Effects,
        part: slice = slice(None),
    ) -> None:
        self._expand_rows, self._signs = expand_rows, effects.signs
        self._histories, self._share = histories[part], weight[part] / weight[part].sum()
        self._designs = [np.ascontiguousarray(one.columns[part].T) for one in (effects.rate, effects.dropout)]

    def __call__(self, parameters: FloatArray) -> Expansion:
        """Expand around base parameters, followed by the coefficients of the rate and those of dropout."""
        base, of_rate = parameters[: len(self._signs)], len(self._signs) + len(self._designs[0])
        shifts = np.stack([parameters[len(base) : of_rate] @ self._designs[0], parameters[of_rate:] @ self._designs[1]])
        if np.abs(shifts).max() > _FARTHEST:
            return Expansion(_FAR_BELOW, np.zeros(parameters.size), -np.eye(parameters.size))
        total = Expansion(0.0, np.zeros(parameters.size), np.zeros((parameters.size,) * 2))
        return sum((self._of(part, base, shifts[:, part]) for part in chunks(self._share.size, _ROWS)), total)

    def _of(self, part: slice, base: FloatArray, shifts: FloatArray) -> Expansion:
        """Expand the weighted sum over some rows."""
        share, ones = self._share[part], np.ones((1, shifts.shape[1]))
        growth = np.exp(self._signs @ shifts)
        own = self._expand_rows(self._histories[part], base[:, None] * growth)
        value, gradient, hessian = _by_base_and_shifts(own, base, growth, self._signs)
        columns = [ones] * len(base) + [design[:, part] for design in self._designs]
        slope = np.concatenate([one @ (share * by) for one, by in zip(columns, gradient, strict=True)])
        bend = [[(one * (share * by)) @ other.T for other, by in zip(columns, row, strict=True)]
                for one, row in zip(columns, hessian, strict=True)]  # fmt: skip
        return Expansion(float(share @ value), slope, np.block(bend))


def _by_base_and_shifts(own: RowExpansions, base: FloatArray, growth: FloatArray, signs: FloatArray) -> RowExpansions:
    """Return expansions by the own parameters θ as ones by base parameters and shifts: θ_j = base_j exp(S_j · shifts).

    The chain rule: ∂θ_j/∂base_j = growth_j, ∂θ_j/∂shift_m = θ_j S_jm, and their derivatives again.
    """
    slope = own.gradient * growth
    bend = own.hessian * growth[:, None] * growth
    turn = base[:, None] * signs
    mixed = np.einsum("ijn,jm->imn", bend, turn) + slope[:, None] * signs[:, :, None]
    again = np.einsum("jm,jkn->mkn", turn, mixed)
    hessian = np.concatenate(
        [np.concatenate([bend, mixed], axis=1), np.concatenate([mixed.swapaxes(0, 1), again], axis=1)]
    )
    return RowExpansions(own.value, np.concatenate([slope, turn.T @ slope]), hessian)
