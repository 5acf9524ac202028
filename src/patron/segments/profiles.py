"""What every segment is: its size, its share of the money, and what sets it apart, in numbers and in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.contracts.segment_tables import SEGMENT_PROFILES
from patron.ground.errors import MissingColumns
from patron.segments.methods.profiling import Profiles, profile, relative_standing
from patron.segments.rows import MONEY, ORDERS
from patron.segments.words import feature_words, said_number, told

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_KEYS = ("customer_id", "as_of")
_MOST_ROWS = 50_000
_MOST_TOLD = 3
_LEAST_LIFT = 0.15
_WINDOW = re.compile(r"_(\d+d|lifetime)$")


@dataclass(frozen=True, slots=True)
class SegmentStory:
    """One segment in words.

    Args:
        scheme, key: which segment.
        customers: how many are in it.
        customer_share: of all customers, 0-1.
        revenue_share: of all net revenue so far (of all orders, for shops without money), 0-1.
        told_en, told_zh: size, share and what sets it apart, in a sentence or two.
    """

    scheme: str
    key: str
    customers: int
    customer_share: float
    revenue_share: float
    told_en: str
    told_zh: str


def build_profiles(segments: pa.Table, features: pa.Table, cards: Sequence[SchemeCard], *, seed: int = 0) -> pa.Table:
    """Profile every segment of every scheme by every feature.

    Args:
        segments: what `apply` made.
        features: `customer_id` and numeric columns of the same snapshot; null means absent. At most 50,000 customers,
            evenly spread over the table, are profiled: a median does not need more.
        cards: the model's cards.
        seed: of the bootstrap.

    Returns:
        The published table `segment_profiles`; segments without customers have no rows.
    """
    names, matrix, ids = numbers_of(features)
    standing = relative_standing(matrix)
    as_of = segments["as_of"][0].as_py() if segments.num_rows else None
    parts = []
    for card in cards:
        labels = positions_of(segments, card, ids)
        found = profile(matrix, labels, len(card.segments), standing=standing, seed=seed)
        used = [i for i in range(len(card.segments)) if (labels == i).any()]
        parts += [_rows(card, i, names, found) for i in used]
    if not parts:
        return SEGMENT_PROFILES.empty()
    whole = pa.concat_tables(parts)
    return SEGMENT_PROFILES.check(whole.append_column("as_of", pa.array([as_of] * whole.num_rows, pa.date32())))


def describe(
    segments: pa.Table, features: pa.Table, profiles: pa.Table, cards: Sequence[SchemeCard]
) -> tuple[SegmentStory, ...]:
    """Tell every segment that has customers, in English and in Chinese.

    Args:
        segments: what `apply` made.
        features: `customer_id`, `orders_count_lifetime` and, where the shop has money, `net_revenue_sum_lifetime`.
        profiles: what `build_profiles` made.
        cards: the model's cards.
    """
    worth, is_money = _worth(features)
    ids = features["customer_id"]
    stories = []
    for card in cards:
        labels = positions_of(segments, card, ids)
        counts = np.bincount(labels[labels >= 0], minlength=len(card.segments))
        held = np.bincount(labels[labels >= 0], worth[labels >= 0], len(card.segments))
        total = float(held.sum()) or 1.0
        mine = profiles.filter(pc.equal(profiles["scheme"], card.key))
        for i, segment in enumerate(card.segments):
            if counts[i]:
                size = _Size(int(counts[i]), counts[i] / max(labels.size, 1), float(held[i]) / total, is_money)
                stories.append(_story(card, segment, size, mine))
    return tuple(stories)


@dataclass(frozen=True, slots=True)
class _Size:
    customers: int
    share: float
    worth_share: float
    is_money: bool


def _story(card: SchemeCard, segment: SegmentCard, size: _Size, profiles: pa.Table) -> SegmentStory:
    rows = profiles.filter(pc.equal(profiles["segment_key"], segment.key)).sort_by("rank").to_pylist()
    telling = _first_of_each_kind([row for row in rows if _is_telling(row)])[:_MOST_TOLD]
    what_en, what_zh = ("revenue", "收入") if size.is_money else ("orders", "订单")
    apart_en = "; ".join(_trait(row, "en") for row in telling)
    apart_zh = ";".join(_trait(row, "zh") for row in telling)
    en = f"{segment.name_en}: {size.customers:,} customers ({size.share:.1%}), {size.worth_share:.1%} of {what_en}."
    zh = f"{segment.name_zh}：{size.customers:,} 人（{size.share:.1%}），贡献 {size.worth_share:.1%} 的{what_zh}。"
    return SegmentStory(
        card.key,
        segment.key,
        size.customers,
        float(size.share),
        size.worth_share,
        en + (f" What sets them apart: {apart_en}." if telling else ""),
        zh + (f"与众不同之处：{apart_zh}。" if telling else ""),
    )


def _is_telling(row: Mapping[str, Any]) -> bool:
    said = row["feature"] in told() and row["median"] is not None and row["median"] != row["base_median"]
    return said and row["is_different"] and abs(row["lift"]) >= _LEAST_LIFT


def _first_of_each_kind(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Keep one row of those that differ only in their window of days."""
    kinds: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        kinds.setdefault(_WINDOW.sub("", row["feature"]), row)
    return list(kinds.values())


def _trait(row: Mapping[str, Any], language: str) -> str:
    words = feature_words(row["feature"])
    own, base = (said_number(row[name], words["unit"]) for name in ("median", "base_median"))
    if language == "zh":
        return f"{words['zh']} {own}(全体中位 {base})"
    return f"{words['en']} {own} (median of all: {base})"


def numbers_of(features: pa.Table) -> tuple[list[str], FloatArray, pa.ChunkedArray]:
    """Return the names of the numeric columns, their values (n, p), and the customers, evenly drawn where many."""
    if "customer_id" not in features.column_names:
        raise MissingColumns.found("segments.build_profiles", ["customer_id"], features.column_names)
    step = max(1, -(-features.num_rows // _MOST_ROWS))
    part = features.take(pa.array(np.arange(0, features.num_rows, step))) if step > 1 else features
    names = [
        f.name
        for f in part.schema
        if f.name not in _KEYS and (pa.types.is_floating(f.type) or pa.types.is_integer(f.type))
    ]
    columns = [np.asarray(part[name].cast(pa.float64()).to_numpy(), dtype=np.float64) for name in names]
    matrix = np.column_stack(columns) if columns else np.empty((part.num_rows, 0))
    return names, matrix, part["customer_id"]


def positions_of(segments: pa.Table, card: SchemeCard, ids: pa.ChunkedArray) -> IntArray:
    """Return the position in the card of each customer's segment, -1 for those without one."""
    rows = segments.filter(pc.equal(segments["scheme"], card.key))
    keys = pa.array([segment.key for segment in card.segments], pa.string())
    positions = pc.index_in(rows["segment_key"], keys)
    at = pc.index_in(ids, rows["customer_id"].combine_chunks())
    found = pc.fill_null(positions.take(at), -1)
    return np.asarray(
        found.to_numpy(zero_copy_only=False) if isinstance(found, pa.Array) else found.to_numpy(), dtype=np.int64
    )


def _worth(features: pa.Table) -> tuple[FloatArray, bool]:
    has_money = MONEY in features.column_names and features[MONEY].null_count < features.num_rows
    column = features[MONEY if has_money else ORDERS].cast(pa.float64())
    return np.nan_to_num(np.asarray(column.to_numpy(), dtype=np.float64)), has_money


def _rows(card: SchemeCard, position: int, names: Sequence[str], found: Profiles) -> pa.Table:
    segment, n = card.segments[position], len(names)
    return pa.table(
        {
            "scheme": [card.key] * n,
            "segment_key": [segment.key] * n,
            "segment_name": [segment.name_en] * n,
            "segment_name_zh": [segment.name_zh] * n,
            "feature": list(names),
            "median": _nullable(found.median[position]),
            "base_median": _nullable(found.base_median),
            "lift": found.lift[position],
            "lift_lower": found.lift_lower[position],
            "lift_upper": found.lift_upper[position],
            "is_different": found.is_different[position],
            "share_present": found.share_present[position],
            "rank": found.rank[position],
        }
    )


def _nullable(values: FloatArray) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))
