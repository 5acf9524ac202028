"""The usual notebook against Patron's estimators: RFM, K-Means for K = 2 to 8 by silhouette, and value of 90 days.

From the orders' Parquet to one table of customers with segment and value. The notebook is pandas, scikit-learn and
lifetimes (BG/NBD, Gamma-Gamma), or PyMC-Marketing's models fitted by MAP. Everybody cuts the same three standardised
columns with ten starts a K and measures silhouettes exactly up to 20,000 customers. Beyond, so many are drawn: Patron
measures them against all customers, which is unbiased and more work, scikit-learn among themselves.
Value is expected purchases times their expected value, not discounted; days are the unit of time.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from benchmarks import notebook_by_hand as by_hand
from benchmarks import worlds
from benchmarks.features import MEMORY_LIMIT, THREADS
from benchmarks.measuring import Benchmark, Said, Side, Work
from benchmarks.worlds import WORLDS
from patron import features
from patron.engines.duck import DuckEngine
from patron.forecasts.methods import BetaGeoNBD, GammaGamma
from patron.segments.methods import KMeansSegmenter
from patron.segments.methods.internal_indices import silhouettes

AGREE_AT = 2_000
LEAST_RAND = 0.95  # adjusted Rand index of two cuts of the same K from different starts
LARGEST_GAP = {"pandas, scikit-learn, lifetimes": 0.01, "pandas, scikit-learn, PyMC-Marketing": 0.05}
"""How far the total value may lie from Patron's: the same maximum for lifetimes, priors besides for PyMC-Marketing."""
_SEGMENTED = ["days_since_last_order", "orders_count_lifetime", "revenue_sum_lifetime"]
_BTYD = ["btyd_frequency", "btyd_recency_days", "btyd_T_days", "btyd_monetary_mean"]

FloatArray = NDArray[np.float64]


def with_patron(facts_in: Path, out: Path) -> Said:
    """Tiles and features by DuckDB, then the estimators."""
    table = _known(facts_in, out.with_suffix(".tiles"))
    X = np.column_stack([np.log1p(table[column].to_numpy()) for column in _SEGMENTED])
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    cuts = [KMeansSegmenter(k, random_state=0).fit(X).labels_ for k in by_hand.KS]
    widths = [one.value for one in silhouettes(X, cuts, most_rows=by_hand.SILHOUETTE_ROWS)]
    best = int(np.argmax(widths))
    frequency, recency, T, monetary = (table[column].to_numpy(zero_copy_only=False) for column in _BTYD)
    histories, spending = np.column_stack([frequency, recency, T]), np.column_stack([frequency, monetary])
    valued = spending[(frequency > 0) & (monetary > 0)]
    orders = BetaGeoNBD().fit(histories).expected_purchases(histories, by_hand.HORIZON_DAYS)
    value = orders * GammaGamma().fit(valued).expected_value(spending)
    pq.write_table(pa.table({"customer_id": table["customer_id"], "segment": cuts[best], "value_90d": value}), out)
    return {"k": by_hand.KS[best], "silhouette": round(widths[best], 4), "value": round(float(value.sum()))}


def _known(facts_in: Path, tiles_in: Path) -> pa.Table:
    shutil.rmtree(tiles_in, ignore_errors=True)
    tiles_in.mkdir()
    with DuckEngine(threads=THREADS, memory_limit=MEMORY_LIMIT, spill=tiles_in.parent) as engine:
        facts = {"orders": engine.parquet(facts_in / "orders.parquet")}
        known = features.capabilities(facts, engine) & {"orders", "orders.order_revenue"}
        tiles = features.keep(features.tile(facts, known), tiles_in, engine)
        unwanted = {feature.name for feature in tiles.features} - {*_SEGMENTED, *_BTYD}
        return engine.arrow(features.build(tiles, date.fromisoformat(worlds.AS_OF), leave_out=unwanted))


def agree() -> None:
    """Demand the peers' customers, K and cut, and a total value within what the way of fitting allows."""
    asked = [side for side in BENCHMARK.sides if not side.skip()]
    for side in asked:
        side.prepare(AGREE_AT)()
    for peer in asked[1:]:
        _compare(_table("Patron"), _table(peer.name), LARGEST_GAP[peer.name])


def _compare(ours: Path, theirs: Path, allowed: float) -> None:
    with duckdb.connect() as connection:
        both = connection.sql(
            f"SELECT a.segment, b.segment, a.value_90d, b.value_90d FROM '{ours}' AS a"
            f" FULL JOIN '{theirs}' AS b ON a.customer_id = b.customer_id"
        ).fetchnumpy()
    columns = [np.ma.filled(both[name].astype(float), np.nan) for name in both]
    if any(np.isnan(column).any() for column in columns):
        raise AssertionError(f"{theirs.name}: customers or values on one side only.")
    if (rand := adjusted_rand_score(columns[0], columns[1])) < LEAST_RAND:
        raise AssertionError(f"{theirs.name}: another cut, adjusted Rand index {rand:.3f}.")
    if (gap := abs(columns[3].sum() / columns[2].sum() - 1)) > allowed:
        raise AssertionError(f"{theirs.name}: total value differs by {gap:.1%}, more than {allowed:.0%}.")


def _table(side: str) -> Path:
    return WORLDS / f"notebook-{side.lower().replace(', ', '-')}.parquet"


def _side(name: str, work: Callable[[Path, Path], Said], package: str, largest: int = 10**9) -> Side:
    def prepare(size: int) -> Work:
        by_hand.imported(package)
        return lambda: work(worlds.facts(size), _table(name))

    return Side(name, prepare, largest, lambda: "" if find_spec(package) else f"{package} is not installed")


BENCHMARK = Benchmark(
    name="notebook",
    what="RFM, K-Means with K from 2 to 8 by silhouette and value of 90 days, from orders to Parquet; sizes are customers",
    sizes=(10_000, 100_000),
    sides=(
        _side("Patron", with_patron, "patron"),
        _side("pandas, scikit-learn, lifetimes", by_hand.with_lifetimes, "lifetimes"),
        _side("pandas, scikit-learn, PyMC-Marketing", by_hand.with_pymc, "pymc_marketing", largest=10_000),
    ),
    bars=(),
    ready=worlds.facts,
    agree=agree,
)
