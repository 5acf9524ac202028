"""A Sankey diagram's options as plain data: two rows of boxes and the bands between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patron.reports.charts import Options


@dataclass(frozen=True, slots=True)
class Box:
    """One box: what tells it apart, on which side it stands, its name, its colour and the words over it."""

    id: str
    depth: int
    name: str
    colour: str
    tip: str


@dataclass(frozen=True, slots=True)
class Band:
    """One band from a box on the left to a box on the right, as wide as its value."""

    source: str
    target: str
    value: float
    tip: str


def sankey(boxes: Sequence[Box], bands: Sequence[Band]) -> Options:
    """Boxes on the left and on the right in the order given, with the bands between them in the left box's colour."""
    return {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 4,
                "top": 8,
                "bottom": 8,
                "nodeGap": 13,
                "nodeWidth": 14,
                "layoutIterations": 0,
                "draggable": False,
                "lineStyle": {"color": "source", "opacity": 0.35, "curveness": 0.5},
                "emphasis": {"focus": "adjacency"},
                "data": [_box(one) for one in boxes],
                "links": [
                    {"source": one.source, "target": one.target, "value": one.value, "tip": one.tip} for one in bands
                ],
            }
        ],
    }


def _box(one: Box) -> Options:
    side = "right" if one.depth == 0 else "left"
    return {
        "name": one.id,
        "depth": one.depth,
        "tip": one.tip,
        "itemStyle": {"color": one.colour},
        "label": {"position": side, "formatter": one.name, "color": "@ink", "fontSize": 12},
    }
