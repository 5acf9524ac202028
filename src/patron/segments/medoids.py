"""Customers who stand for their segment: those most like all its others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from patron.contracts.cards import SchemeCard
from patron.contracts.segment_tables import SEGMENT_MEDOIDS
from patron.segments.methods.profiling import relative_standing
from patron.segments.profiles import numbers_of, positions_of

MOST_MEDOIDS = 3


def build_medoids(segments: pa.Table, features: pa.Table, cards: Sequence[SchemeCard]) -> pa.Table:
    """Name the customers who stand for each segment.

    Customers are compared by their rank in every feature, -1 to 1, the absent in the middle. The one with the least
    sum of squared differences to all others of the segment is the one nearest to their mean, so time grows with
    customers · features, not with pairs of customers.

    Args:
        segments: what `apply` made.
        features: as for `build_profiles`; medoids are looked for among the customers that it profiles.
        cards: the schemes.

    Returns:
        The published table `segment_medoids`, at most three customers a segment.
    """
    _, matrix, ids = numbers_of(features)
    spots = np.nan_to_num(relative_standing(matrix))
    as_of = segments["as_of"][0].as_py() if segments.num_rows else None
    names = ids.to_pylist()
    rows: list[dict[str, Any]] = []
    for card in cards:
        labels = positions_of(segments, card, ids)
        for position, segment in enumerate(card.segments):
            members = np.flatnonzero(labels == position)
            if not members.size or not spots.shape[1]:
                continue
            away = np.sqrt(((spots[members] - spots[members].mean(axis=0)) ** 2).mean(axis=1))
            nearest = np.lexsort((members, np.round(away, 9)))[:MOST_MEDOIDS]
            rows += [
                {
                    "scheme": card.key,
                    "segment_key": segment.key,
                    "segment_name": segment.name_en,
                    "segment_name_zh": segment.name_zh,
                    "rank": rank,
                    "customer_id": names[members[i]],
                    "distance": float(away[i]),
                    "as_of": as_of,
                }
                for rank, i in enumerate(nearest, start=1)
            ]
    return SEGMENT_MEDOIDS.check(pa.Table.from_pylist(rows, schema=SEGMENT_MEDOIDS.schema))
