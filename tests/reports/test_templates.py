"""Every chapter is a dataclass, and its template uses all of it and nothing else."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from jinja2 import meta

from patron.reports.blocks import chart, safe_json
from patron.reports.model import Page, page_models, templates
from reports.conftest import look, reading_of
from reports.worlds import with_come_due, with_moves

CHAPTERS = (
    *("headline", "value", "grid", "segments", "moves", "cohorts", "forecast"),
    *("realised", "risk", "plan", "data", "methods"),
)


@pytest.fixture(scope="module")
def models(tiny):
    return page_models(reading_of(with_moves(with_come_due(tiny))))


def test_the_chapters_come_in_reading_order(models):
    assert tuple(models) == CHAPTERS


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_template_uses_exactly_its_page_model(name, models):
    environment = templates(str)
    source, _, _ = environment.loader.get_source(environment, f"chapters/{name}.html")
    used = meta.find_undeclared_variables(environment.parse(source))
    assert used == {field.name for field in fields(models[name])}


def test_the_frame_uses_every_field_of_the_page():
    environment = templates(str)
    source, _, _ = environment.loader.get_source(environment, "report.html")
    assert meta.find_undeclared_variables(environment.parse(source)) == {"page"}
    assert all(f"page.{field.name}" in source for field in fields(Page))


@pytest.mark.parametrize("nasty", ["</script><script>alert(1)</script>", "<!--", "&lt;", "\u2028", '"', "]]>"])
def test_json_survives_a_script_element(nasty):
    text = str(safe_json({"name": nasty}))
    assert not set(text) & set("<>&\u2028")
    page = look(f'<script type="application/json" id="x">{text}</script>')
    assert json.loads(page.payloads["x"]) == {"name": nasty}


def test_a_chart_describes_itself_to_a_screen_reader():
    options = json.loads(chart("x", {"series": []}, 100, "what it shows").options)
    assert options["aria"] == {"enabled": True, "label": {"enabled": True, "description": "what it shows"}}
