"""Two runs compared, in a person's words: segments by their names, money in its currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from patron.cli.talk import print_rows

_NAMES = {
    "customers": "customers",
    "orders": "orders",
    "net_revenue": "net revenue",
    "predicted_clv": "predicted value",
}
_MONEY = ("net_revenue", "predicted_clv")
_SUMMARY = ("measure", "over", "before", "after", "change", "note")
_MOVES = ("move", "from segment", "to segment", "customers", "net revenue")


def print_differences(said: Mapping[str, Any], names: Mapping[str, str], currencies: tuple[str, str]) -> None:
    """Write to stdout what `comparison.compare` found.

    Args:
        said: its summary and moves.
        names: what people call each segment key.
        currencies: of the earlier and of the later run; empty where none is known.
    """
    print_rows([_summed(row, currencies) for row in said["summary"]], _SUMMARY, "What changed")
    print_rows([_moved(row, names, currencies[1]) for row in said["moves"]], _MOVES, "Who moved")


def _summed(row: Mapping[str, Any], currencies: tuple[str, str]) -> dict[str, str]:
    before, after = currencies if row["measure"] in _MONEY else ("", "")
    return {
        "measure": _NAMES.get(row["measure"], row["measure"]),
        "over": f"{row['horizon_days']} days" if row["horizon_days"] else "",
        "before": amount(row["before"], before),
        "after": amount(row["after"], after),
        "change": amount(row["change"], after, sign="+") if before == after else "",
        "note": row["note"],
    }


def _moved(row: Mapping[str, Any], names: Mapping[str, str], currency: str) -> dict[str, str]:
    return {
        "move": row["move"],
        "from segment": names.get(row["from_segment"], row["from_segment"] or ""),
        "to segment": names.get(row["to_segment"], row["to_segment"] or ""),
        "customers": amount(row["customers"]),
        "net revenue": amount(row["net_revenue"], currency),
    }


def amount(value: float | None, currency: str = "", sign: str = "") -> str:
    """Write a count, or an amount of money with its currency.

    >>> amount(1021), amount(42704.184, "GBP"), amount(-7.5, "GBP", sign="+"), amount(None)
    ('1,021', '42,704.18 GBP', '-7.50 GBP', '')
    """
    if value is None:
        return ""
    digits = ".2f" if isinstance(value, float) else ""
    return f"{value:{sign},{digits}} {currency}".strip()


def shortened(names: Sequence[str], width: int = 60) -> str:
    """Write the first of many names, as far as they fit, and how many more there are.

    >>> shortened(["customer_id", "as_of", "orders_count_7d"], width=20)
    'customer_id, as_of, … and 1 more'
    """
    fits = sum(len(", ".join(names[: n + 1])) <= width for n in range(len(names)))
    rest = [f"… and {len(names) - fits:,} more"] if fits < len(names) else []
    return ", ".join([*names[:fits], *rest])
