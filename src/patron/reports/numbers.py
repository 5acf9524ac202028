"""Numbers as people read them: one language, one currency, no more digits than the number deserves."""

from __future__ import annotations

import math
from datetime import date
from typing import Literal

from patron.ground.currencies import SYMBOLS

Lang = Literal["en", "zh"]

NOTHING = "–"
MOST_PERCENT = 1000.0
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def is_known(value: float | None) -> bool:
    """Tell a number from a gap (None, NaN, infinity)."""
    return value is not None and math.isfinite(value)


def decimal(value: float | None, digits: int = 0) -> str:
    """Write a number with thousands separators and a real minus sign.

    >>> decimal(1021), decimal(-3.14159, 2), decimal(None)
    ('1,021', '−3.14', '–')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):,.{digits}f}"
    return f"−{text}" if value < 0 and any(c in "123456789" for c in text) else text


def compact(value: float | None) -> str:
    """Write a number of unknown kind: whole from a hundred, at most two digits after the point below.

    >>> compact(7.0), compact(0.333), compact(1234.5), compact(2.5)
    ('7', '0.33', '1,234', '2.5')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = decimal(value, 0 if abs(value) >= 100 else 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None) -> str:
    """Write a share as a percentage: whole above 10 %, one digit below, never a false zero, a ratio beyond 1000 %.

    >>> percent(0.2354), percent(0.0312), percent(0.0001), percent(0.0), percent(0.99999), percent(412.78)
    ('24%', '3.1%', '<0.1%', '0%', '>99.9%', '413×')
    """
    if share is None or not math.isfinite(share):
        return NOTHING
    size = abs(share) * 100
    if size > MOST_PERCENT:
        return times(share)
    if 0 < size < 0.1:
        return "<0.1%"
    if 99.9 < size < 100:
        return ">99.9%"
    digits = 1 if 0 < size < 9.95 or 99 < size < 100 else 0
    return f"{decimal(share * 100, digits).removesuffix('.0')}%"


def money(value: float | None, currency: str) -> str:
    """Write an amount in full: cents only below 10.

    >>> money(8911407.9, "GBP"), money(-4.5, "EUR"), money(1200, "SEK")
    ('£8,911,408', '−€4.50', 'SEK 1,200')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    digits = 2 if 0 < abs(value) < 9.995 else 0
    return _signed(value, _unit(currency) + decimal(abs(value), digits))


def money_short(value: float | None, currency: str, lang: Lang) -> str:
    """Write an amount with about three digits, for headlines and labels.

    >>> money_short(8911407.9, "GBP", "en"), money_short(8911407.9, "CNY", "zh"), money_short(43210, "GBP", "en")
    ('£8.91M', '¥891万', '£43.2k')
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    return _signed(value, _unit(currency) + short(abs(value), lang)) if abs(value) >= 1000 else money(value, currency)


def short(value: float, lang: Lang) -> str:
    """Write a number from 1,000 with about three digits and the language's own large units.

    >>> short(1234, "en"), short(1234567, "zh"), short(250000000, "zh")
    ('1.23k', '123万', '2.5亿')
    """
    steps = ((1e9, "B"), (1e6, "M"), (1e3, "k")) if lang == "en" else ((1e8, "亿"), (1e4, "万"))
    for size, unit in steps:
        if value >= size * 0.9995:
            return f"{_three_digits(value / size)}{unit}"
    return decimal(value)


def about(value: float) -> float:
    """Round to two significant digits, for sentences that should not pretend to know more.

    >>> about(43215.7), about(-987), about(0)
    (43000.0, -990.0, 0.0)
    """
    if value == 0 or not math.isfinite(value):
        return float(value)
    return float(round(value, 1 - math.floor(math.log10(abs(value)))))


def score(value: float | None) -> str:
    """Write a score: three digits below ten, whole above a thousand."""
    if value is None or not is_known(value):
        return decimal(None)
    return decimal(value, 3 if abs(value) < 10 else 1 if abs(value) < 1000 else 0)


def counted_score(value: float | None) -> str:
    """Write a score that is a count where it is whole.

    >>> counted_score(3.0), counted_score(12.5)
    ('3', '12.5')
    """
    return decimal(value) if value is not None and is_known(value) and value == round(value) else score(value)


def interval(lower: float | None, upper: float | None) -> str:
    """Write an interval; nothing when an end is unknown or it has no width.

    >>> interval(0.25, 0.5), interval(0.3, 0.3)
    ('0.250 … 0.500', '–')
    """
    return f"{score(lower)} … {score(upper)}" if is_known(lower) and is_known(upper) and lower != upper else NOTHING


def times(value: float | None) -> str:
    """Write a ratio.

    >>> times(3.04), times(12.4)
    ('3.0×', '12×')
    """
    return NOTHING if value is None or not math.isfinite(value) else f"{decimal(value, 1 if abs(value) < 10 else 0)}×"


def day(value: date | None, lang: Lang) -> str:
    """Write a day.

    >>> day(date(2011, 12, 9), "en"), day(date(2011, 12, 9), "zh")
    ('9 Dec 2011', '2011年12月9日')
    """
    if value is None:
        return NOTHING
    if lang == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def month(value: date, lang: Lang) -> str:
    """Write a month.

    >>> month(date(2011, 12, 1), "en"), month(date(2011, 12, 1), "zh")
    ('Dec 2011', '2011年12月')
    """
    return f"{value.year}年{value.month}月" if lang == "zh" else f"{MONTHS[value.month - 1]} {value.year}"


def _three_digits(value: float) -> str:
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    text = decimal(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unit(currency: str) -> str:
    return SYMBOLS.get(currency, f"{currency} " if currency else "")


def _signed(value: float, text: str) -> str:
    return f"−{text}" if value < 0 else text
