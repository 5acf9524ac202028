"""Who competes for the next category: two formulas, and two that learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from patron.forecasts.contenders import NAIVE
from patron.forecasts.methods.basket_transitions import BasketTransitions
from patron.forecasts.methods.beta_binomial_shares import BetaBinomialShares
from patron.forecasts.methods.log_odds_pool import LogOddsPool
from patron.forecasts.next_category.baskets import Baskets, FloatArray
from patron.ground.errors import NotEnoughData

MOST_TAUGHT = 10_000  # customers that the weights of the pool are learned from: four numbers need no more


class Contender(Protocol):
    """A fitted forecast of the next category."""

    def predict(self, baskets: Baskets) -> FloatArray:
        """Return the probability of each category in the next order, shape (n_customers, n_categories)."""
        ...


Learn = Callable[[Baskets, Sequence[Baskets]], Contender]


@dataclass(frozen=True, slots=True)
class ShopShares:
    """Everybody buys what the shop sells most: the share of order days that held each category."""

    shares: BetaBinomialShares

    def predict(self, baskets: Baskets) -> FloatArray:
        """Return the shop's shares for each customer."""
        chance: FloatArray = np.tile(self.shares.mean_, (len(baskets), 1))
        return chance


@dataclass(frozen=True, slots=True)
class OwnShares:
    """Everybody buys what they bought most: their own shares, drawn towards the shop's."""

    shares: BetaBinomialShares

    def predict(self, baskets: Baskets) -> FloatArray:
        """Return each customer's shares."""
        return self.shares.predict(_occasions(baskets))


@dataclass(frozen=True, slots=True)
class OpinionPool:
    """Own shares of all days and of late, the shop's of late, and what follows the last basket, pooled in log-odds."""

    own: BetaBinomialShares
    lately: BetaBinomialShares
    transitions: BasketTransitions
    pool: LogOddsPool

    def predict(self, baskets: Baskets) -> FloatArray:
        """Return the pooled chances."""
        opinions = _opinions(baskets, self.own, self.lately, self.transitions.predict(baskets.last))
        pooled: FloatArray = self.pool.predict(opinions.reshape(-1, opinions.shape[-1])).reshape(opinions.shape[:2])
        return pooled


def learn_shop(now: Baskets, past: Sequence[Baskets]) -> ShopShares:  # noqa: ARG001
    """Count what the shop sold."""
    return ShopShares(BetaBinomialShares(strength=1.0).fit(_occasions(now)))


def learn_own(now: Baskets, past: Sequence[Baskets]) -> OwnShares:  # noqa: ARG001
    """Count what each customer bought; the shop's shares count for one order day, so that nothing is impossible."""
    return OwnShares(BetaBinomialShares(strength=1.0).fit(_occasions(now)))


def learn_shrunk(now: Baskets, past: Sequence[Baskets]) -> OwnShares:  # noqa: ARG001
    """Learn how much each category differs between customers, from what they bought so far."""
    return OwnShares(BetaBinomialShares().fit(_occasions(now)))


def learn_pool(now: Baskets, past: Sequence[Baskets]) -> OpinionPool:
    """Learn how far to trust each opinion from what followed at earlier dates.

    Raises:
        NotEnoughData: no earlier window is over.
    """
    if not any(one.ordered.any() for one in past):
        raise NotEnoughData("the pool learns from an earlier window, and none was over by then.")
    last, came = (np.concatenate(parts) for parts in zip(*(_pairs(one) for one in past), strict=True))
    if not 0.0 < came.mean() < 1.0:
        raise NotEnoughData("the pool learns from what was bought and what was not; the earlier windows hold only one.")
    transitions = BasketTransitions().fit(last, came)
    ends = np.cumsum([int(one.ordered.sum()) for one in past])[:-1]
    left_out = np.split(transitions.predict_left_out(last, came), ends)
    said = [
        _opinions(one.where(one.ordered), *_shares(one), followed) for one, followed in zip(past, left_out, strict=True)
    ]
    opinions = np.concatenate(said)
    drawn = np.linspace(0, len(opinions) - 1, min(len(opinions), MOST_TAUGHT)).round().astype(np.intp)
    pool = LogOddsPool().fit(opinions[drawn].reshape(-1, opinions.shape[-1]), came[drawn].ravel())
    return OpinionPool(*_shares(now), transitions, pool)


LEARN: Mapping[str, Learn] = {
    NAIVE: learn_shop,
    "own_share": learn_own,
    "beta_binomial": learn_shrunk,
    "opinion_pool": learn_pool,
}
FORMULAS = (NAIVE, "own_share")


def _occasions(baskets: Baskets) -> FloatArray:
    return np.column_stack([baskets.order_days, baskets.held])


def _lately(baskets: Baskets) -> FloatArray:
    return np.column_stack([baskets.recent, baskets.recently_held])


def _shares(baskets: Baskets) -> tuple[BetaBinomialShares, BetaBinomialShares]:
    """Learn the crowd's shares, of all days and of late, from everyone known at the date."""
    return BetaBinomialShares().fit(_occasions(baskets)), BetaBinomialShares().fit(_lately(baskets))


def _pairs(baskets: Baskets) -> tuple[FloatArray, FloatArray]:
    ordered = baskets.where(baskets.ordered)
    return ordered.last, ordered.came if ordered.came is not None else ordered.last


def _opinions(
    baskets: Baskets, own: BetaBinomialShares, lately: BetaBinomialShares, followed: FloatArray
) -> FloatArray:
    """Return four chances of each category, shape (n_customers, n_categories, 4)."""
    shop = np.tile(lately.mean_, (len(baskets), 1))
    said: FloatArray = np.stack(
        [own.predict(_occasions(baskets)), lately.predict(_lately(baskets)), shop, followed], axis=-1
    )
    return said
