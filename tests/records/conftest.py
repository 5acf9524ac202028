"""What the tests of records share: the shipped profiles, and the samples of exports."""

from __future__ import annotations

from pathlib import Path

import pytest

from patron.records import sources
from patron.records.spec import SourceProfile
from servers import postgres

__all__ = ["postgres"]

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES


@pytest.fixture(scope="session")
def profiles() -> tuple[SourceProfile, ...]:
    return sources.profiles()
