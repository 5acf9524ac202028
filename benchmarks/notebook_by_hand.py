"""The notebook of tutorials: pandas, scikit-learn's K-Means, and the purchase models of lifetimes or PyMC-Marketing."""

from __future__ import annotations

import importlib
import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks import worlds
from benchmarks.measuring import Said

if TYPE_CHECKING:
    import pandas as pd

KS = tuple(range(2, 9))
HORIZON_DAYS = 90
SILHOUETTE_ROWS = 20_000
_CHAIN = ("chain", "draw")

FloatArray = NDArray[np.float64]


def imported(package: str) -> None:
    """Import what a side needs, which is nobody's work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in ("pandas", "sklearn.cluster", "sklearn.metrics", *_MODULES[package]):
            importlib.import_module(module)


_MODULES = {
    "patron": (),
    "lifetimes": ("lifetimes", "lifetimes.utils"),
    "pymc_marketing": ("pymc_marketing.clv",),
}


def with_lifetimes(facts_in: Path, out: Path) -> Said:
    """As its documentation shows it: summary, two fitters, two expectations."""
    import lifetimes
    from lifetimes.utils import summary_data_from_transaction_data

    orders = _paid(facts_in)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        seen = summary_data_from_transaction_data(
            orders, "customer_id", "day", "order_revenue", observation_period_end=worlds.AS_OF
        )
        columns = [seen[name] for name in ("frequency", "recency", "T")]
        buying = lifetimes.BetaGeoFitter().fit(*columns)
        purchases = buying.conditional_expected_number_of_purchases_up_to_time(HORIZON_DAYS, *columns)
        again = seen[(seen["frequency"] > 0) & (seen["monetary_value"] > 0)]
        spending = lifetimes.GammaGammaFitter().fit(again["frequency"], again["monetary_value"])
        worth = spending.conditional_expected_average_profit(seen["frequency"], seen["monetary_value"])
    return _written(_segmented(orders), seen.assign(value_90d=purchases * worth), out)


def with_pymc(facts_in: Path, out: Path) -> Said:
    """As its documentation shows it, fitted by MAP under the default priors."""
    from pymc_marketing import clv

    logging.getLogger("pymc").setLevel(logging.ERROR)
    orders = _paid(facts_in)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = clv.utils.rfm_summary(orders, "customer_id", "day", "order_revenue", observation_period_end=worlds.AS_OF)
        buying = clv.BetaGeoModel(data=seen)
        buying.fit(method="map", progressbar=False)
        purchases = buying.expected_purchases(data=seen, future_t=HORIZON_DAYS).mean(_CHAIN).to_numpy()
        spending = clv.GammaGammaModel(data=seen[(seen["frequency"] > 0) & (seen["monetary_value"] > 0)])
        spending.fit(method="map", progressbar=False)
        worth = spending.expected_customer_spend(data=seen).mean(_CHAIN).to_numpy()
    return _written(_segmented(orders), seen.set_index("customer_id").assign(value_90d=purchases * worth), out)


def _paid(facts_in: Path) -> pd.DataFrame:
    import pandas as pd

    columns = ["customer_id", "day", "status", "order_revenue"]
    orders = pd.read_parquet(facts_in / "orders.parquet", columns=columns)
    orders["order_revenue"], orders["day"] = orders["order_revenue"].astype(float), pd.to_datetime(orders["day"])
    return orders[(orders["status"] == "paid") & (orders["day"] < pd.Timestamp(worlds.AS_OF))]


def _segmented(orders: pd.DataFrame) -> tuple[pd.Series, float]:
    """Return each customer's segment under the K with the best silhouette, and that silhouette."""
    import pandas as pd
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score
    from sklearn.preprocessing import StandardScaler

    last = orders.groupby("customer_id").agg(day=("day", "max"), n=("day", "size"), spent=("order_revenue", "sum"))
    rfm = last.assign(day=(pd.Timestamp(worlds.AS_OF) - last["day"]).dt.days)
    X = StandardScaler().fit_transform(np.log1p(rfm))
    cuts = [KMeans(k, n_init=10, random_state=0).fit_predict(X) for k in KS]
    rows = min(SILHOUETTE_ROWS, len(X))
    widths = [silhouette_score(X, cut, sample_size=rows, random_state=0) for cut in cuts]
    best = int(np.argmax(widths))
    return pd.Series(cuts[best], rfm.index, name="segment"), float(widths[best])


def _written(segments: tuple[pd.Series, float], valued: pd.DataFrame, out: Path) -> Said:
    segment, width = segments
    table = segment.to_frame().join(valued["value_90d"])
    table.reset_index().to_parquet(out)
    k, value = int(segment.nunique()), round(float(table["value_90d"].sum()))
    return {"k": k, "silhouette": round(width, 4), "value": value}
