"""Forecasts of a known formula, and customers to explain them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from patron import explanations
from patron.explanations import ExplanationSpec

FEATURES = (
    "days_since_last_order",
    "orders_count_lifetime",
    "orders_log_lifetime",
    "net_revenue_sum_lifetime",
    "items_mean_lifetime",
    "days_since_first_order",
)


@dataclass(frozen=True)
class Parts:
    names: tuple[str, ...]
    values: np.ndarray
    base: float
    inputs: np.ndarray | None = None


@dataclass(frozen=True)
class Formula:
    """log forecast = 4 − days/60 + 0.5 ln(1 + orders) + …: additive, so that every Shapley value is known."""

    additive: bool = True
    features: tuple[str, ...] = FEATURES
    model: str = "formula"
    target: str = "net_revenue"
    horizon_days: int = 90

    def terms(self, matrix):
        days, orders, _, money, items, age = matrix.T
        return np.column_stack(
            [
                0.5 - days / 60,
                0.1 * (orders - 4),
                0.3 * (np.log1p(orders) - 1.5),
                0.4 * (np.log1p(money) - 5),
                0.001 * items,
                0.0 * age,
            ]
        )

    def predict(self, matrix):
        return np.exp(4.0 + self.terms(matrix).sum(axis=1))

    def contributions(self, matrix):
        return Parts(self.features, self.terms(matrix), 4.0) if self.additive else None


def customers(n: int = 400, seed: int = 0) -> pa.Table:
    random = np.random.default_rng(seed)
    orders = 1.0 + random.poisson(3, n)
    age = random.integers(60, 700, n).astype(float)
    last = np.floor(age * random.random(n) * np.where(orders > 1, 0.5, 1.0)) + 1
    last = np.where(orders > 1, last, age)
    return pa.table(
        {
            "customer_id": [f"c{i:04d}" for i in range(n)],
            "as_of": [date(2026, 1, 1)] * n,
            "days_since_last_order": last,
            "days_since_first_order": age,
            "orders_count_lifetime": orders,
            "orders_log_lifetime": np.log1p(orders),
            "net_revenue_sum_lifetime": np.round(orders * random.gamma(4.0, 12.0, n), 2),
            "items_mean_lifetime": random.gamma(2.0, 2.0, n),
            "order_gap_days_mean_lifetime": np.where(orders > 1, (age - last) / np.maximum(orders - 1, 1), np.nan),
            "btyd_frequency": orders - 1,
        }
    )


@pytest.fixture(scope="session")
def people():
    return customers()


@pytest.fixture(scope="session")
def spec():
    return ExplanationSpec(checked_customers=40, perturbations=300, bootstrap_draws=50)


@pytest.fixture(scope="session")
def explainer(people, spec):
    return explanations.prepare(Formula(), people, spec, seed=7)
