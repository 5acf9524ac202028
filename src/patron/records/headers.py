"""Headers as people write them: compared without case, blanks, underscores, byte-order marks or width of brackets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

_IDLE = re.compile(r"[\s_\-]+")
_WRAPPED = re.compile(r'^="(.*)"$')


def clean(header: str) -> str:
    r"""Return the header without wrapping, byte-order mark or outer blanks.

    >>> clean("\ufeff\t收货地址 ")
    '收货地址'
    >>> clean('="订单号"')
    '订单号'
    """
    bare = header.replace("\ufeff", "").strip().strip("\t ")
    return _WRAPPED.sub(r"\1", bare).strip()


@lru_cache(maxsize=8192)
def fold(header: str) -> str:
    """Return the form in which headers are compared.

    >>> fold("Customer ID") == fold("customer_id") == fold("CustomerID ")
    True
    >>> fold("商品总价（元）") == fold("商品总价(元)")
    True
    """
    return _IDLE.sub("", unicodedata.normalize("NFKC", clean(header)).casefold())


def unique(headers: Iterable[str]) -> tuple[str, ...]:
    """Return cleaned headers, each once: empty ones are numbered, repeated ones get a suffix.

    >>> unique(["a", "A ", "", "a"])
    ('a', 'A_2', 'column_3', 'a_3')
    """
    seen: dict[str, int] = {}
    names = []
    for position, header in enumerate(headers, start=1):
        name = clean(header) or f"column_{position}"
        seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        times = seen[name.casefold()]
        names.append(name if times == 1 else f"{name}_{times}")
    return tuple(names)


def repeated(headers: Iterable[str]) -> dict[str, str]:
    """Return, for each header that was there before letter by letter, the name `unique` gave it: the first one.

    >>> repeated(["amount", "date", "amount "])
    {'amount_2': 'amount'}
    """
    raw = list(headers)
    first: dict[str, str] = {}
    found = {}
    for header, name in zip(raw, unique(raw), strict=True):
        key = clean(header)
        if key and key in first:
            found[name] = first[key]
        first.setdefault(key, name)
    return found


def index(headers: Iterable[str]) -> Mapping[str, str]:
    """Return folded header: header, the first of equals."""
    found: dict[str, str] = {}
    for header in headers:
        found.setdefault(fold(header), header)
    return found


def root(header: str) -> str:
    """Return the outermost column of a path into a nested column.

    >>> root("event_params[key=coupon].value.string_value")
    'event_params'
    """
    return re.split(r"[.\[]", header, maxsplit=1)[0]
