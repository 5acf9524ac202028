"""What the settings of an estimator may be, declared beside it and checked when it learns.

Every estimator of this folder has `SETTINGS`, one entry a parameter, and its `fit` begins with `check_settings(self)`.
Not `__init__`: scikit-learn clones estimators and sets their parameters later.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Setting:
    """What a parameter may be: in words, and as a test of what came."""

    told: str
    holds: Callable[[Any], bool]

    def or_none(self) -> Setting:
        """Return the same, None allowed too."""
        return Setting(f"{self.told}, or None", lambda got: got is None or self.holds(got))


Settings = Mapping[str, Setting]


def settings(**by_name: Setting) -> Settings:
    """Return the settings of one estimator, unchangeable."""
    return MappingProxyType(by_name)


def check_settings(model: Any) -> None:
    """Refuse the first setting of an estimator that is not what its `SETTINGS` say.

    Args:
        model: the estimator.

    Raises:
        ValueError: it names the estimator, the setting, what came and what was expected.

    >>> from patron.segments.methods import QuantileScorer
    >>> check_settings(QuantileScorer(0))
    Traceback (most recent call last):
    ValueError: QuantileScorer: n_scores=0 came; expected a whole number from 1 up.
    Next: pass such a value, or leave n_scores out: it is then 5.
    """
    for name, setting in model.SETTINGS.items():
        got = getattr(model, name)
        if not setting.holds(got):
            usual = signature(type(model)).parameters[name].default
            raise ValueError(
                f"{type(model).__name__}: {name}={got!r} came; expected {setting.told}.\n"
                f"Next: pass such a value, or leave {name} out: it is then {usual!r}."
            )


def whole(at_least: int, at_most: int | None = None) -> Setting:
    """Return the setting of a whole number; True, False and 2.0 are none.

    >>> [whole(1).holds(got) for got in (1, 0, 2.0, True, "2")]
    [True, False, False, False, False]
    """
    told = f"a whole number from {at_least:,} " + ("up" if at_most is None else f"to {at_most:,}")
    return Setting(told, lambda got: _is_whole(got) and at_least <= got and (at_most is None or got <= at_most))


def number(at_least: float, at_most: float = math.inf) -> Setting:
    """Return the setting of a finite number between two limits, both included.

    >>> [number(0, 1).holds(got) for got in (0, 0.02, 1.5, float("nan"), None)]
    [True, True, False, False, False]
    """
    told = f"a number from {at_least:g} " + ("up" if math.isinf(at_most) else f"to {at_most:g}")
    return Setting(told, lambda got: _is_number(got) and at_least <= got <= at_most)


def one_of(*words: str) -> Setting:
    """Return the setting of a choice between words."""
    return Setting(f"one of {', '.join(map(repr, words))}", lambda got: isinstance(got, str) and got in words)


def columns() -> Setting:
    """Return the setting of positions of columns; whether X has so many is seen when it comes."""
    return Setting(
        "a sequence of positions of columns, each a whole number from 0 up",
        lambda got: _is_sequence(got) and all(_is_whole(at) and at >= 0 for at in got),
    )


def ascending_shares() -> Setting:
    """Return the setting of limits between tiers.

    >>> [ascending_shares().holds(got) for got in ((0.5, 0.8), (0.8, 0.5), (0.5, 0.5), (0, 0.5), (50, 80), ())]
    [True, False, False, False, False, False]
    """
    return Setting(
        "shares that ascend, each above the one before, from above 0 to at most 1, such as (0.5, 0.8)",
        lambda got: (
            _is_sequence(got)
            and len(got) > 0
            and all(_is_number(share) for share in got)
            and all(low < high for low, high in zip((0, *got), (*got, math.inf), strict=True))
            and got[-1] <= 1
        ),
    )


SWITCH = Setting("True or False", lambda got: isinstance(got, bool | np.bool_))
SEED = whole(0, 2**32 - 1).or_none()


def _is_whole(got: Any) -> bool:
    return not isinstance(got, bool) and isinstance(got, Integral)


def _is_number(got: Any) -> bool:
    return not isinstance(got, bool) and isinstance(got, Real) and math.isfinite(got)


def _is_sequence(got: Any) -> bool:
    return (isinstance(got, Sequence) and not isinstance(got, str)) or (isinstance(got, np.ndarray) and got.ndim == 1)
