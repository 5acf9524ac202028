from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

import patron
from flow import shops
from patron.cli import main


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def say(capsys, monkeypatch):
    """Call `patron` as a shell would, and return its exit code, stdout and stderr."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["patron", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        heard = capsys.readouterr()
        assert "Traceback" not in heard.err + heard.out
        return Said(int(stopped.value.code or 0), heard.out, heard.err)

    return call


@pytest.fixture(scope="session")
def small_shop(tmp_path_factory):
    """A shop that has been run twice, as of two days."""
    home = shops.make(tmp_path_factory.mktemp("cli") / "shop")
    patron.open(home).run("2025-12-01")
    patron.open(home).run("2026-01-15")
    return home
