"""How an engineer writes windows, shares and deviations in SQL: text that `snapshot_sql` and `snapshot_formulas` put together."""

from __future__ import annotations

from collections.abc import Iterable

ALL_DAYS = (7, 30, 90, 180, 365, None)
LONG = (90, 365, None)
TWO = (365, None)
NEAR = (30, 365)
VISITS = (7, 30, 90, 365)
RETURN_MONEY = (7, 30, 90, 180, 365, None)

Windows = Iterable[int | None]


def name(what: str, days: int | None) -> str:
    return f"{what}_lifetime" if days is None else f"{what}_{days}d"


def windows(what: str, how: str, days_of: Windows, value: str = "1", where: str = "") -> list[str]:
    """Write one conditional aggregate a window, as CASE: DuckDB computes it in half the time of FILTER."""
    columns = []
    for days in days_of:
        tests = ([where] if where else []) + ([] if days is None else [f"day >= as_of() - {days}"])
        inside = f"CASE WHEN {' AND '.join(tests)} THEN {value} END" if tests else value
        columns.append(f"{how}({inside}) AS {name(what, days)}")
    return columns


def ratios(what: str, top: str, bottom: str, days_of: Windows) -> list[str]:
    return [f"{ratio(name(top, days), name(bottom, days))} AS {name(what, days)}" for days in days_of]


def ratio(top: str, bottom: str, scale: str = "") -> str:
    return f"{top}::DOUBLE{scale} / nullif({bottom}::DOUBLE, 0)"


def deviation(total: str, squares: str, count: str) -> str:
    """Sample standard deviation from sums, as the declaration defines it."""
    return (
        f"CASE WHEN {count} >= 2 THEN sqrt(greatest({squares} - {total}::DOUBLE * {total}::DOUBLE / {count}, 0)"
        f" / ({count} - 1)) END"
    )
