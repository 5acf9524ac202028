"""The craft of forecasting: scikit-learn estimators, one algorithm a file, arrays in and arrays out.

Each stands alone in a notebook: `BetaGeoNBD().fit(histories).expected_purchases(histories, horizon=13)`.
"""

from patron.forecasts.methods.basket_transitions import BasketTransitions
from patron.forecasts.methods.beta_binomial_shares import BetaBinomialShares
from patron.forecasts.methods.beta_calibration import BetaCalibration
from patron.forecasts.methods.beta_geo import BetaGeoNBD, ModifiedBetaGeoNBD
from patron.forecasts.methods.beta_geo_beta_binomial import BetaGeoBetaBinomial
from patron.forecasts.methods.conformal import MondrianConformal
from patron.forecasts.methods.credibility import Credibility
from patron.forecasts.methods.decision_tree import DecisionTree
from patron.forecasts.methods.direct import DirectGradientBoosting
from patron.forecasts.methods.discrete_hazard import DiscreteHazard
from patron.forecasts.methods.gamma_gamma import GammaGamma
from patron.forecasts.methods.hurdle import HurdleGradientBoosting
from patron.forecasts.methods.log_odds_pool import LogOddsPool
from patron.forecasts.methods.multilayer_perceptron import MultilayerPerceptron
from patron.forecasts.methods.naive import LastPeriod, NaiveRate
from patron.forecasts.methods.offset_boosting import OffsetBoosting
from patron.forecasts.methods.pareto_nbd import ParetoNBD
from patron.forecasts.methods.random_forest import RandomForest
from patron.forecasts.methods.ridge_poisson import RidgePoisson
from patron.forecasts.methods.zero_inflated_lognormal import ZeroInflatedLognormal

__all__ = [
    "BasketTransitions",
    "BetaBinomialShares",
    "BetaCalibration",
    "BetaGeoBetaBinomial",
    "BetaGeoNBD",
    "Credibility",
    "DecisionTree",
    "DirectGradientBoosting",
    "DiscreteHazard",
    "GammaGamma",
    "HurdleGradientBoosting",
    "LastPeriod",
    "LogOddsPool",
    "ModifiedBetaGeoNBD",
    "MondrianConformal",
    "MultilayerPerceptron",
    "NaiveRate",
    "OffsetBoosting",
    "ParetoNBD",
    "RandomForest",
    "RidgePoisson",
    "ZeroInflatedLognormal",
]
