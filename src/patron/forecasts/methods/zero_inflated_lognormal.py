"""The zero-inflated lognormal network: one network says the chance of buying and the distribution of how much.

    P(y = 0) = 1 − π,   ln y | y > 0 ~ Normal(μ, σ²),   π = logistic(o₁), μ = o₂, σ = softplus(o₃)

with o the three outputs of a network of the features, learned by maximum likelihood:

    −ln L = CrossEntropy([y > 0], π) + [y > 0] · ( ln y + ln σ + ½ ln 2π° + (ln y − μ)² / 2σ² )

(π° the number). E[y] = π · exp(μ + σ²/2). Small shops make such a network unstable: it is the mean of several, each
from another seed and stopped when customers kept apart show no progress, and σ is bounded.

Reference:
    Wang, Liu and Miao (2019), A deep probabilistic model for customer lifetime value prediction, arXiv:1912.07753.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtri
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from patron.forecasts.methods.network import Network
from patron.forecasts.methods.zero_inflated_lognormal_training import train

FloatArray = NDArray[np.float64]
_LEAST_SIGMA, _MOST_SIGMA = 0.05, 2.0


class ZeroInflatedLognormal(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
    """Forecast the whole distribution of an amount that is zero for many customers and skewed for the rest.

    Learning needs `pip install 'patron[deep]'` (torch); a fitted model is asked, written and read without it.

    Args:
        hidden: units of each hidden layer.
        n_networks: networks whose answers are averaged.
        learning_rate: step of the optimiser (Adam).
        shrinkage: weight of the squared coefficients in the loss.
        most_epochs: passes over the customers at most.
        random_state: seed.
        n_jobs: threads of torch.
    """

    def __init__(
        self,
        *,
        hidden: Sequence[int] = (64, 32),
        n_networks: int = 3,
        learning_rate: float = 2e-3,
        shrinkage: float = 1e-3,
        most_epochs: int = 60,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.hidden = hidden
        self.n_networks = n_networks
        self.learning_rate = learning_rate
        self.shrinkage = shrinkage
        self.most_epochs = most_epochs
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.regressor_tags.poor_score = True  # negative targets count as zero here
        tags.non_deterministic = False
        return tags

    def fit(self, X: Any, y: ArrayLike) -> Self:
        """Learn the networks.

        Args:
            X: features, shape (n_customers, n_features), NaN allowed.
            y: the amount in the window, shape (n_customers,).

        Raises:
            ExtraMissing: torch is not installed.
        """
        features, target = validate_data(
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", y_numeric=True, ensure_min_samples=2
        )
        amount = np.maximum(np.asarray(target, dtype=np.float64), 0.0)
        bought = amount > 0
        self.unit_ = float(np.exp(np.log(amount[bought]).mean())) if bought.any() else 1.0
        seeds = check_random_state(self.random_state).randint(2**31 - 1, size=self.n_networks)
        self.base_rate_ = float(bought.mean())
        self.networks_ = [
            train(features, amount / self.unit_, self.get_params(), int(seed)) for seed in seeds if np.ptp(amount) > 0
        ]
        self.level_ = 1.0
        predicted = float(self.predict(features).sum())
        self.level_ = float(amount.sum()) / predicted if predicted > 0 else 1.0
        return self

    def predict(self, X: Any) -> FloatArray:
        """Return the expected amount, shape (n_customers,): mean of π · exp(μ + σ²/2), times the level."""
        chance, mu, sigma = self.distribution(X)
        mean: FloatArray = self.level_ * (chance * np.exp(mu + sigma**2 / 2.0)).mean(axis=0)
        return mean

    def probability(self, X: Any) -> FloatArray:
        """Return the probability of an amount above zero, shape (n_customers,)."""
        chance, _, _ = self.distribution(X)
        probability: FloatArray = chance.mean(axis=0)
        return probability

    def value_if_bought(self, X: Any) -> FloatArray:
        """Return the expected amount of those who buy, shape (n_customers,)."""
        return self.predict(X) / np.maximum(self.probability(X) * self.level_, 1e-12)

    def distribution(self, X: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return π, μ and σ of each network and customer, three arrays of shape (n_networks, n_customers)."""
        check_is_fitted(self, "level_")
        features = validate_data(self, X, reset=False, dtype=np.float64, ensure_all_finite="allow-nan")
        if not self.networks_:
            same = np.ones((1, features.shape[0]))  # an amount that never varied
            return self.base_rate_ * same, np.log(self.unit_) * same, _LEAST_SIGMA * same
        outputs = np.stack([network.outputs(features) for network in self.networks_])
        sigma = np.clip(np.logaddexp(0.0, outputs[..., 2]), _LEAST_SIGMA, _MOST_SIGMA)
        return expit(outputs[..., 0]), outputs[..., 1] + np.log(self.unit_), sigma

    def quantile(self, X: Any, share: float) -> FloatArray:
        """Return the amount that a customer stays below with probability `share`, shape (n_customers,).

        Of the mixture, by the mean parameters over the networks: 0 where share ≤ 1 − π, else
        exp(μ + σ Φ⁻¹((share − 1 + π)/π)), times the level.
        """
        chance, mu, sigma = (numbers.mean(axis=0) for numbers in self.distribution(X))
        above = (share - 1.0 + chance) / np.maximum(chance, 1e-12)
        with np.errstate(over="ignore"):
            amount = self.level_ * np.exp(mu + sigma * ndtri(np.clip(above, 1e-12, 1.0 - 1e-12)))
        return np.where(above > 0.0, amount, 0.0)

    def to_parts(self) -> dict[str, Any]:
        """Return everything learned as text and numbers, for `from_parts`."""
        check_is_fitted(self, "level_")
        return {
            "n_features": int(self.n_features_in_),
            "base_rate": self.base_rate_,
            "unit": self.unit_,
            "level": self.level_,
            "networks": [json.loads(network.model_to_string()) for network in self.networks_],
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> Self:
        """Return the fitted estimator that `to_parts` described."""
        model = cls()
        model.n_features_in_ = int(parts["n_features"])
        model.base_rate_ = float(parts["base_rate"])
        model.unit_, model.level_ = float(parts["unit"]), float(parts["level"])
        model.networks_ = [Network.from_string(json.dumps(network)) for network in parts["networks"]]
        return model
