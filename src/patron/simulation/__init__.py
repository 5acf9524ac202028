"""A shop whose truth is known: customers who order, browse, answer campaigns and leave, and the exports they cause.

Every recovery test, benchmark and demo asks the same thing: *does Patron find what we know is there?* This room makes
the question possible.
"""

from patron.simulation.quality import evaluate
from patron.simulation.spec import (
    ALL_TABLES,
    NO_DIRT,
    ORDERS_ONLY,
    SOME_DIRT,
    Baskets,
    Browsing,
    DropoutAfterOrder,
    ExponentialDropout,
    Marketing,
    Purchases,
    SimulationSpec,
    Ties,
)
from patron.simulation.world import World, load, simulate

__all__ = [
    "ALL_TABLES",
    "NO_DIRT",
    "ORDERS_ONLY",
    "SOME_DIRT",
    "Baskets",
    "Browsing",
    "DropoutAfterOrder",
    "ExponentialDropout",
    "Marketing",
    "Purchases",
    "SimulationSpec",
    "Ties",
    "World",
    "evaluate",
    "load",
    "simulate",
]
