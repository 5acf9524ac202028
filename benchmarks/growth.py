"""How seconds grow with size, as a picture: `benchmarks/results/growth.svg`, drawn from the JSON files beside it.

One panel a benchmark, both axes logarithmic, a line for every side that was measured at three sizes or more. The
legend gives the exponent b of seconds = c · size^b that fits the line best: 1 is linear.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESULTS = Path(__file__).parent / "results"
PICTURE = RESULTS / "growth.svg"
_LEAST_SIZES = 3
_PANELS_A_ROW = 3
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6d1f")  # Okabe and Ito's
_MARKERS = "os^Dv<P"
_STYLE = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "sans-serif",
    "font.size": 9,
    "svg.fonttype": "none",  # letters stay letters
    "svg.hashsalt": "patron",  # the same numbers give the same file
}

Curve = list[tuple[int, float]]


def curves(said: Mapping[str, Any]) -> dict[str, Curve]:
    """Return (size, median seconds) of every side of one result that was measured at enough sizes."""
    found: dict[str, Curve] = {}
    for one in said["measured"]:
        found.setdefault(one["side"], []).append((one["size"], statistics.median(one["seconds"])))
    return {side: sorted(curve) for side, curve in found.items() if len(curve) >= _LEAST_SIZES}


def draw(names: Iterable[str]) -> bool:
    """Draw the picture from the results of the named benchmarks; return whether it is there, drawn now or before."""
    there = [(name, RESULTS / f"{name}.json") for name in names]
    read = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in there if path.exists()}
    panels = {name: found for name, said in read.items() if (found := curves(said))}
    if panels and find_spec("matplotlib"):
        _drawn(panels, {name: said["growth"] for name, said in read.items()})
    return PICTURE.exists()


def _drawn(panels: Mapping[str, Mapping[str, Curve]], growth: Mapping[str, Mapping[str, float]]) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_STYLE):
        rows = -(-len(panels) // _PANELS_A_ROW)
        figure = Figure(figsize=(4 * _PANELS_A_ROW, 3.2 * rows), layout="constrained", facecolor="white")
        axes = figure.subplots(rows, _PANELS_A_ROW, squeeze=False).flat
        for name, found in panels.items():
            _panel(next(axes), name, found, growth[name])
        for spare in axes:
            spare.set_axis_off()
        figure.savefig(PICTURE, metadata={"Date": None})


def _panel(axes: Axes, name: str, found: Mapping[str, Curve], growth: Mapping[str, float]) -> None:
    for i, (side, curve) in enumerate(found.items()):
        sizes, seconds = zip(*curve, strict=True)
        axes.loglog(sizes, seconds, _MARKERS[i] + "-", color=_COLOURS[i], label=f"{side}: {growth[side]:.2f}")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high * 10 ** (0.3 * len(found)))  # room for the legend above the lines
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
        axis.set_minor_formatter(lambda *_: "")
    axes.set_title(name, loc="left", fontweight="bold")
    axes.set_xlabel("size")
    axes.set_ylabel("seconds")
    axes.grid(visible=True, which="major", color="#e4e4e4", linewidth=0.8)
    axes.legend(loc="upper left", frameon=False, fontsize=8)
