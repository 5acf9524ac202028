"""The demo shop: UCI Online Retail, real orders of a British gift wholesaler, shipped with Patron under CC0."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

from patron.ground.errors import UnreadableFile

_FILE = "online_retail.parquet"


def prepare(folder: Path) -> None:
    """Make the demo shop's folder: the bundled export and a Plan; an existing Plan is left as it is."""
    from patron.flow import PLAN_FILE, Plan, Source, write_plan  # noqa: PLC0415  # heavy: only the demo pays for it
    from patron.records import RecordSpec  # noqa: PLC0415

    (folder / "exports").mkdir(parents=True, exist_ok=True)
    export = folder / "exports" / _FILE
    if not export.exists():
        shutil.copyfile(_bundled(), export)
    if not (folder / PLAN_FILE).exists():
        plan = Plan(
            name="Online Retail",
            sources=(Source(path=f"exports/{_FILE}", profile="online-retail"),),
            records=RecordSpec(currency="GBP", zone="Europe/London"),
        )
        write_plan(plan, folder / PLAN_FILE)


def _bundled() -> Path:
    """Find the export: inside an installed package, or in the repository it is developed in."""
    package = Path(str(resources.files("patron")))
    for path in (package / "demo_data" / _FILE, package.parents[1] / "data" / "online_retail" / _FILE):
        if path.exists():
            return path
    raise UnreadableFile("The bundled demo data is not there.\nNext: install Patron again: pip install patron.")
