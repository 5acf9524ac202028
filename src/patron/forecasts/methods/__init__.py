"""The craft of forecasting: scikit-learn estimators, one algorithm a file, arrays in and arrays out.

Each stands alone in a notebook: `BetaGeoNBD().fit(histories).expected_purchases(histories, horizon=13)`.
"""

from patron.forecasts.methods.beta_geo import BetaGeoNBD, ModifiedBetaGeoNBD
from patron.forecasts.methods.conformal import MondrianConformal
from patron.forecasts.methods.gamma_gamma import GammaGamma
from patron.forecasts.methods.hurdle import HurdleGradientBoosting
from patron.forecasts.methods.naive import LastPeriod, NaiveRate

__all__ = [
    "BetaGeoNBD",
    "GammaGamma",
    "HurdleGradientBoosting",
    "LastPeriod",
    "ModifiedBetaGeoNBD",
    "MondrianConformal",
    "NaiveRate",
]
