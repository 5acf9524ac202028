"""What all contenders that learn from past windows share: how many customers they demand, and how they use threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from patron.forecasts.contenders.contender import Lesson
from patron.forecasts.rows import Rows
from patron.ground.errors import NotEnoughData

Fitted = TypeVar("Fitted")
_THREADS_PAY_ROWS = 50_000  # below it, threads wait for one another longer than they work


def demanded(kind: str, told: Rows | None, lesson: Lesson, windows: str) -> Rows:
    """Return the rows to learn from, if there are enough.

    Args:
        kind: the contender.
        told: the rows it would learn from; None: there are none.
        lesson: whose spec says how many are enough.
        windows: what their windows are, for the message.

    Raises:
        NotEnoughData: too few customers, or too few who bought.
    """
    spec, found = lesson.spec, 0 if told is None else len(told)
    if told is None or told.future_orders is None or found < spec.least_customers:
        raise NotEnoughData(
            f"{kind} needs {spec.least_customers} customers in {windows} that ended by "
            f"{lesson.now.as_of.max()}, and has {found}.\nNext: wait, or choose a shorter horizon.",
            "few_windows",
            needed=spec.least_customers,
            days=lesson.horizon_days,
            found=found,
        )
    buyers = int((told.future_orders > 0).sum())
    if buyers < spec.least_buyers:
        raise NotEnoughData(
            f"{kind} needs {spec.least_buyers} customers who bought in past windows, and {buyers} did.",
            "few_buyers",
            needed=spec.least_buyers,
            found=buyers,
        )
    return told


def side_by_side(fits: Mapping[str, Callable[[int], Fitted]], threads: int, n_rows: int) -> dict[str, Fitted]:
    """Fit several models at once: threads of one fit wait for one another, those of several do not.

    Args:
        fits: by name, what fits a model with that many threads of its own.
        threads: how many there are.
        n_rows: how many rows are learned from; on few, one thread each.
    """
    at_once = min(threads, len(fits))
    each = threads // at_once if n_rows >= _THREADS_PAY_ROWS else 1
    with ThreadPoolExecutor(at_once) as pool:
        return dict(zip(fits, pool.map(lambda fit: fit(each), fits.values()), strict=True))
