"""Small shops for tests, as facts: `tiny_shop`, computable by hand, and `random_shop`, full of edges.

A world is a dictionary of fact tables by name, each exactly as `patron.contracts.facts` describes it.
"""

from worlds.crooked import crooked_shop
from worlds.effort import effort
from worlds.futures import planted, shuffled, until
from worlds.random_shops import SHAPES, SIGNALS, random_shop, shape_capabilities
from worlds.tables import AS_OF, Rows, World, capabilities_of, customers_of, table, unpacked, world
from worlds.tiny import tiny_shop

__all__ = [
    "AS_OF",
    "SHAPES",
    "SIGNALS",
    "Rows",
    "World",
    "capabilities_of",
    "crooked_shop",
    "customers_of",
    "effort",
    "planted",
    "random_shop",
    "shape_capabilities",
    "shuffled",
    "table",
    "tiny_shop",
    "unpacked",
    "until",
    "world",
]
