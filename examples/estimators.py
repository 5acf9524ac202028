"""The craft without the rest: a purchase model and a tie-safe scorer on plain arrays."""

import numpy as np

from patron.forecasts.methods import ModifiedBetaGeoNBD
from patron.segments.methods.quantile_scores import QuantileScorer

rng = np.random.default_rng(7)
frequency = rng.poisson(2.0, 500).astype(float)  # repeat purchases
T = rng.uniform(20, 52, 500).round(1)  # weeks since the first purchase
recency = np.where(frequency > 0, T * rng.uniform(0.2, 1.0, 500), 0.0).round(1)  # weeks from first to last

model = ModifiedBetaGeoNBD().fit(np.column_stack([frequency, recency, T]))
expected = model.expected_purchases(np.column_stack([frequency, recency, T]), 13)
print(f"Expected purchases in the next 13 weeks: {expected.sum():.0f} by {len(expected)} customers")

scores = QuantileScorer(5).fit_transform(frequency[:, None])[:, 0]
print("Customers by frequency score:", {int(s): int((scores == s).sum()) for s in np.unique(scores)})
