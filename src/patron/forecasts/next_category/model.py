"""The story of the next category: refit the winner on everything, and name three categories for everyone.

judged = judge_categories(windows, spec, horizon_days=90, seed=7)
model = fit_categories(today, windows, judged)
named = name_categories(model, today)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from patron.contracts.published import NEXT_CATEGORIES
from patron.forecasts.next_category.baskets import Baskets, CategoryWindow
from patron.forecasts.next_category.contenders import LEARN, Contender
from patron.forecasts.next_category.judgement import NAMED, JudgedCategories


@dataclass(frozen=True, slots=True)
class NextCategory:
    """The champion, fitted on all completed windows."""

    horizon_days: int
    name: str
    champion: Contender


def fit_categories(today: Baskets, windows: Sequence[CategoryWindow], judged: JudgedCategories) -> NextCategory:
    """Refit the champion.

    Args:
        today: customers as of today, or a sample of them.
        windows: every completed window, as they were judged.
        judged: who won.
    """
    name = judged.crowned.model
    past = [window.baskets(today.categories) for window in windows if window.history.num_rows]
    return NextCategory(judged.horizon_days, name, LEARN[name](today, past))


def name_categories(model: NextCategory, baskets: Baskets) -> pa.Table:
    """Name the most probable categories of each customer's next order.

    Returns:
        Rows of the published table `next_categories`, in the order of the customers and then of the rank.
    """
    said = model.champion.predict(baskets)
    best = np.argsort(-said, axis=1, kind="stable")[:, :NAMED]
    n, ranks = best.shape
    table = {
        "customer_id": baskets.customer_id.take(pa.array(np.repeat(np.arange(n), ranks))),
        "horizon_days": pa.array(np.full(n * ranks, model.horizon_days), pa.int64()),
        "rank": pa.array(np.tile(np.arange(1, ranks + 1), n), pa.int64()),
        "category": pa.array(baskets.categories, pa.string()).take(pa.array(best.ravel())),
        "probability": pa.array(np.take_along_axis(said, best, axis=1).ravel()),
        "model": pa.array([model.name], pa.string()).take(pa.array(np.zeros(n * ranks, dtype=np.int64))),
        "as_of": pa.repeat(pa.scalar(baskets.as_of, pa.date32()), n * ranks),
    }
    return NEXT_CATEGORIES.check(pa.table(table))
