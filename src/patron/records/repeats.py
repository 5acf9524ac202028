"""How often the values of a sample's columns repeat, and which column's values belong to which other's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from patron.records.detection import Sample

REPEATED = 0.95  # fewer different values than this share of the rows: they repeat
_FEWEST = 10  # rows below which repetition says nothing
_FEWEST_GROUPS = 5  # values that come again, below which it says nothing that their rows agree


@dataclass(frozen=True, slots=True)
class Repeats:
    """The cells of a sample by header, row by row."""

    columns: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, sample: Sample) -> Repeats:
        """Read them from a sample; a cell that is not there is empty."""
        return cls(
            {
                header: tuple((row[at] or "").strip() if at < len(row) else "" for row in sample.rows)
                for at, header in enumerate(sample.headers)
            }
        )

    def distinct_share(self, header: str) -> float | None:
        """Return how many of a column's filled cells are different, 0 to 1; None: too few rows to tell."""
        cells = [cell for cell in self.columns[header] if cell]
        return len(set(cells)) / len(cells) if len(cells) >= _FEWEST else None

    def belongs_to(self, header: str, other: str) -> bool:
        """Return whether each value of a column has one value of the other, and not the other way round.

        >>> from patron.records.detection import Sample
        >>> rows = tuple((f"A{n}", f"C{n % 3}") for n in range(12))
        >>> repeats = Repeats.of(Sample(("order", "customer"), rows))
        >>> repeats.belongs_to("order", "customer"), repeats.belongs_to("customer", "order")
        (True, False)
        """
        pairs = {pair for pair in zip(self.columns[header], self.columns[other], strict=True) if all(pair)}
        if len(self.columns[header]) < _FEWEST:
            return False
        mine, theirs = {one for one, _ in pairs}, {two for _, two in pairs}
        return len(pairs) == len(mine) > len(theirs)

    def is_same_within(self, header: str, other: str) -> bool | None:
        """Return whether a column says the same on all rows of one value of the other; None: too few rows to tell.

        >>> from patron.records.detection import Sample
        >>> rows = tuple((f"A{n // 2}", f"{n // 2}.50", f"{n}.50") for n in range(12))
        >>> repeats = Repeats.of(Sample(("order", "of order", "of line"), rows))
        >>> repeats.is_same_within("of order", "order"), repeats.is_same_within("of line", "order")
        (True, False)
        """
        said: dict[str, list[str]] = {}
        for one, two in zip(self.columns[header], self.columns[other], strict=True):
            if one and two:
                said.setdefault(two, []).append(one)
        again = [cells for cells in said.values() if len(cells) > 1]
        if len(again) < _FEWEST_GROUPS or len(set(self.columns[header])) == 1:
            return None
        return all(len(set(cells)) == 1 for cells in again)
