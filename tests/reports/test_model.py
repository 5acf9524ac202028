"""The file: self-contained, safe, complete without scripts, and refused in words when it cannot be made."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
from dataclasses import replace
from importlib.resources import files

import pytest

from patron import reports
from patron.ground.errors import ContractBroken, EmptyInput, PlanError, ShelfFull
from reports.conftest import look
from reports.worlds import with_decisions, without_money

MOST_BYTES = 3_000_000


@pytest.fixture(scope="module", params=["en", "zh"])
def page(request, real, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "deep" / "index.html"
    assert reports.build(real, out, lang=request.param) == out
    return out.read_text(encoding="utf-8")


def test_the_door_lists_exactly_what_is_public():
    assert reports.__all__ == sorted(
        reports.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    assert all(hasattr(reports, name) for name in reports.__all__)


def test_the_headlines_open_the_report(real, page):
    lang = "zh" if 'lang="zh"' in page else "en"
    said = reports.headlines(real, lang=lang)
    assert len(said) == 3
    assert all(sentence in look(page).text for sentence in said)


def test_it_is_small_and_fetches_nothing(page):
    assert len(page.encode()) < MOST_BYTES
    seen = look(page)
    for tag, attributes in seen.tags:
        assert "src" not in attributes, tag
        assert not str(attributes.get("href", "#")).startswith(("http", "//")), attributes
        assert tag not in {"link", "img", "iframe", "object"}
    styles = re.findall(r"<style>(.*?)</style>", page, re.S)
    assert len(styles) == 1
    assert "@import" not in styles[0]
    assert not re.search(r"url\(\s*(?![\"']?data:)", styles[0])


def test_only_its_own_scripts_may_run(page):
    policy = next(a["content"] for tag, a in look(page).tags if a.get("http-equiv") == "Content-Security-Policy")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.S)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert len(hashes) == 2
    assert all(f"'sha256-{digest}'" in policy for digest in hashes)
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert not any(name.startswith("on") for _, attributes in look(page).tags for name in attributes)


def test_every_chart_has_options_a_table_and_a_sentence(page):
    seen = look(page)
    charts = [a for _, a in seen.tags if a.get("class") == "chart"]
    assert len(charts) == 10
    for attributes in charts:
        options = json.loads(seen.payloads[attributes["data-options"]])
        assert options["aria"]["enabled"]
        assert attributes["aria-label"] == options["aria"]["label"]["description"]
    for figure in re.findall(r"<figure.*?</figure>", page, re.S):
        assert "<table" in figure
        assert re.search(r"<figcaption>\s*\S", figure)


@pytest.mark.parametrize("name", ["scores", "fitness", "preparation", "judgements"])
def test_what_only_experts_read_is_folded(page, name):
    folds = re.findall(r'<details class="fold"><summary>.*?</summary>(.*?)</details>', page, re.S)
    assert sum(f'id="table-{name}"' in fold for fold in folds) == 1


def test_tables_can_be_reached_by_keyboard_and_ids_are_unique(page):
    seen = look(page)
    regions = [a for _, a in seen.tags if a.get("role") == "region"]
    ids = [a["id"] for _, a in seen.tags if "id" in a]
    assert len(regions) == sum(tag == "table" for tag, _ in seen.tags)
    assert all(a["tabindex"] == "0" and a["aria-labelledby"] in ids for a in regions)
    assert len(ids) == len(set(ids))
    anchors = [str(a["href"])[1:] for tag, a in seen.tags if tag == "a"]
    assert set(anchors) <= set(ids)


def test_without_scripts_the_story_is_told(page):
    text = look(page).text
    assert "1,177" in text
    assert "4,338" in text
    assert "£8.31M" in text or "£831万" in text
    assert "13027" in text


def test_no_gap_is_printed_as_a_program_would(page):
    assert not re.search(r"\b(nan|None|inf|Undefined)\b|\{[a-z_]+\}", look(page).text)


@pytest.mark.parametrize("lang", reports.LANGUAGES)
def test_names_and_ids_are_data_never_markup(tiny, tmp_path, lang):
    page = reports.build(with_decisions(tiny), tmp_path / "r.html", lang=lang).read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<i>Co</i>" not in page
    assert "<b>odd</b>" not in page
    assert "Tiny & <i>Co</i>" in look(page).text
    assert look(page).text.count("<b>odd</b>") >= 1


def test_a_hostile_id_in_the_list_of_people_is_text(tiny, tmp_path):
    at = tiny.forecasts.schema.get_field_index("repurchase_probability")
    chances = [0.9, 0.5, 0.7, 0.5, 0.3, 0.3]
    since = tiny.profiles.schema.get_field_index("days_since_last_order")
    story = replace(
        tiny,
        forecasts=tiny.forecasts.set_column(at, "repurchase_probability", [chances]),
        profiles=tiny.profiles.set_column(since, "days_since_last_order", [[5.0, 90.0, 20.0, 10.0, 150.0, 150.0]]),
    )
    page = reports.build(story, tmp_path / "r.html", lang="en").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("lang", reports.LANGUAGES)
def test_a_shop_without_money_or_forecast_gets_a_whole_report(real, tmp_path, lang):
    page = reports.build(without_money(real), tmp_path / "r.html", lang=lang).read_text(encoding="utf-8")
    text = look(page).text
    assert "£" not in text
    assert ("import order amounts" if lang == "en" else "导入订单金额") in text
    assert page.count('class="chapter"') == 10


def test_the_same_input_gives_the_same_bytes(tiny, tmp_path):
    one, two = (reports.build(tiny, tmp_path / name, lang="en") for name in ("a.html", "b.html"))
    assert one.read_bytes() == two.read_bytes()


def test_it_replaces_an_older_report_and_leaves_no_draft(tiny, tmp_path):
    out = tmp_path / "r.html"
    out.write_text("old")
    reports.build(tiny, out, lang="en")
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    assert stat.S_IMODE(out.stat().st_mode) & stat.S_IRUSR


def test_an_unknown_language_is_refused_before_anything_is_written(tiny, tmp_path):
    with pytest.raises(PlanError, match="report language"):
        reports.build(tiny, tmp_path / "r.html", lang="de")
    assert not list(tmp_path.iterdir())


def test_a_table_that_breaks_its_contract_is_named(tiny, tmp_path):
    story = replace(tiny, decisions=tiny.decisions.drop_columns(["arm"]))
    with pytest.raises(ContractBroken, match=r"'decisions' lacks \['arm'\]"):
        reports.build(story, tmp_path / "r.html", lang="en")


def test_no_customer_is_no_report(tiny, tmp_path):
    with pytest.raises(EmptyInput, match=r"'profiles' is empty[\s\S]*ledger"):
        reports.build(replace(tiny, profiles=tiny.profiles.slice(0, 0)), tmp_path / "r.html", lang="en")


def test_a_place_that_cannot_be_written_is_told(tiny, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(ShelfFull, match="cannot be written"):
        reports.build(tiny, blocker / "r.html", lang="en")


def test_vendored_files_are_what_the_vendor_note_says():
    assets = files("patron.reports").joinpath("assets")
    note = assets.joinpath("VENDOR.txt").read_text(encoding="utf-8")
    assert hashlib.sha256(assets.joinpath("echarts.min.js").read_bytes()).hexdigest() in note
    named = set(re.findall(r"ECHARTS-[\w-]+\.txt", note))
    assert len(named) == 3
    assert all(assets.joinpath(name).is_file() for name in named)
