"""Spectral clustering: groups that hang together by neighbours, whatever their shape."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from sklearn.cluster import SpectralClustering
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import validate_data
from threadpoolctl import threadpool_limits
