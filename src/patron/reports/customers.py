"""Every customer once, as aligned arrays: what the chapters count and add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.contracts.cards import SchemeCard
from patron.measures import late_not_lost
from patron.reports.inputs import ReportInput

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

TIERS = ("platinum", "gold", "silver", "bronze")
LIFECYCLES = ("new", "active", "reactivated", "at_risk", "dormant", "churned", "prospect")


@dataclass(frozen=True, slots=True)
class Customers:
    """Arrays of shape (n_customers,) in the row order of `profiles`; NaN or -1 where a customer has no value.

    `segment` indexes the main scheme's cards, `tier` and `lifecycle` index `TIERS` and `LIFECYCLES`; `expected`
    is the predicted net revenue over `horizon_days` (0: there is no forecast), `margin` what of it is margin. `worth`
    is what a customer is weighed by: net revenue so far, or orders where there is no money (no gaps). `overdue` is days
    since the last order over the usual gap; `slipping` are customers who are late but not lost, as
    `measures.late_not_lost` defines it.
    """

    ids: pa.Array
    orders: FloatArray
    revenue: FloatArray
    days_since_last: FloatArray
    days_since_first: FloatArray
    gap_days: FloatArray
    segment: IntArray
    r_score: IntArray
    fm_score: IntArray
    tier: IntArray
    lifecycle: IntArray
    expected: FloatArray
    repurchase: FloatArray
    margin: FloatArray
    has_money: bool
    worth: FloatArray
    overdue: FloatArray
    slipping: BoolArray
    horizon_days: int
    model: str

    @property
    def n(self) -> int:
        """How many customers there are."""
        return int(self.orders.size)

    @property
    def has_forecast(self) -> bool:
        """Whether there is a forecast of money."""
        return bool(np.isfinite(self.expected).any())


def read_customers(story: ReportInput, scheme: SchemeCard) -> Customers:
    """Align segments and forecasts with the profiles, without a Python loop over customers."""
    profiles = story.profiles
    ids = profiles["customer_id"].combine_chunks()
    cut = _aligned(ids, story.segments.filter(pc.equal(story.segments["scheme"], scheme.key)))
    horizon = main_horizon(story.forecasts)
    ahead = _aligned(ids, story.forecasts.filter(pc.equal(story.forecasts["horizon_days"], horizon)))
    orders, revenue = (
        np.nan_to_num(_reals(profiles["orders_count_lifetime"])),
        _reals(profiles["net_revenue_sum_lifetime"]),
    )
    has_money = bool(np.isfinite(revenue).any())
    first, last = _reals(profiles["days_since_first_order"]), _reals(profiles["days_since_last_order"])
    gap = _reals(profiles["order_gap_days_mean_lifetime"])
    repurchase = _reals(ahead["repurchase_probability"])
    return Customers(
        ids=ids,
        orders=orders,
        revenue=revenue,
        days_since_last=last,
        days_since_first=first,
        gap_days=gap,
        segment=codes(cut["segment_key"], [card.key for card in scheme.segments]),
        r_score=_scores(cut["r_score"]),
        fm_score=_fm(_scores(cut["f_score"]), _scores(cut["m_score"])),
        tier=codes(cut["value_tier"], TIERS),
        lifecycle=codes(cut["lifecycle_stage"], LIFECYCLES),
        expected=_reals(ahead["predicted_clv"]),
        repurchase=repurchase,
        margin=_reals(ahead["predicted_margin"]),
        has_money=has_money,
        worth=np.nan_to_num(revenue if has_money else orders),
        overdue=_ratio(last, gap),
        slipping=late_not_lost(_order_days(first, last, gap), gap, last, repurchase),
        horizon_days=horizon,
        model=_most_common(ahead["model"]),
    )


def _ratio(days: FloatArray, gap_days: FloatArray) -> FloatArray:
    ratio = np.full(days.size, np.nan)
    np.divide(days, gap_days, out=ratio, where=np.nan_to_num(gap_days) > 0)
    return ratio


def _order_days(first: FloatArray, last: FloatArray, gap_days: FloatArray) -> FloatArray:
    """Return on how many different days each customer ordered: several orders of one day make no gap."""
    days: FloatArray = np.rint(np.nan_to_num(_ratio(first - last, gap_days))) + 1.0
    return days


def segment_codes(story: ReportInput, scheme: SchemeCard, ids: pa.Array) -> IntArray:
    """Return each customer's position among the scheme's segments, -1 where the scheme has no place for them."""
    rows = _aligned(ids, story.segments.filter(pc.equal(story.segments["scheme"], scheme.key)))
    return codes(rows["segment_key"], [card.key for card in scheme.segments])


def main_horizon(forecasts: pa.Table) -> int:
    """Return the longest horizon of which a chance of an order is published, else the longest; 0 when there is none."""
    said = forecasts.filter(pc.is_valid(forecasts["repurchase_probability"]))
    horizon = pc.max((said if said.num_rows else forecasts)["horizon_days"]).as_py()
    return int(horizon) if horizon is not None else 0


def codes(column: pa.ChunkedArray | pa.Array, known: Sequence[str] | pa.Array) -> IntArray:
    """Return each value's position in `known`, -1 where it is missing or unknown."""
    wanted = known if isinstance(known, pa.Array) else pa.array(known, pa.string())
    found = pc.index_in(column, value_set=wanted)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _aligned(ids: pa.Array, table: pa.Table) -> pa.Table:
    others = table["customer_id"].combine_chunks()
    return table if others.equals(ids) else table.take(pc.index_in(ids, value_set=others))


def _reals(column: pa.ChunkedArray) -> FloatArray:
    filled = pc.fill_null(column.cast(pa.float64()), float("nan"))
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.float64)


def _scores(column: pa.ChunkedArray) -> IntArray:
    return np.asarray(pc.fill_null(column, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _fm(f_score: IntArray, m_score: IntArray) -> IntArray:
    both = (f_score > 0) & (m_score > 0)
    return np.where(both, (f_score + m_score + 1) // 2, f_score)


def _most_common(column: pa.ChunkedArray) -> str:
    counts = pc.value_counts(column.drop_null().combine_chunks()).to_pylist()
    return max(counts, key=lambda entry: entry["counts"])["values"] if counts else ""
