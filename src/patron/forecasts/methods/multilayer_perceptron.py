"""A multilayer perceptron in two parts: dense layers for whether, and for the logarithm of how much.

    E[y | y > 0] = exp(f(features)) · mean of exp(residuals)

The second factor is Duan's smearing: the mean of a logarithm is not the logarithm of the mean.

References:
    Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors, Nature 323;
    Duan (1983), Smearing estimate: a nonparametric retransformation method, JASA 78.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from patron.forecasts.methods.network import Network, Scale
from patron.forecasts.methods.two_part import FloatArray, Part, PartModel, TwoPart


class MultilayerPerceptron(TwoPart):
    """Forecast an amount by two small networks.

    Args:
        hidden: units of each hidden layer.
        learning_rate: step of the optimiser (Adam).
        shrinkage: weight of the squared coefficients in the loss.
        most_epochs: passes over the customers at most; learning stops earlier when a tenth of them, kept apart, shows
            no progress.
        random_state: seed of the first coefficients and of the order of customers.
        n_jobs: kept for the shape of its neighbours; scikit-learn's networks use one thread.

    >>> import numpy as np
    >>> X = np.repeat([[0.0], [1.0]], 200, axis=0)
    >>> y = np.where(X[:, 0] > 0, 10.0, 0.0)
    >>> model = MultilayerPerceptron().fit(X, y)
    >>> (model.predict([[0.0], [1.0]]) > 5.0).tolist()
    [False, True]
    """

    monotone = None

    def __init__(
        self,
        *,
        hidden: Sequence[int] = (32, 16),
        learning_rate: float = 5e-3,
        shrinkage: float = 0.01,
        most_epochs: int = 60,
        random_state: Any = 0,
        n_jobs: int = 1,
    ) -> None:
        self.hidden = hidden
        self.learning_rate = learning_rate
        self.shrinkage = shrinkage
        self.most_epochs = most_epochs
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _grow(self, features: FloatArray, target: FloatArray, part: Part, seed: int) -> PartModel:
        scale = Scale.learn(features)
        enough = features.shape[0] >= 100 and (part == "severity" or np.bincount(target.astype(int)).min() >= 20)
        knobs = {
            "hidden_layer_sizes": tuple(self.hidden),
            "alpha": self.shrinkage,
            "learning_rate_init": self.learning_rate,
            "max_iter": self.most_epochs,
            "early_stopping": bool(enough),
            "n_iter_no_change": 6,
            "random_state": seed,
        }
        learner = MLPClassifier(**knobs) if part == "incidence" else MLPRegressor(**knobs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the number of passes is a knob, not a promise
            learner.fit(scale(features), target if part == "incidence" else np.log(target))
        weights, biases = tuple(learner.coefs_), tuple(learner.intercepts_)
        if part == "incidence":
            return Network(scale, weights, biases, "logistic")
        logs = Network(scale, weights, biases, "identity").predict(features)
        smearing = float(np.log(np.mean(np.exp(np.log(target) - logs))))
        return Network(scale, weights, (*biases[:-1], biases[-1] + smearing), "exponential")

    @staticmethod
    def _restored(text: str) -> PartModel:
        return Network.from_string(text)
