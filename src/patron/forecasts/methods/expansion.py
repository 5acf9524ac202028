"""A function near a point, up to the second order, and how it looks by the logarithms of its parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A function near a point, up to the second order: its value, gradient (k,) and Hessian (k, k) there."""

    value: float
    gradient: FloatArray
    hessian: FloatArray

    def __add__(self, other: Expansion) -> Expansion:
        return Expansion(self.value + other.value, self.gradient + other.gradient, self.hessian + other.hessian)

    def moved(self, step: FloatArray) -> Expansion:
        """Return what this expansion says of the point one step away."""
        bend = self.hessian @ step
        return Expansion(float(self.value + (self.gradient + bend / 2) @ step), self.gradient + bend, self.hessian)

    def by_logarithms(self, parameters: FloatArray, n_coefficients: int = 0) -> Expansion:
        """Return the same function expanded by the logarithms of its parameters: the chain rule for θ = exp(u).

        The last `n_coefficients` parameters stay as they are.
        """
        grown = stretch(parameters, n_coefficients)
        slope = self.gradient * grown
        bend = slope * (np.arange(slope.size) < slope.size - n_coefficients)
        return Expansion(self.value, slope, self.hessian * np.outer(grown, grown) + np.diag(bend))


def stretch(parameters: FloatArray, n_coefficients: int) -> FloatArray:
    """Return by how much each parameter grows with its coordinate: itself by its logarithm, a coefficient by 1."""
    positive = parameters.size - n_coefficients
    return np.concatenate([parameters[:positive], np.ones(n_coefficients)])
