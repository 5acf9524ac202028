"""The craft of segmenting: scores, rules, learned cuts, the choice of K, profiles and names; arrays in, arrays out.

Each stands alone in a notebook: `QuantileScorer().fit_transform(orders)`, `choose_k(X, KLimits(), seed=7).why_en`.
"""

from patron.segments.methods.agglomerative import AgglomerativeSegmenter
from patron.segments.methods.bisecting_k_means import BisectingKMeansSegmenter
from patron.segments.methods.choosing_k import Cut, KChoice, KLimits, Vote, choose_k
from patron.segments.methods.gaussian_mixture import GaussianMixtureSegmenter
from patron.segments.methods.hdbscan import HDBSCANSegmenter
from patron.segments.methods.k_means import KMeansSegmenter
from patron.segments.methods.k_prototypes import KPrototypesSegmenter
from patron.segments.methods.mini_batch_k_means import MiniBatchKMeansSegmenter
from patron.segments.methods.quantile_scores import QuantileScorer
from patron.segments.methods.segmenter import SEGMENTERS, Segmenter
from patron.segments.methods.spectral import SpectralSegmenter
from patron.segments.methods.stability import Stability, bootstrap_stability, seed_agreement
from patron.segments.methods.surrogate import SurrogateRules
from patron.segments.methods.value_tiers import CumulativeValueTiers, PercentileValueTiers
from patron.segments.methods.value_tree import ValueTreeSegmenter

__all__ = [
    "SEGMENTERS",
    "AgglomerativeSegmenter",
    "BisectingKMeansSegmenter",
    "CumulativeValueTiers",
    "Cut",
    "GaussianMixtureSegmenter",
    "HDBSCANSegmenter",
    "KChoice",
    "KLimits",
    "KMeansSegmenter",
    "KPrototypesSegmenter",
    "MiniBatchKMeansSegmenter",
    "PercentileValueTiers",
    "QuantileScorer",
    "Segmenter",
    "SpectralSegmenter",
    "Stability",
    "SurrogateRules",
    "ValueTreeSegmenter",
    "Vote",
    "bootstrap_stability",
    "choose_k",
    "seed_agreement",
]
