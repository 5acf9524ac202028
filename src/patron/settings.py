"""Settings: *where* Patron runs. What it does is in the Plan.

Each is read from the environment (`PATRON_` and its name in capitals) unless a flag says otherwise.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from patron.ground import faults
from patron.ground.errors import PlanError, ShelfFull

_KEY_FILE = "pseudonym.key"


class Settings(BaseModel):
    """Where and with how much Patron runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_limit: str = Field("", description="What the engine may hold in memory before it spills, such as 6GB.")
    engine: Literal["duckdb", "spark"] = Field("duckdb", description="What computes: DuckDB here, or Spark.")
    spark_master: str = Field("local[*]", description="Where Spark is: local[*], or such as spark://host:7077.")
    threads: int = Field(0, ge=0, description="Worker threads; 0: all cores.")
    spill: Path | None = Field(None, description="Folder for spilled data; empty: the system's temporary folder.")
    pseudonym_key: str = Field("", description="Secret that turns customer ids into pseudonyms; empty: a key file.")
    profiles: Path | None = Field(None, description="Folder with source profiles of your own (TOML).")


def read(**flags: object) -> Settings:
    """Return the settings: defaults, then the environment, then the flags that are given.

    >>> read(threads=2).threads
    2
    """
    given = {name: value for name, value in flags.items() if value is not None}
    spelled = {name: os.environ.get(f"PATRON_{name.upper()}") for name in Settings.model_fields}
    surroundings = {name: value for name, value in spelled.items() if value}
    try:
        return Settings.model_validate({**surroundings, **given})
    except ValidationError as error:
        lines = faults.spoken(Settings, error.errors())
        next_step = "correct the flag, or the variable PATRON_ and the setting's name in capitals."
        raise PlanError(faults.listed("The settings", lines, next_step)) from error


def pseudonym_key(settings: Settings, shelf: Path) -> bytes:
    """Return the secret that makes pseudonyms: the setting, or a key file beside the facts, made at first use.

    Losing the key file means that the same people get new pseudonyms: keep it with the shelf, out of version
    control.
    """
    if settings.pseudonym_key:
        return settings.pseudonym_key.encode()
    path = shelf / _KEY_FILE
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32))
        return path.read_text(encoding="ascii").strip().encode()
    except OSError as error:
        raise ShelfFull(f"Cannot read or write the pseudonym key {path}: {error.strerror}.") from error
