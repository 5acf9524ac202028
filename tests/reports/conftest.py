from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

import pytest

from patron import reports
from patron.reports.inputs import checked
from patron.reports.reading import Reading, read
from patron.reports.voice import Voice
from reports.real_world import real_shop
from reports.worlds import tiny_shop


def reading_of(story: reports.ReportInput, lang: str = "en") -> Reading:
    return read(checked(story), Voice.of(lang, story.currency))


@dataclass
class Seen:
    """What a parser finds in a page, without running anything."""

    tags: list[tuple[str, dict[str, str | None]]]
    text: str
    payloads: dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.payloads: dict[str, str] = {}
        self.inside = ""
        self.payload = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"script", "style"}:
            self.inside, self.payload = tag, dict(attrs).get("id") or ""

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag in {"script", "style"} else self.inside

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.words.append(data)
        elif self.payload:
            self.payloads[self.payload] = self.payloads.get(self.payload, "") + data


def look(page: str) -> Seen:
    reader = _Reader()
    reader.feed(page)
    return Seen(reader.tags, " ".join("".join(reader.words).split()), reader.payloads)


@pytest.fixture(scope="session")
def real() -> reports.ReportInput:
    return real_shop()


@pytest.fixture(scope="session")
def tiny() -> reports.ReportInput:
    return tiny_shop()
