"""The Plan as people write it: every knob can be used as it stands, and every fault is one line in plain words."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from patron import flow, records, segments
from patron.ground.errors import PlanError

PYDANTIC = ("Input should be", "a valid ", "Extra inputs", "Field required", "pydantic", "type=", "{'")


def _fault(home: Path, text: str) -> str:
    (home / "patron.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as refused:
        flow.read_plan(home / "patron.toml")
    said = str(refused.value)
    assert str(home / "patron.toml") in said
    assert "Next:" in said
    assert not any(word in said for word in PYDANTIC), said
    return said


def test_a_fresh_plan_reads_back_as_it_was(tmp_path):
    plan = flow.Plan(name="x", sources=(flow.Source(path="a.csv"),))
    flow.write_plan(plan, tmp_path / "patron.toml")
    assert flow.read_plan(tmp_path / "patron.toml") == plan


def test_every_commented_knob_works_when_it_is_uncommented(tmp_path):
    path = tmp_path / "patron.toml"
    flow.write_plan(flow.Plan(sources=(flow.Source(path="a.csv"),)), path)
    fresh = path.read_text(encoding="utf-8")
    knobs = re.findall(r"^# (\w+) = ", fresh, re.M)
    assert set(knobs) == {"lifecycle_days", "playbook", "budget"}
    path.write_text(re.sub(r"^# (\w+ = )", r"\1", fresh, flags=re.M), encoding="utf-8")
    plan = flow.read_plan(path)
    assert plan.decisions.budget == 1000.0
    assert plan.decisions.playbook == Path("playbook.toml")
    assert plan.segments.lifecycle_days == (60.0, 120.0, 240.0)
    assert not re.search(r"^# \w+ =", path.read_text(encoding="utf-8"), re.M)


FAULTS = {
    "unknown": ("[records]\ncurency = 'EUR'", "records.curency: this key is not known. Did you mean 'currency'?"),
    "elsewhere": ("currency = 'EUR'", "currency: this key is not known. Did you mean 'records.currency'?"),
    "nothing like it": ("[records]\nqqq = 1", "Known here: currency, zone"),
    "missing": ("[[sources]]\nprofile = 'x'", "sources[1].path: this key is missing"),
    "whole number": ("seed = 'x'", 'seed: "x" came; expected a whole number'),
    "half": ("[decisions]\nhorizon_days = 2.5", "decisions.horizon_days: 2.5 came; expected a whole number"),
    "text": ("name = 5", "name: 5 came; expected text in quotes"),
    "list": ("[forecasts]\nhorizons_days = 90", "forecasts.horizons_days: 90 came; expected a list in square brackets"),
    "entry": ("[forecasts]\nhorizons_days = [90, 0]", "horizons_days[2]: 0 came; expected a number of 1 or more"),
    "choice": ("[records]\nexact_duplicates = 'rejct'", "expected 'reject' or 'keep'. Did you mean 'reject'?"),
    "flag": ("[records]\nforce_identity = 'maybe'", "records.force_identity: \"maybe\" came; expected true or false"),
    "flag in quotes": ("[segments.rules]\none_order_cap = 'yes'", 'one_order_cap: "yes" came; expected true or false'),
    "flag as a number": ("[records]\nforce_identity = 1", "records.force_identity: 1 came; expected true or false"),
    "section": ("records = 5", "records: 5 came; expected a section of its own"),
    "table for a value": ("[name]\na = 1", "name: a section came; expected text"),
    "either": ("[segments.rules]\ncn8_threshold = 'med'", "'median' or 'mean' or a list in square brackets"),
    "either, entry": ("[segments.rules]\ncn8_threshold = [1, -2, 3]", "segments.rules.cn8_threshold[2]: -2 came"),
    "two keys": ("[segments]\nk_min = 5\nk_max = 3", "segments: k_min = 5 is larger than k_max = 3"),
    "currency": ("[records]\ncurrency = 'EURO'", "currency: 'EURO' is not a currency code. Did you mean 'EUR'?"),
    "rate": ("[records.rates]\nEURO = 1.1", "records.rates: 'EURO' is not a currency code"),
    "zone": ("[records]\nzone = 'Mars/Base'", "records.zone: 'Mars/Base' is not a time zone"),
    "zone, nearly": ("[records]\nzone = 'Europe/Lodon'", "is not a time zone. Did you mean 'Europe/London'?"),
    "scheme": ("scheme = 'classic12'", "scheme: \"classic12\" came; expected one of classic11, cn8"),
    "scheme, nearly": ("scheme = 'clasic11'", "Did you mean 'classic11'?"),
    "left out": ("[features]\nleave_out = ['rhythm', 'moneyz']", 'features.leave_out[2]: "moneyz" came; expected'),
    "left out, nearly": ("[features]\nleave_out = ['monetery']", "Did you mean 'monetary'?"),
    "learned from": ("[segments]\nfeatures = ['order_count_90d']", "segments.features[1]: \"order_count_90d\" came"),
    "contender": ("[forecasts]\nmodels = ['naive', 'hurdel']", "forecasts.models[2]: \"hurdel\" came"),
    "contender, nearly": ("[forecasts]\nmodels = ['hurdel']", "Did you mean 'hurdle'?"),
    "profile": ("[[sources]]\npath = 'a.csv'\nprofile = 'shopfy-orders'", "Did you mean 'shopify-orders'?"),
    "second source": ("[[sources]]\npath = 'a'\n[[sources]]\nprofil = ''\npath = 'b'", "sources[2].profil: this key"),
    "finite": ("[decisions]\nbudget = inf", "decisions.budget: Infinity came; expected a finite number"),
    "not toml": ("name = ", "cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_one_line_with_key_value_and_expectation(tmp_path, case):
    text, told = FAULTS[case]
    assert told in _fault(tmp_path, text)


def _flags(model, path=()):
    for name, field in model.model_fields.items():
        if field.annotation is bool:
            yield (*path, name)
        elif hasattr(field.annotation, "model_fields"):
            yield from _flags(field.annotation, (*path, name))


def test_every_flag_of_a_plan_takes_true_and_false_and_no_word_for_them():
    flags = list(_flags(flow.Plan))
    assert len(flags) >= 3
    for *sections, name in flags:
        for value in ("yes", "true", "off", 1, 0.0):
            said = {name: value}
            for section in reversed(sections):
                said = {section: said}
            with pytest.raises(ValidationError):
                flow.Plan.model_validate(said)


def test_a_whole_number_stands_for_a_number_with_a_point(tmp_path):
    text = "seed = 8.0\n[decisions]\nbudget = 500\n[segments]\nlifecycle_days = [30, 60, 120]\n"
    (tmp_path / "patron.toml").write_text(text, encoding="utf-8")
    plan = flow.read_plan(tmp_path / "patron.toml")
    assert (plan.seed, plan.decisions.budget, plan.segments.lifecycle_days) == (8, 500.0, (30.0, 60.0, 120.0))


def test_names_that_only_the_data_know_and_versions_are_let_through(tmp_path):
    text = "scheme = 'cn8-1'\n[features]\nleave_out = ['signals', 'signal_steps_mean_30d', 'orders_count_7d']\n"
    (tmp_path / "patron.toml").write_text(text, encoding="utf-8")
    plan = flow.read_plan(tmp_path / "patron.toml")
    assert (plan.scheme, len(plan.features.leave_out)) == ("cn8-1", 3)


@pytest.mark.parametrize("name", segments.known_schemes())
def test_every_scheme_can_be_named(name):
    assert flow.Plan(scheme=name).scheme == name


def test_a_profile_of_the_shop_s_own_can_be_named(tmp_path):
    own = next(profile for profile in records.profiles(None) if profile.id == "canonical")
    (tmp_path / "profiles").mkdir()
    text = records.to_toml(own.model_copy(update={"id": "own-till"}))
    (tmp_path / "profiles" / "own-till.toml").write_text(text, encoding="utf-8")
    (tmp_path / "patron.toml").write_text("[[sources]]\npath = 'a'\nprofile = 'own-till'\n", encoding="utf-8")
    assert flow.read_plan(tmp_path / "patron.toml").sources[0].profile == "own-till"


def test_several_faults_are_all_listed_one_line_each(tmp_path):
    said = _fault(tmp_path, "seed = -1\nschema = 'x'\n[records]\nzone = 'Mars/Base'\ncurency = 'EUR'\n")
    first, *lines = said.splitlines()
    assert first.endswith("has 4 faults:")
    assert len([line for line in lines if line.startswith("- ")]) == 4
    assert lines[-1].startswith("Next:")


def test_a_long_value_is_shortened(tmp_path):
    said = _fault(tmp_path, f"seed = '{'x' * 500}'")
    assert len(said.splitlines()[0]) < 250 + len(str(tmp_path))


def test_a_currency_is_kept_in_capitals(tmp_path):
    (tmp_path / "patron.toml").write_text("[records]\ncurrency = 'eur'\nrates = { usd = 0.9 }\n", encoding="utf-8")
    spec = flow.read_plan(tmp_path / "patron.toml").records
    assert (spec.currency, spec.rates) == ("EUR", {"USD": 0.9})
    assert tomllib.loads((tmp_path / "patron.toml").read_text("utf-8"))["records"]["currency"] == "eur"
