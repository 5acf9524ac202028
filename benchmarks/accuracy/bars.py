"""The bars: what a champion must reach, against the best peer of the same run and the reference of the protocols.

Each peer is the best of *that* metric: no single peer reaches all of a bar's limits. A margin is how far the champion is
beyond the limit, in the metric's unit and so that above zero is met; its interval draws customers, the same for both.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.metrics import METRICS, Metric
from benchmarks.accuracy.purchases import FloatArray
from patron import measures

DRAWS = 400
SEED = 7
_REFERENCE = Path(__file__).with_name("reference.toml")
_REASONS = Path(__file__).with_name("reasons.toml")


@dataclass(frozen=True, slots=True)
class Bar:
    """A promise on one metric: in so many of the four protocols the champion is beyond `limit(best peer)`.

    Both are scores, so that more is better; `strict`: being equal is not enough.
    """

    name: str
    says: str
    targets: tuple[str, ...]
    metric: str
    needed: int
    limit: Callable[[float], float]
    strict: bool = False

    def met(self, margin: float) -> bool:
        """Tell whether a margin is enough."""
        return margin > 0 if self.strict else margin >= 0


_AMOUNTS = ("orders", "net_revenue")
BARS = (
    Bar(
        "gini",
        "normalised Gini at least the best peer's less 0.003",
        _AMOUNTS,
        "normalised_gini",
        4,
        lambda best: best - 0.003,
    ),
    Bar("gini_above", "normalised Gini above the best peer's", _AMOUNTS, "normalised_gini", 2, lambda best: best, True),
    Bar("absolute_error", "MAE at most the best peer's", _AMOUNTS, "mean_absolute_error", 4, lambda best: best),
    Bar(
        "deciles",
        "decile MAPE at least 25 % below the best peer's",
        _AMOUNTS,
        "decile_mape",
        3,
        lambda best: 0.75 * best,
    ),
    Bar("ratio", "total within 0.90–1.10 of what came", _AMOUNTS, "sum_ratio", 3, lambda _: -0.1),
    Bar("auc", "ROC-AUC at least the best peer's less 0.003", ("active",), "roc_auc", 4, lambda best: best - 0.003),
    Bar("brier", "Brier score at most the best peer's", ("active",), "brier_score", 4, lambda best: best),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bar on one target of one protocol.

    `margin` with its interval is against the best peer of the run, `margin_of_reference` against the reference's.
    """

    bar: str
    protocol: str
    target: str
    metric: str
    value: float
    peer: str
    peer_value: float
    margin: float
    lower: float
    upper: float
    reference: str
    reference_value: float
    margin_of_reference: float
    met: bool


def verdicts(
    protocol: str, outcomes: Mapping[str, FloatArray], champion: Mapping[str, FloatArray], peers: Mapping[str, Mapping]
) -> list[Verdict]:
    """Judge the champion of one protocol by every bar.

    Args:
        protocol: its name.
        outcomes: by target, what happened.
        champion: by target, what the champion said.
        peers: by name, what peers said; a peer may leave a target out.
    """
    known = reference()[protocol]
    return [
        _verdict(bar, (protocol, target), outcomes[target], champion[target], _of(peers, target), known[target])
        for bar in BARS
        for target in bar.targets
    ]


def _verdict(
    bar: Bar,
    where: tuple[str, str],
    actual: FloatArray,
    said: FloatArray,
    peers: Mapping[str, FloatArray],
    known: Mapping[str, Mapping],
) -> Verdict:
    metric = METRICS[where[1]][bar.metric]
    values = {name: metric.of(actual, theirs) for name, theirs in peers.items()}
    best = best_of(metric, values)
    value, reference_value = metric.of(actual, said), float(known[bar.metric]["value"])

    def margin(y: FloatArray, ours: FloatArray, theirs: FloatArray) -> float:
        return metric.score(metric.of(y, ours)) - bar.limit(metric.score(metric.of(y, theirs)))

    found = measures.interval(margin, actual, said, peers[best], draws=DRAWS, seed=SEED)
    beyond = metric.score(value) - bar.limit(metric.score(reference_value))
    return Verdict(
        bar.name,
        *where,
        bar.metric,
        value,
        best,
        values[best],
        found.value,
        found.lower,
        found.upper,
        str(known[bar.metric]["model"]),
        reference_value,
        beyond,
        bar.met(found.value) and bar.met(beyond),
    )


def _of(peers: Mapping[str, Mapping], target: str) -> dict[str, FloatArray]:
    return {name: said[target] for name, said in peers.items() if target in said}


def best_of(metric: Metric, values: Mapping[str, float]) -> str:
    """Return who has the best value."""
    return max(values, key=lambda name: metric.score(values[name]))


def kept(bar: Bar, judged: Sequence[bool], of: int = 4) -> bool | None:
    """Tell whether a bar is kept over the protocols that were judged; None while those that were not could decide it.

    >>> kept(BARS[1], [True, False]), kept(BARS[1], [True, True]), kept(BARS[0], [False])
    (None, True, False)
    """
    if sum(judged) >= bar.needed:
        return True
    return None if sum(judged) + of - len(judged) >= bar.needed else False


def reference() -> dict[str, dict[str, dict[str, dict[str, object]]]]:
    """Return the reference: protocol, target, metric to its best fair value and whose that is."""
    return tomllib.loads(_REFERENCE.read_text(encoding="utf-8"))


def reasons() -> dict[str, dict[str, str]]:
    """Return why bars were missed, as far as that was found: by protocol and target, by bar."""
    return tomllib.loads(_REASONS.read_text(encoding="utf-8"))
