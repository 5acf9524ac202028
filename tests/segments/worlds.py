"""Small worlds for the segments' tests: a shop computable by hand, and clouds with a known number of groups."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

AS_OF = date(2026, 1, 1)


def snapshot(n: int = 400, seed: int = 0, *, money: bool = True) -> pa.Table:
    """Return a feature table of `n` customers with many ties, as a shop has them."""
    rng = np.random.default_rng(seed)
    orders = rng.geometric(0.5, n).astype(float)
    silence = rng.integers(1, 400, n).astype(float)
    gap = np.where(orders > 1, rng.integers(5, 60, n), np.nan).astype(float)
    columns = {
        "customer_id": pa.array([f"c{i:05d}" for i in range(n)]),
        "as_of": pa.array([AS_OF] * n, pa.date32()),
        "days_since_last_order": pa.array(silence),
        "days_since_first_order": pa.array(silence + np.nan_to_num(gap) * (orders - 1)),
        "orders_count_lifetime": pa.array(orders),
        "order_gap_days_mean_lifetime": pa.array(gap, from_pandas=True),
        "order_gap_days_max_lifetime": pa.array(gap, from_pandas=True),
    }
    if money:
        columns["net_revenue_sum_lifetime"] = pa.array(np.round(orders * rng.lognormal(3, 1, n), 2))
    return pa.table(columns)


def prepared(table: pa.Table) -> np.ndarray:
    """Return logarithms of the three classical columns, standardised."""
    names = ["days_since_last_order", "orders_count_lifetime", "net_revenue_sum_lifetime"]
    matrix = np.column_stack([np.log1p(table[name].to_numpy()) for name in names if name in table.column_names])
    return (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)


def no_groups(rng: np.random.Generator) -> np.ndarray:
    """World (a) of Tibshirani, Walther and Hastie (2001): uniform in ten dimensions, K = 1."""
    return rng.uniform(size=(200, 10))


def three_groups(rng: np.random.Generator) -> np.ndarray:
    """World (b): three normal groups in the plane."""
    return np.vstack([rng.normal([0, 0], 1, (25, 2)), rng.normal([0, 5], 1, (25, 2)), rng.normal([5, -3], 1, (50, 2))])


def two_elongated(rng: np.random.Generator) -> np.ndarray:
    """World (e): two parallel elongated groups in three dimensions."""
    along = np.linspace(-0.5, 0.5, 100)[:, None]
    return np.vstack([along + rng.normal(0, 0.1, (100, 3)), along + rng.normal(0, 0.1, (100, 3)) + 10])
