"""The report, top to bottom: check the tables, read them once, build the chapters, write one file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from patron.ground.errors import ShelfFull
from patron.reports.chapters.cohorts import cohorts
from patron.reports.chapters.data import data
from patron.reports.chapters.forecast import forecast
from patron.reports.chapters.grid import grid
from patron.reports.chapters.headline import headline
from patron.reports.chapters.methods import methods
from patron.reports.chapters.moves import moves
from patron.reports.chapters.plan import plan
from patron.reports.chapters.realised import realised
from patron.reports.chapters.risk import risk
from patron.reports.chapters.segments import segments
from patron.reports.chapters.value import value
from patron.reports.inputs import ReportInput, checked
from patron.reports.playbook import action_totals
from patron.reports.reading import Reading, read
from patron.reports.voice import Voice

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCRIPTS = ("echarts.min.js", "report.js")


@dataclass(frozen=True, slots=True)
class Chapter:
    """One rendered chapter."""

    id: str
    title: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Page:
    """The frame around the chapters; `policy` lets only this page's own two scripts run, and nothing be fetched."""

    lang: str
    currency: str
    policy: str
    title: str
    style: Markup
    shop: str
    period: str
    chapters: tuple[Chapter, ...]
    made: str
    notice: str
    scripts: tuple[Markup, ...]


def build(story: ReportInput, out: Path, *, lang: str) -> Path:
    """Write the report of one run as a single HTML file that needs nothing else, and return its path.

    Everything shown is computed here from the published tables; no number is taken on trust. The file is written
    whole or not at all.

    Args:
        story: the run's tables and cards.
        out: the file to write; its folder is made if it does not exist.
        lang: "en" or "zh".

    Raises:
        PlanError: the language has no catalogue.
        ContractBroken: a table does not keep its contract.
        EmptyInput: there is no customer.
        ShelfFull: the file cannot be written.
    """
    voice = Voice.of(lang, story.currency)
    reading = read(checked(story), voice)
    html = render(reading)
    _write(out, html)
    return out


def headlines(story: ReportInput, *, lang: str) -> tuple[str, ...]:
    """Return the report's opening sentences, for places that have room for no more.

    Raises:
        PlanError, ContractBroken, EmptyInput: as `build`.
    """
    return headline(read(checked(story), Voice.of(lang, story.currency)), ()).sentences


def page_models(reading: Reading) -> Mapping[str, DataclassInstance]:
    """Build every chapter's page model, in reading order; a chapter that has nothing to tell is left out."""
    actions = action_totals(reading)
    built: Mapping[str, DataclassInstance | None] = {
        "headline": headline(reading, actions),
        "value": value(reading),
        "grid": grid(reading),
        "segments": segments(reading, actions),
        "moves": moves(reading),
        "cohorts": cohorts(reading),
        "forecast": forecast(reading),
        "realised": realised(reading),
        "risk": risk(reading),
        "plan": plan(reading, actions),
        "data": data(reading),
        "methods": methods(reading, actions),
    }
    return {name: model for name, model in built.items() if model is not None}


def render(reading: Reading) -> str:
    """Render the whole page."""
    say, story = reading.voice.say, reading.story
    environment = templates(say)
    chapters = tuple(_chapter(environment, say, name, model) for name, model in page_models(reading).items())
    first, last = reading.voice.day(story.first_day), reading.voice.day(story.last_day)
    as_of = reading.voice.day(story.as_of)
    page = Page(
        lang=reading.voice.lang,
        currency=reading.voice.currency,
        policy=_policy(),
        title=say("page.title", shop=story.shop, day=as_of),
        style=_asset("report.css"),
        shop=story.shop,
        period=say("page.period", day=as_of, first=first, last=last),
        chapters=chapters,
        made=say("page.made", run=story.run_id),
        notice=str(_asset("ECHARTS-NOTICE.txt")),
        scripts=tuple(_asset(name) for name in SCRIPTS),
    )
    return environment.get_template("report.html").render(page=page)


def templates(say: Callable[..., str]) -> Environment:
    """Return the template environment: everything is escaped, an unknown variable is an error."""
    environment = Environment(
        loader=PackageLoader("patron.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = say
    return environment


def _chapter(environment: Environment, say: Callable[..., str], name: str, model: DataclassInstance) -> Chapter:
    values = {field.name: getattr(model, field.name) for field in fields(model)}
    body = environment.get_template(f"chapters/{name}.html").render(values)
    return Chapter(name, say(f"chapter.{name}"), Markup(body))  # noqa: S704 - made by an escaping template just above


@cache
def _asset(name: str) -> Markup:
    text = files("patron.reports").joinpath("assets", name).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704 - a file of this package, never data


@cache
def _policy() -> str:
    hashes = (base64.b64encode(hashlib.sha256(_asset(name).encode()).digest()).decode() for name in SCRIPTS)
    allowed = " ".join(f"'sha256-{digest}'" for digest in hashes)
    return f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {allowed}"


def _write(out: Path, html: str) -> None:
    draft = out.with_name(f"{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(html, encoding="utf-8", newline="\n")
        draft.replace(out)
    except OSError as error:
        raise ShelfFull(
            f"The report cannot be written to {out}: {error.strerror}.\n"
            f"It needs about {len(html) // 1_000_000 + 1} MB in a folder that may be written.\n"
            "Next: free some space or choose another folder."
        ) from error
