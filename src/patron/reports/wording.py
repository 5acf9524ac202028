"""Texts that come with the data, as people read them: no codes, no scientific notation, the language's own marks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from patron.reports import numbers

_HAN = "\u3007\u4e00-\u9fff"
_MARKS = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！", "(": "（", ")": "）"}
_AFTER_HAN = re.compile(rf"(?<=[{_HAN}”」%)）])\s*([,:;?!()])\s*|([()])(?=[{_HAN}])")
_SCIENTIFIC = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?e[+-]?\d+(?!\w)", re.IGNORECASE)
_CODE = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b|\bhurdle\b")


def plain(text: str, words: Mapping[str, str]) -> str:
    """Put people's words for known codes and write numbers out.

    >>> plain("hurdle needs 50; the largest was 3.392e+04", {"hurdle": "gradient boosting"})
    'gradient boosting needs 50; the largest was 33,920'
    """
    said = _CODE.sub(lambda code: words.get(code[0], code[0]), text)
    return _SCIENTIFIC.sub(lambda number: numbers.compact(float(number[0].replace("−", "-"))), said)


def full_width(text: str) -> str:
    """Write Chinese with its own punctuation; a closing bracket follows its opening one.

    >>> full_width("客户呈连续分布,没有天然分界(支持:肘部)。")
    '客户呈连续分布，没有天然分界（支持：肘部）。'
    """
    return _paired(_AFTER_HAN.sub(lambda mark: _MARKS[mark[1] or mark[2]], text))


def _paired(text: str) -> str:
    opened: list[int] = []
    letters = list(text)
    for i, letter in enumerate(letters):
        if letter in "(（":
            opened.append(i)
        elif letter in ")）" and opened:
            start = opened.pop()
            if letters[start] == "（" or letter == "）":
                letters[start], letters[i] = "（", "）"
    return "".join(letters)
