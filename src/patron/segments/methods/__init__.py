"""The craft of segmenting: scores, rules, K-Means, the choice of K, profiles and names; arrays in, arrays out.

Each stands alone in a notebook: `QuantileScorer().fit_transform(orders)`, `choose_k(X, KLimits(), seed=7).why_en`.
"""

from patron.segments.methods.choosing_k import Cut, KChoice, KLimits, Vote, choose_k
from patron.segments.methods.k_means import KMeansSegmenter
from patron.segments.methods.quantile_scores import QuantileScorer
from patron.segments.methods.stability import Stability, bootstrap_stability, seed_agreement
from patron.segments.methods.value_tiers import CumulativeValueTiers

__all__ = [
    "CumulativeValueTiers",
    "Cut",
    "KChoice",
    "KLimits",
    "KMeansSegmenter",
    "QuantileScorer",
    "Stability",
    "Vote",
    "bootstrap_stability",
    "choose_k",
    "seed_agreement",
]
