"""What a peer is: one model with one fixed setting, chosen without a look at any hold-out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from benchmarks.accuracy.protocols import HoldOut
from benchmarks.accuracy.purchases import FloatArray

Said = Mapping[str, FloatArray]  # target (orders, net_revenue, active) to one number a customer


@dataclass(frozen=True, slots=True)
class Peer:
    """A rival forecast. `answer` reads `known` of the hold-out alone; `setting` says how it is set, and why so."""

    name: str
    package: str
    setting: str
    answer: Callable[[HoldOut], Said]

    def missing(self) -> str:
        """Say why it cannot be run here, or nothing."""
        return "" if find_spec(self.package) else f"{self.package} is not installed"

    def asked(self, held: HoldOut) -> Said:
        """Return its answer.

        Raises:
            ValueError: it did not converge, or has no number for some customers.
        """
        said = self.answer(held)
        for target, values in said.items():
            if not np.isfinite(values).all():
                lacking = int(np.count_nonzero(~np.isfinite(values)))
                raise ValueError(f"gave no number of {target} for {lacking:,} of {values.size:,} customers")
        return said
