"""Chart options as plain data.

Values that begin with "@" are tokens for the page's script: colours of the current theme (`@c1`…`@c6`, `@ink`,
`@muted`) and number formats of the page's language (`@money`, `@percent`, `@count`). Every point carries its own
`tip`, already written in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Options = dict[str, object]

LABELLED = 0.015


@dataclass(frozen=True, slots=True)
class Series:
    """One run of values with the words that a pointer shows over each of them, and from where to where each may lie."""

    name: str
    values: Sequence[float]
    tips: Sequence[str]
    colour: str
    spread: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """One rectangle of a treemap."""

    name: str
    value: float
    tip: str
    colour: str


def pyramid(levels: Sequence[str], left: Series, right: Series) -> Options:
    """Two shares per level, back to back, so that few customers against much money is seen at once."""
    widest = max([*left.values, *right.values, 0.01])
    value = {"type": "value", "max": widest * 1.75, "show": False}
    category = {**_category(levels), "axisLabel": {"color": "@ink", "fontWeight": 600, "fontSize": 13}}
    bars = {"barWidth": "62%"}
    return {
        "grid": [
            {"left": 76, "right": "54%", "top": 34, "bottom": 8},
            {"left": "47%", "right": 0, "top": 34, "bottom": 8},
        ],
        "title": [
            {"text": left.name, "right": "54%", "top": 0, "padding": 0, "textStyle": _SMALL},
            {"text": right.name, "left": "47%", "top": 0, "padding": 0, "textStyle": _SMALL},
        ],
        "xAxis": [{**value, "gridIndex": 0, "inverse": True}, {**value, "gridIndex": 1}],
        "yAxis": [{**category, "gridIndex": 0}, {**category, "gridIndex": 1, "axisLabel": {"show": False}}],
        "series": [
            {**_bars(left, labelled="left"), **bars, "xAxisIndex": 0, "yAxisIndex": 0},
            {**_bars(right, labelled="right"), **bars, "xAxisIndex": 1, "yAxisIndex": 1},
        ],
        "tooltip": {"trigger": "item"},
    }


def lorenz(shares: Sequence[float], held: Sequence[float], tips: Sequence[str], names: tuple[str, str, str]) -> Options:
    """The Lorenz curve against the diagonal; `names` are curve, diagonal and both axes' words joined by a bar."""
    curve, diagonal, axes = names
    x_name, y_name = axes.split("|")
    return {
        "grid": {"left": 8, "right": 24, "top": 40, "bottom": 30, "containLabel": True},
        "legend": {"top": 0, "left": 0, "data": [curve, diagonal]},
        "xAxis": {**_percent_axis(x_name), "nameLocation": "middle", "nameGap": 28},
        "yAxis": {**_percent_axis(y_name), "name": "", "min": min(0.0, *held)},
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "name": curve,
                "type": "line",
                "data": [{"value": [x, y], "tip": tip} for x, y, tip in zip(shares, held, tips, strict=True)],
                "symbol": "circle",
                "symbolSize": 5,
                "itemStyle": {"color": "@c1"},
                "lineStyle": {"width": 3, "color": "@c1"},
                "areaStyle": {"color": "@c1", "opacity": 0.12},
            },
            {
                "name": diagonal,
                "type": "line",
                "data": [[0, 0], [1, 1]],
                "showSymbol": False,
                "silent": True,
                "itemStyle": {"color": "@muted"},
                "lineStyle": {"type": "dashed", "width": 1.5, "color": "@muted"},
            },
        ],
    }


def treemap(tiles: Sequence[Tile]) -> Options:
    """Rectangles whose area is a share of the whole; those too small for their name go without it."""
    whole = sum(tile.value for tile in tiles)
    return {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "treemap",
                "roam": False,
                "nodeClick": False,
                "breadcrumb": {"show": False},
                "left": 0,
                "right": 0,
                "top": 0,
                "bottom": 0,
                "itemStyle": {"borderColor": "@surface", "borderWidth": 2, "gapWidth": 2},
                "label": {"overflow": "truncate", "fontSize": 13, "lineHeight": 17},
                "data": [
                    {
                        "name": tile.name,
                        "value": tile.value,
                        "tip": tile.tip,
                        "itemStyle": {"color": tile.colour},
                        "label": {"color": ink_on(tile.colour)} if tile.value >= LABELLED * whole else {"show": False},
                    }
                    for tile in tiles
                ],
            }
        ],
    }


def ranking(names: Sequence[str], series: Sequence[Series], axis_format: str) -> Options:
    """Horizontal bars, longest first as given; names break over two lines rather than shrink the bars."""
    return {
        "grid": {
            "left": 14,
            "right": 28,
            "top": 34 if len(series) > 1 else 8,
            "bottom": 8,
            "containLabel": True,
        },
        "legend": {"show": len(series) > 1, "top": 0, "left": 0},
        "xAxis": {"type": "value", "splitNumber": 4, "axisLabel": {"formatter": axis_format, "hideOverlap": True}},
        "yAxis": {**_category(names), "axisLabel": {"width": 118, "overflow": "break", "color": "@ink"}},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "series": [{**_bars(one), **_whiskers(one)} for one in series],
    }


def columns(names: Sequence[str], series: Sequence[Series], axis_format: str, x_name: str = "") -> Options:
    """Vertical bars side by side; a series of one colour per name is compared across names."""
    return {
        "grid": {"left": 8, "right": 12, "top": 40, "bottom": 30 if x_name else 20, "containLabel": True},
        "legend": {"show": len(series) > 1, "top": 0, "left": 0},
        "xAxis": {
            "type": "category",
            "data": list(names),
            "name": x_name,
            "nameLocation": "middle",
            "nameGap": 28,
            "axisTick": {"show": False},
            "axisLabel": {"interval": 0, "width": 76, "overflow": "break"},
        },
        "yAxis": {"type": "value", "splitNumber": 4, "axisLabel": {"formatter": axis_format}},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "series": [_bars(one) for one in series],
    }


def lines(
    names: Sequence[str], series: Sequence[Series], axis_format: str, x_name: str, top: float | None = None
) -> Options:
    """Lines over ordered categories; different markers keep them apart without colour; `top` ends the axis."""
    markers = ("circle", "rect", "triangle", "diamond", "pin")
    return {
        "grid": {"left": 8, "right": 20, "top": 40, "bottom": 30, "containLabel": True},
        "legend": {"show": len(series) > 1, "top": 0, "left": 0},
        "xAxis": {
            "type": "category",
            "data": list(names),
            "name": x_name,
            "nameLocation": "middle",
            "nameGap": 28,
            "boundaryGap": False,
        },
        "yAxis": {"type": "value", "min": 0, "max": top, "splitNumber": 4, "axisLabel": {"formatter": axis_format}},
        "tooltip": {"trigger": "axis"},
        "series": [
            {
                "name": one.name,
                "type": "line",
                "symbol": markers[i % len(markers)],
                "symbolSize": 7,
                "data": _points(one),
                "itemStyle": {"color": one.colour},
                "lineStyle": {"width": 2.5, "color": one.colour},
            }
            for i, one in enumerate(series)
        ],
    }


def ink_on(colour: str) -> str:
    """Return the text colour, near-black or white, that reads better on a background (WCAG relative luminance).

    >>> ink_on("#56b4e9"), ink_on("#0072b2")
    ('#14181d', '#ffffff')
    """
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#14181d" if (luminance + 0.05) / 0.0585 > 1.05 / (luminance + 0.05) else "#ffffff"


_SMALL = {"fontSize": 13, "fontWeight": 600, "color": "@muted"}


def _category(names: Sequence[str]) -> Options:
    return {
        "type": "category",
        "data": list(names),
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"show": False},
    }


def _percent_axis(name: str) -> Options:
    return {"type": "value", "name": name, "max": 1, "splitNumber": 5, "axisLabel": {"formatter": "@percent"}}


def _whiskers(series: Series) -> Options:
    """Return a line across each horizontal bar, from one end of its spread to the other."""
    if not series.spread:
        return {}
    ends = [[{"coord": [low, i]}, {"coord": [high, i]}] for i, (low, high) in enumerate(series.spread)]
    stroke = {"type": "solid", "width": 2, "color": "@ink"}
    return {
        "markLine": {
            "silent": True,
            "animation": False,
            "symbol": "rect",
            "symbolSize": [12, 2],
            "label": {"show": False},
            "lineStyle": stroke,
            "data": ends,
        }
    }


def _points(series: Series) -> list[Options]:
    return [{"value": value, "tip": tip} for value, tip in zip(series.values, series.tips, strict=True)]


def _bars(series: Series, labelled: str = "") -> Options:
    label = {"show": True, "position": labelled, "formatter": "@percent", "color": "@ink"} if labelled else {}
    return {
        "name": series.name,
        "type": "bar",
        "data": _points(series),
        "itemStyle": {"color": series.colour, "borderRadius": 2},
        "barMaxWidth": 34,
        "label": label,
    }
