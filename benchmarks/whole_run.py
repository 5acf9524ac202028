"""`patron run` from exports to report: on simulated shops of growing size, and on two real ones.

The real shops: Online Retail, which Patron ships, and Online Retail II, whose two sheets lie in the folder that the
environment variable ONLINE_RETAIL_II names.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import worlds
from benchmarks.measuring import Bar, Benchmark, Said, Side, Work
from benchmarks.worlds import WORLDS

MEMORY_LIMIT = "5GB"  # what DuckDB may hold; the promise for the whole process is 8 GB
_FOLDER = "ONLINE_RETAIL_II"


def _work(name: str, prepare: Callable[[Path], None]) -> Work:
    import patron
    from patron import settings

    shop = WORLDS / f"shop-{name}"
    shutil.rmtree(shop, ignore_errors=True)
    shop.mkdir(parents=True)
    prepare(shop)
    where = settings.read(memory_limit=MEMORY_LIMIT)

    def work() -> Said:
        run = patron.open(shop).run(settings=where)
        return {name: run.manifest[name] for name in ("customers", "orders")}

    return work


def _plan(sources: Sequence[str], currency: str, profile: str = "") -> Callable[[Path], None]:
    from patron import flow
    from patron.records import RecordSpec

    def prepare(shop: Path) -> None:
        named = tuple(flow.Source(path=path, profile=profile) for path in sources)
        plan = flow.Plan(name=shop.name, sources=named, records=RecordSpec(currency=currency))
        flow.write_plan(plan, shop / flow.PLAN_FILE)

    return prepare


def _simulated(size: int) -> Work:
    return _work(f"simulated-{size}", _plan([str(worlds.exports(size) / "*.parquet")], "EUR"))


def _demo(size: int) -> Work:  # noqa: ARG001  the size is the shop's own
    from patron.demo import prepare

    return _work("demo", prepare)


def _online_retail_ii(size: int) -> Work:  # noqa: ARG001
    folder = Path(os.environ[_FOLDER]).resolve()
    return _work("online-retail-ii", _plan([f"{folder}/*"], "GBP", "online-retail"))


def _missing() -> str:
    return "" if os.environ.get(_FOLDER) else f"{_FOLDER} does not name the folder with its two sheets"


SIMULATED = Benchmark(
    name="run",
    what="`patron run` from exports of orders, lines, products and returns to the report; sizes are customers",
    sizes=(10_000, 100_000, 1_000_000),
    sides=(Side("Patron", _simulated),),
    bars=(
        Bar("seconds at the largest size", "at most", 480, lambda result: result.seconds()),
        Bar("peak memory of Patron, GB", "at most", 8.0, lambda result: result.peak_gb()),
    ),
    ready=worlds.exports,
)
DEMO = Benchmark(
    name="run_online_retail",
    what="The demo: `patron run` on UCI Online Retail; sizes are invoice lines",
    sizes=(541_909,),
    sides=(Side("Patron", _demo),),
    bars=(Bar("seconds", "at most", 60, lambda result: result.seconds()),),
)
ONLINE_RETAIL_II = Benchmark(
    name="run_online_retail_ii",
    what="`patron run` on both sheets of Online Retail II; sizes are invoice lines",
    sizes=(1_067_370,),
    sides=(Side("Patron", _online_retail_ii),),
    bars=(Bar("seconds", "at most", 45, lambda result: result.seconds()),),
    skip=_missing,
)
