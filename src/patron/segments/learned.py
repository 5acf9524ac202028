"""The learned cut: a fitted segmenter, its segments best first with their names, and who they were learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from patron.contracts.cards import SchemeCard, SegmentCard
from patron.segments.methods.drift import Population
from patron.segments.methods.naming import Name
from patron.segments.methods.segmenter import Segmenter, restored
from patron.segments.methods.telling_apart import Pair
from patron.segments.rows import FloatArray

IntArray = NDArray[np.int64]

LEARNED = "learned"
PALETTE = (
    "#0b6e4f", "#56b4e9", "#e69f00", "#7f8fa3", "#8e6bbf", "#b5a642", "#d55e00", "#2f9e75", "#a3302a", "#c9a27e",
)  # fmt: skip
EVERYONE = Name("Everyone", "全体客户", "All customers, in one segment.", "所有客户，归为一群。")
UNLIKE = Name(
    "Unlike any group",
    "不属于任何群体",
    "Customers in no dense group: unlike their neighbours, and often unlike one another.",
    "不在任何密集群体中的客户：与周围客户不同，彼此也往往不同。",
)


@dataclass(frozen=True, slots=True)
class LearnedCut:
    """A cut that places anyone, and what people call its segments.

    Args:
        method: one of `SEGMENTERS`.
        segmenter: fitted on prepared customers; None: everyone is one segment.
        positions: for each label of the segmenter, the segment's position in the card, best first.
        population: who it was learned from, by the positions.
        card: the segments.
        n_learned: how many customers it was learned from.
        marks: per segment of the card, what may tell it apart from an earlier one of its name; not kept on disk.
    """

    method: str
    segmenter: Segmenter | None
    positions: IntArray
    population: Population
    card: SchemeCard
    n_learned: int
    marks: tuple[tuple[Pair, ...], ...] = ()

    def assign(self, prepared: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each row's segment, its membership (0-1) and its distance to the segment's centre."""
        if self.segmenter is None:
            n = prepared.shape[0]
            return np.zeros(n, dtype=np.int64), np.ones(n), np.zeros(n)
        labels, membership, distance = self.segmenter.assign(prepared)
        return self.positions[labels], membership, distance

    def withheld(self, why_en: str, why_zh: str) -> LearnedCut:
        """Return what is published instead of a cut that may not be: everyone in one segment, with the reason."""
        card = replace(card_of([EVERYONE]), meaning_en=why_en, meaning_zh=why_zh)
        population = replace(self.population, reach=np.zeros(1))
        return replace(
            self, segmenter=None, positions=np.zeros(1, dtype=np.int64), population=population, card=card, marks=()
        )

    def to_parts(self) -> dict[str, Any]:
        """Return the cut as JSON-able values."""
        segments = [
            [s.key, s.name_en, s.name_zh, s.meaning_en, s.meaning_zh, s.colour, s.order] for s in self.card.segments
        ]
        return {
            "method": self.method,
            "segmenter": None if self.segmenter is None else self.segmenter.to_parts(),
            "positions": self.positions.tolist(),
            "population": self.population.to_parts(),
            "n_learned": self.n_learned,
            "words": [self.card.name_en, self.card.name_zh, self.card.meaning_en, self.card.meaning_zh],
            "segments": segments,
        }

    @classmethod
    def from_parts(cls, parts: Mapping[str, Any]) -> LearnedCut:
        """Rebuild the cut from `to_parts`."""
        method, said = str(parts["method"]), parts["segmenter"]
        name_en, name_zh, meaning_en, meaning_zh = parts["words"]
        segments = tuple(SegmentCard(*values) for values in parts["segments"])
        return cls(
            method,
            None if said is None else restored(method, said),
            np.asarray(parts["positions"], dtype=np.int64),
            Population.from_parts(parts["population"]),
            SchemeCard(LEARNED, name_en, name_zh, meaning_en, meaning_zh, segments),
            int(parts["n_learned"]),
        )


def card_of(names: list[Name], why_en: str = "", why_zh: str = "") -> SchemeCard:
    """Return the card of segments with these names, best first."""
    segments = tuple(
        SegmentCard(f"group_{i + 1}", it.en, it.zh, it.meaning_en, it.meaning_zh, PALETTE[i % len(PALETTE)], i)
        for i, it in enumerate(names)
    )
    return SchemeCard(LEARNED, "Learned groups", "学习得到的分群", why_en, why_zh, segments)
