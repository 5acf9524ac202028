"""Who the customers are: latent rates, lifetimes and spend, and the attributes a shop can see.

Latent traits come first, as correlated normals; what the shop sees is drawn *given* them, so that the traits keep
exactly the distributions promised while the attributes still tell something about them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtr

from patron.simulation.methods.arrays import FloatArray, IntArray, chance

DAYS_PER_YEAR = 365.25
GENDERS = ("f", "m", "other")
REGIONS = ("north", "south", "east", "west", "alps", "coast")
CHANNELS = ("organic", "search_ads", "social", "affiliate", "email", "referral")
REFERRAL = CHANNELS.index("referral")
MEAN_SENSITIVITY = 0.4  # of Beta(2, 3)
AGE_BANDS = (34, 54)  # up to 34 young, up to 54 middle, above old
_BAND_UPLIFT = np.array([1.6, 1.0, 0.4])  # how strongly each age band answers a touch, about 1 on average
_BAND_PROPENSITY = np.array([0.8, 0.65, 0.5])


def gamma_rates(latent: FloatArray, shape: float, mean: float) -> FloatArray:
    """Turn standard normals into gamma-distributed rates of that shape and mean, monotone in `latent`."""
    return np.asarray(gammaincinv(shape, ndtr(latent)) * (mean / shape), np.float64)


def mean_order_values(latent: FloatArray, order_shape: float, spend_shape: float, mean: float) -> FloatArray:
    """Turn standard normals into mean order values, ζ = p/ν with ν ~ Gamma(q, γ), E[ζ] = pγ/(q-1) = `mean`.

    Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013), section 2; p = `order_shape`, q = `spend_shape`.
    """
    gamma = mean * (spend_shape - 1) / order_shape
    return np.asarray(order_shape * gamma / np.maximum(gammaincinv(spend_shape, ndtr(-latent)), 1e-3), np.float64)


def correlated(rng: np.random.Generator, latent: FloatArray, correlation: float) -> FloatArray:
    """Draw standard normals with that correlation to `latent`."""
    noise = rng.standard_normal(len(latent))
    return np.asarray(correlation * latent + np.sqrt(1 - correlation**2) * noise, np.float64)


@dataclass(frozen=True, slots=True)
class Tastes:
    """What moves each customer; every array has one row per customer."""

    price_sensitivity: FloatArray  # 0 to 1
    coupon_share: FloatArray  # probability of a coupon on an order
    return_share: FloatArray  # probability that a unit comes back
    first_category: IntArray
    second_category: IntArray
    brand: IntArray  # rank of the favourite brand within a category
    device: IntArray


def tastes(
    rng: np.random.Generator, size: int, categories: int, brands: int, coupon_share: float, return_share: float
) -> Tastes:
    """Draw each customer's tastes; sensitivity is Beta(2, 3), and coupon use is proportional to it."""
    sensitivity = rng.beta(2, 3, size)
    liking = 1 / np.arange(1, categories + 1) ** 0.6
    first, second = (rng.choice(categories, size, p=liking / liking.sum()) for _ in range(2))
    return Tastes(
        price_sensitivity=sensitivity,
        coupon_share=np.minimum(coupon_share * sensitivity / MEAN_SENSITIVITY, 1.0),
        return_share=rng.beta(10 * return_share, 10 * (1 - return_share), size) if return_share else np.zeros(size),
        first_category=first.astype(np.int64),
        second_category=second.astype(np.int64),
        brand=rng.integers(0, brands, size),
        device=rng.choice(3, size, p=[0.6, 0.33, 0.07]).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the shop knows about each customer besides what they do."""

    birth_year: IntArray
    gender: IntArray
    region: IntArray
    channel: IntArray
    consents: IntArray  # (customers, 4): e-mail, SMS, ads, profiling
    touch_uplift: FloatArray  # latent, but a function of the age band
    propensity: FloatArray  # probability of being sent a campaign once looked at


def attributes(
    rng: np.random.Generator, latent_rate: FloatArray, referred: IntArray, year: int, uplift: float
) -> Attributes:
    """Draw what the shop sees, given the latent rate: frequent buyers are older and come less often by advertising.

    Campaigns prefer the young, who answer more and buy less by themselves: a plain comparison of arms is confounded,
    one weighted by the logged propensity is not.
    """
    size = len(latent_rate)
    age = 18 + 62 * ndtr(correlated(rng, latent_rate, 0.3))
    band = np.digitize(age, AGE_BANDS, right=True)
    paid = chance(rng, np.asarray(ndtr(-0.5 * latent_rate), np.float64), size)
    channel = np.where(paid, rng.choice([1, 2, 3], size), rng.choice([0, 4], size, p=[0.8, 0.2]))
    return Attributes(
        birth_year=(year - age).astype(np.int64),
        gender=rng.choice(3, size, p=[0.54, 0.44, 0.02]).astype(np.int64),
        region=rng.choice(len(REGIONS), size, p=[0.25, 0.2, 0.2, 0.15, 0.15, 0.05]).astype(np.int64),
        channel=np.where(referred >= 0, REFERRAL, channel),
        consents=(rng.random((size, 4)) < [0.6, 0.25, 0.45, 0.7]).astype(np.int64),
        touch_uplift=np.minimum(uplift * _BAND_UPLIFT[band], 1.0),
        propensity=_BAND_PROPENSITY[band],
    )
