"""Letter grades: may a budget stand on this forecast?

All rules are of the held-out origin.

| grade | surely better than every formula | total within | tenths off by, on average | intervals off by |
|---|---|---|---|---|
| A | yes | a tenth | 15 % | 5 points |
| B | yes | a quarter | 30 % | 10 points |
| C | yes | more | or more | or more |
| D | no: a formula is used | | | |

An A or a B needs two judged origins: one window is one draw of the season, and the same shop's forecast, a tenth off in
the months before Christmas, was twice what came after it.

For the chance of an order the total and the tenths are one measure, the expected calibration error: 3 points for an A,
6 for a B; for the day of the next order it is how far the shares who had ordered by a day of 10, 50 and 90 % are from
that. Intervals count where there are intervals of that target, and only if a later window has tested them; they are off
from what they promise: their level, or more where more than that share of the customers buys nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Literal

from patron.contracts.published import SAME_ORIGIN
from patron.forecasts.champions import Champion
from patron.forecasts.contenders import FORMULAS
from patron.forecasts.intervals import Coverage
from patron.forecasts.judgement import Judgement

Letter = Literal["A", "B", "C", "D"]
POINTS: Mapping[Letter, float] = {"A": 4.0, "B": 3.0, "C": 2.0, "D": 1.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """How near to what happened a grade asks a forecast to be."""

    total: float  # sum predicted over sum actual, or its inverse, at most
    tenths: float  # decile_mape at most
    calibration: float  # expected_calibration_error at most
    coverage: float  # distance of the coverage from what the intervals promise at most


_CHANCES = ("expected_calibration_error", "date_calibration_error")
LEAST_ORIGINS = 2  # for a grade that a budget may stand on
LIMITS: Mapping[Letter, Limits] = {"A": Limits(1.1, 0.15, 0.03, 0.05), "B": Limits(1.25, 0.30, 0.06, 0.10)}


@dataclass(frozen=True, slots=True)
class Grade:
    """The letter of one target's champion, and what kept it from a better one (empty for an A)."""

    letter: Letter
    reason: str


def grade(champion: Champion, judgements: Sequence[Judgement], coverage: Sequence[Coverage], n_origins: int) -> Grade:
    """Grade the champion of one target by the module's rule.

    Args:
        champion: who is used, and its lead over the best formula.
        judgements: the measures at the held-out origin, of every target and model.
        coverage: coverages of the intervals of net revenue.
        n_origins: past dates that judged it.
    """
    if champion.model in FORMULAS:
        return Grade("D", f"{champion.model} is a formula: {champion.reason}")
    found = {
        one.measure: one.value for one in judgements if (one.target, one.model) == (champion.target, champion.model)
    }
    tested = [one for one in coverage if one.tier is None and one.how != SAME_ORIGIN]
    distance = [abs(one.value - one.promised) for one in tested] if champion.target == "net_revenue" else []
    faults: list[str] = []
    if n_origins < LEAST_ORIGINS:
        said = _missed(found, distance, LIMITS["B"])
        return Grade("C", "; ".join([*said, f"{n_origins} past date judged it, fewer than {LEAST_ORIGINS}"]))
    for letter, limits in LIMITS.items():
        missed = _missed(found, distance, limits)
        if not missed:
            return Grade(letter, "; ".join(faults))
        faults = missed
    return Grade("C", "; ".join(faults))


def _missed(found: Mapping[str, float], coverage_off: Sequence[float], limits: Limits) -> list[str]:
    missed = []
    error = next((found[name] for name in _CHANCES if name in found), None)
    if error is not None:
        if not error <= limits.calibration:
            missed.append(f"chances are off by {error:.1%} on average, more than {limits.calibration:.0%}")
    elif not all(isfinite(found.get(name, nan)) for name in ("sum_ratio", "decile_mape")):
        missed.append("total and tenths were not measured")
    else:
        ratio, tenths = found["sum_ratio"], found["decile_mape"]
        if not 1 / limits.total <= ratio <= limits.total:
            missed.append(f"the total was {ratio:.0%} of what came, further than {limits.total - 1:.0%}")
        if not tenths <= limits.tenths:
            missed.append(f"the tenths are off by {tenths:.0%} on average, more than {limits.tenths:.0%}")
    missed += [
        f"intervals are off by {off:.0%}, more than {limits.coverage:.0%}"
        for off in coverage_off
        if off > limits.coverage
    ]
    return missed
