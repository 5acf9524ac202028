"""The Plan: *what* a shop does, in `patron.toml`; versioned with every run. Where it runs is in the settings."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from patron import records, segments
from patron.decisions import DecisionSpec
from patron.explanations import ExplanationSpec
from patron.features import FeatureSpec
from patron.flow.own_schemes import own_names
from patron.forecasts import ForecastSpec
from patron.ground import faults
from patron.ground.errors import PlanError
from patron.records import RecordSpec
from patron.segments import SegmentSpec

FILE = "patron.toml"
_CORRECT = "correct it there; the comment above each key of a Plan that `patron init` writes says what it takes."


class Source(BaseModel):
    """Where one kind of export lies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(
        description="File, folder or glob, relative to this Plan or as s3://…; or a database address and ::table."
    )
    profile: str = Field("", description="Source profile; empty: detected (see `patron profiles`).")

    @field_validator("profile")
    @classmethod
    def _is_a_profile(cls, name: str, info: ValidationInfo) -> str:
        known = (info.context or {}).get("profiles", ())
        return faults.named(name, known, "a profile that `patron profiles` lists") if name and known else name


class Plan(BaseModel):
    """Everything that decides a run's numbers, besides the data and the as_of date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("my shop", description="The shop's name, as the report calls it.")
    seed: int = Field(7, ge=0, description="One seed; every use derives its own by name.")
    scheme: str = Field("classic11", description="The segment scheme that actions and the report speak of first.")
    confirmed_change: str = Field(
        "",
        description="A change of the learned segments that may be published: a split, merger, birth or death. A run "
        "that finds one says what to write here, and keeps the segments as they were until it stands here.",
    )
    sources: tuple[Source, ...] = Field((), description="The exports.")
    records: RecordSpec = Field(default_factory=RecordSpec, description="How records are cleaned.")
    features: FeatureSpec = Field(default_factory=FeatureSpec, description="Which features are computed.")
    segments: SegmentSpec = Field(default_factory=SegmentSpec, description="How customers are segmented.")
    forecasts: ForecastSpec = Field(default_factory=ForecastSpec, description="What is forecast.")
    explanations: ExplanationSpec = Field(default_factory=ExplanationSpec, description="How forecasts are explained.")
    decisions: DecisionSpec = Field(default_factory=DecisionSpec, description="How actions are chosen.")

    @field_validator("scheme")
    @classmethod
    def _is_a_scheme(cls, name: str, info: ValidationInfo) -> str:
        known = (*segments.known_schemes(), *(info.context or {}).get("own_schemes", ()))
        return faults.named(name, known, f"one of {', '.join(known)}")


def profiles_folder(home: Path, chosen: Path | None = None) -> Path | None:
    """Return the folder with a shop's further source profiles: the one chosen, or its own where it has one."""
    own = home / "profiles"
    return chosen or (own if own.is_dir() else None)


def read(path: Path, profiles: Path | None = None) -> Plan:
    """Read a Plan; whatever can be known without the data is checked.

    Args:
        path: the file.
        profiles: folder with source profiles that its sources may name; None: `profiles` beside the file.

    Raises:
        PlanError: it is not there, not TOML, or says something that is not known; the key is named.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise PlanError(f"{path} is not there.\nNext: `patron init {path.parent}` writes one.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlanError(
            f"{path} cannot be read: {error}.\n"
            'Expected TOML: sections such as [records], and lines such as currency = "EUR".\n'
            "Next: correct that line; text stands in quotes, lists in square brackets."
        ) from error
    try:
        layouts = records.profiles(profiles_folder(path.parent, profiles))
        context = {"profiles": [profile.id for profile in layouts], "own_schemes": own_names(said, path.parent)}
        return Plan.model_validate(said, context=context)
    except ValidationError as error:
        lines = faults.spoken(Plan, error.errors())
        raise PlanError(faults.listed(str(path), lines, _CORRECT)) from error


def write(plan: Plan, path: Path) -> None:
    """Write a Plan with a comment above every knob."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Patron's Plan: what this shop does. Every knob is here with its meaning."))
    _add_fields(document, plan)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def _add_fields(container: Any, model: BaseModel) -> None:
    tables = []
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel | dict) or _is_list_of_models(value):
            tables.append((name, value, field.description or ""))
            continue
        container.add(tomlkit.comment(field.description or name))
        if value is None:
            container.add(tomlkit.comment(f"{name} = {_example(field)}"))
        else:
            container.add(name, _plain(value))
        container.add(tomlkit.nl())
    for name, value, description in tables:
        _add_tables(container, name, value, description)


def _add_tables(container: Any, name: str, value: Any, description: str) -> None:
    if isinstance(value, BaseModel):
        table = tomlkit.table()
        table.comment(description)
        _add_fields(table, value)
        container.add(name, table)
        return
    if isinstance(value, dict):
        table = tomlkit.table()
        table.comment(description)
        table.update(value)
        container.add(name, table)
        return
    array = tomlkit.aot()
    for item in value:
        table = tomlkit.table()
        for key in type(item).model_fields:
            table.add(key, getattr(item, key))
        array.append(table)
    container.add(name, array)


def _is_list_of_models(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(item, BaseModel) for item in value)


def _example(field: FieldInfo) -> str:
    """Write a value that a knob which is not set could have; uncommented, the line works as it stands."""
    return str(tomlkit.item(_plain((field.examples or [""])[0])).as_string())


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
