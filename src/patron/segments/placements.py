"""Where every customer stands, as rows of the published table `segments`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from patron.contracts.cards import SchemeCard
from patron.contracts.segment_tables import SEGMENTS
from patron.segments.methods.lifecycle import STAGES
from patron.segments.methods.personal_cadence import OVERDUE, UNKNOWN
from patron.segments.methods.value_tiers import TIERS
from patron.segments.rows import Rows
from patron.segments.scores import IntArray, Scores

Because = tuple[pa.Array, pa.Array]  # English, Chinese


def columns_of_all(rows: Rows, scores: Scores, stages: IntArray, tiers: IntArray) -> dict[str, Any]:
    """Return what is the same in every scheme."""
    return {
        "customer_id": rows.customer_id,
        "membership": np.ones(rows.n),
        "distance": pa.nulls(rows.n, pa.float64()),
        "fits_segment": pa.nulls(rows.n, pa.bool_()),
        "r_score": _score_column(scores.r),
        "f_score": _score_column(scores.f),
        "m_score": _score_column(scores.m),
        "value_tier": _words(tiers, TIERS),
        "lifecycle_stage": _words(stages, STAGES),
        "placed_because": pa.nulls(rows.n, pa.string()),
        "placed_because_zh": pa.nulls(rows.n, pa.string()),
        "as_of": pa.array([rows.as_of], pa.date32()).take(pa.array(np.zeros(rows.n, dtype=np.int64))),
    }


def table(card: SchemeCard, positions: IntArray, common: dict[str, Any]) -> pa.Table:
    """Return one scheme's rows."""
    columns = {
        **common,
        "segment_key": _words(positions, [segment.key for segment in card.segments]),
        "segment_name": _words(positions, [segment.name_en for segment in card.segments]),
        "scheme": _words(np.zeros(positions.size, dtype=np.int64), [card.key]),
    }
    return pa.table({name: columns[name] for name in SEGMENTS.names})


def because(rows: Rows, moved: IntArray) -> dict[str, pa.Array]:
    """Say of whomever their own rhythm has moved why; of the others nothing."""
    is_late = pa.array(moved == OVERDUE)
    days, gap = _text(rows.days_since_last, 0), _text(rows.usual_gap_days, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = _text(rows.days_since_last / rows.usual_gap_days, 1)
    late_en = _joined("Silent for ", days, " days, ", ratio, " times the usual ", gap, ": late by their own rhythm.")
    late_zh = _joined("已沉默 ", days, " 天，为平时间隔 ", gap, " 天的 ", ratio, " 倍：按其自身节奏已逾期。")
    here_en = _joined("Silent for ", days, " days, within the usual ", gap, ": not late by their own rhythm.")
    here_zh = _joined("已沉默 ", days, " 天，未超过平时间隔 ", gap, " 天：按其自身节奏并未逾期。")
    told = pa.array(moved != UNKNOWN)
    nothing = pa.scalar(None, pa.string())
    return {
        "placed_because": pc.if_else(told, pc.if_else(is_late, late_en, here_en), nothing),
        "placed_because_zh": pc.if_else(told, pc.if_else(is_late, late_zh, here_zh), nothing),
    }


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*(pa.scalar(it) if isinstance(it, str) else it for it in parts), pa.scalar(""))


def _text(values: np.ndarray[tuple[int], np.dtype[np.float64]], digits: int) -> pa.Array:
    rounded = pa.array(np.round(values, digits), from_pandas=True)
    return (pc.cast(rounded, pa.int64()) if digits == 0 else rounded).cast(pa.string())


def _words(positions: IntArray, words: Any) -> pa.Array:
    return pa.array(list(words), pa.string()).take(pa.array(positions))


def _score_column(scores: IntArray) -> pa.Array:
    return pa.array(scores, pa.int64(), mask=scores == 0)
