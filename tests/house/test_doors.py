from __future__ import annotations

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

ROOMS = (
    "records",
    "features",
    "segments",
    "forecasts",
    "explanations",
    "decisions",
    "reports",
    "simulation",
    "flow",
    "measures",
)
HEAVY = ("torch", "pyspark", "fastapi", "pandas", "pyarrow", "ibis", "duckdb", "sklearn", "lightgbm", "scipy", "numpy")


@pytest.mark.parametrize("room", ROOMS)
def test_the_door_lists_exactly_what_is_public(room):
    door = importlib.import_module(f"patron.{room}")
    there = vars(door).items()
    public = {name for name, value in there if not name.startswith("_") and not isinstance(value, ModuleType)}
    assert len(set(door.__all__)) == len(door.__all__)  # ruff keeps them in order
    assert set(door.__all__) == public - {"annotations", "get_args"}
    assert door.__doc__


def _modules_after(code: str) -> set[str]:
    tail = "; import sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["patron", "patron.cli"])
def test_importing_a_door_loads_nothing_heavy(module):
    assert _modules_after(f"import {module}").isdisjoint(HEAVY)


def test_help_loads_nothing_heavy_and_answers():
    call = "import sys; sys.argv = ['patron', '--help']\nfrom patron.cli import main\n"
    code = call + "try:\n    main()\nexcept SystemExit:\n    pass\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "print(' '.join(sys.modules), file=sys.stderr)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "simulate" in done.stdout
    assert set(done.stderr.split()).isdisjoint(HEAVY)


def test_the_package_itself_is_the_command():
    done = subprocess.run([sys.executable, "-m", "patron", "--help"], capture_output=True, text=True, check=True)
    assert "simulate" in done.stdout


def test_help_costs_little_more_than_its_own_library():
    def seconds(code: str) -> float:
        timer = f"import time; t = time.process_time(); {code}; print(time.process_time() - t)"
        runs = [
            subprocess.run([sys.executable, "-c", timer], capture_output=True, text=True, check=True) for _ in range(5)
        ]
        return min(float(run.stdout) for run in runs)

    bare = seconds("import typer, rich.console, rich.progress, rich.table")
    assert seconds("import patron.cli") < max(0.3, 2 * bare)
