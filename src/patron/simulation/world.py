"""The story: set the scene, then let block after block of customers live, and write down what a shop would see."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from patron.ground.errors import InputError
from patron.simulation import exports, register, scene, truth
from patron.simulation.methods import browsing, dirt, purchases
from patron.simulation.population import Population, live, populate
from patron.simulation.sales import Sales, sell
from patron.simulation.spec import SimulationSpec
from patron.simulation.writer import ExportWriter, whole_or_nothing

OnProgress = Callable[[int, int], None]
_WORKERS = 2  # blocks drawn at once; the world does not depend on it
_VISIT_PRODUCT_SHARE = 0.35  # of an order's value: the price level a visitor looks at


@dataclass(frozen=True, slots=True)
class World:
    """A simulated shop on disk: its exports, and the truth behind them."""

    folder: Path
    spec: SimulationSpec
    seed: int
    rows: Mapping[str, int]  # rows of every file, such as {'order_lines': 61234, 'truth/customers': 10000}
    dirt: Mapping[str, Mapping[str, int]]  # table: kind: rows

    def table(self, name: str) -> pa.Table:
        """Read an export, such as 'orders', 'late/orders' or 'truth/customers'.

        Raises:
            InputError: the world has no table of that name.
        """
        if name not in self.rows:
            raise InputError(f"The world in {self.folder} has no table {name!r}.\nIt has: {sorted(self.rows)}.")
        return pq.read_table(self.folder / f"{name}.parquet")

    def truth(self) -> pa.Table:
        """Read the truth about every customer; `truth.COLUMNS` says what the columns mean."""
        return self.table("truth/customers")


@dataclass(frozen=True, slots=True)
class _Block:
    customers: int
    tables: Mapping[str, pa.Table]
    dirt: Mapping[str, Mapping[str, int]]


def simulate(spec: SimulationSpec, out: Path, *, seed: int, on_progress: OnProgress | None = None) -> World:
    """Make a shop whose truth is known, and write its exports under `out`.

    The same spec and seed give the same files, byte for byte. Writing one table fewer changes no other. Files are
    Parquet in Patron's canonical names; `late/` holds the rows that a later export would bring; `truth/` holds
    `customers.parquet` (what moves every customer, and what is expected of them in the horizon), `dirt.json` (rows
    per table and kind of dirt) and `world.json` (spec, seed, promotions, campaigns, totals, and what columns mean).

    Args:
        spec: the shop.
        out: a folder that does not exist or is empty.
        seed: any integer from 0 on.
        on_progress: called with the customers done and their total after every block of 16,384.

    Raises:
        InputError: `out` is in use.
        ShelfFull: the disk is full.

    >>> import tempfile
    >>> out = Path(tempfile.mkdtemp()) / "shop"
    >>> world = simulate(SimulationSpec(customers=200), out, seed=7)
    >>> world.truth().num_rows
    200
    """
    stage = scene.build(spec, seed)
    counts: dict[str, Counter[str]] = {}
    done = 0
    with whole_or_nothing(out) as folder:
        with ExportWriter(folder) as writer:
            if "products" in spec.tables:
                writer.write("products", exports.products(stage))
            for block in _in_turn(stage):
                for name, table in block.tables.items():
                    writer.write(name, table)
                for table_name, kinds in block.dirt.items():
                    counts.setdefault(table_name, Counter()).update(kinds)
                done += block.customers
                if on_progress:
                    on_progress(done, spec.customers)
            world = World(out, spec, seed, writer.rows, {name: dict(kinds) for name, kinds in counts.items()})
        _write_words(folder, stage, world)
    return world


def load(folder: Path) -> World:
    """Open a world that `simulate` wrote.

    Raises:
        InputError: the folder holds none.
    """
    page = folder / "truth" / "world.json"
    if not page.is_file():
        raise InputError(
            f"{folder} holds no simulated shop: {page} is missing.\nNext: make one with `patron simulate`."
        )
    words = json.loads(page.read_text(encoding="utf-8"))
    return World(folder, SimulationSpec.model_validate(words["spec"]), words["seed"], words["rows"], words["dirt"])


def _in_turn(stage: scene.Scene) -> Iterator[_Block]:
    """Draw blocks ahead of the writer, and hand them over in sequence."""
    waiting: deque[Future[_Block]] = deque()
    with ThreadPoolExecutor(_WORKERS) as pool:
        for block, size in stage.blocks():
            waiting.append(pool.submit(_live_through, stage, block, size))
            if len(waiting) > _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _live_through(stage: scene.Scene, block: int, size: int) -> _Block:
    folk = populate(stage, block, size)
    lives = live(stage, folk)
    is_past = lives.orders.placed_s < stage.as_of_s
    past = sell(stage, folk, lives.orders.where(is_past), "past")
    ahead = sell(stage, folk, lives.orders.where(~is_past), "ahead")
    known = exports.names(stage, folk)
    tables = {"truth/customers": truth.customers(stage, folk, lives, past, ahead, known)}
    counts: dict[str, Mapping[str, int]] = {}
    wanted = stage.spec.tables
    if "orders" in wanted or "order_lines" in wanted:
        _sales_tables(stage, folk, past, known, (tables, counts))
    if "returns" in wanted:
        tables["returns"], counts["returns"] = exports.returns(stage, past, known)
    if "events" in wanted:
        tables["events"], counts["events"] = exports.events(stage, _browse(stage, folk, lives.left_s, past), known)
    if "reviews" in wanted:
        tables["reviews"] = exports.reviewed(stage, past, known)
    if "touches" in wanted:
        tables["touches"] = register.touches(stage, lives, known, past.orders)
    if "links" in wanted:
        tables["links"] = register.links(folk, known)
    if "customers" in wanted:
        tables["customers"] = register.customers(folk, known)
    if "contacts" in wanted:
        tables["contacts"] = register.contacts(folk, known)
    return _Block(size, tables, counts)


def _sales_tables(
    stage: scene.Scene,
    folk: Population,
    past: Sales,
    known: exports.Names,
    into: tuple[dict[str, pa.Table], dict[str, Mapping[str, int]]],
) -> None:
    tables, counts = into
    cast = dirt.Cast(len(folk), len(folk) + 1, len(stage.catalogue), stage.as_of_s)
    draw, currency = stage.stream("sales dirt", folk.block), stage.spec.baskets.currency
    soiled = dirt.soil_orders(
        draw, exports.order_columns(past), exports.line_columns(past), stage.spec.dirt_shares, cast
    )
    orders = exports.orders(soiled.orders, known, folk, currency)
    lines = exports.order_lines(soiled.lines, soiled.orders, known, currency)
    late_line = soiled.is_late[soiled.lines["order"]]
    for name, table, is_late in (("orders", orders, soiled.is_late), ("order_lines", lines, late_line)):
        if name not in stage.spec.tables:
            continue
        tables[name] = table.filter(pa.array(~is_late)) if is_late.any() else table
        counts[name] = soiled.counts[name]
        if stage.spec.dirt.get("late"):
            tables[f"late/{name}"] = exports.spelled_out(table.filter(pa.array(is_late)))


def _browse(
    stage: scene.Scene, folk: Population, left_s: np.ndarray[tuple[int], np.dtype[np.int64]], past: Sales
) -> browsing.Events:
    spec, months, draw = stage.spec.browsing, stage.calendar, stage.stream("browsing", folk.block)
    ordering = browsing.ordering_visits(
        draw, folk.tastes, past.orders.customer, past.orders.placed_s, past.lines, past.is_tracked
    )
    ends = months.busy_at(np.minimum(left_s, stage.as_of_s))
    # Everybody looks around a few times a year, however seldom they buy.
    rate = spec.visits_per_order * (folk.latent.rate + 2 / 365.25)
    visitor, busy = purchases.arrivals(draw, rate, months.busy_at(folk.acquired_s), ends)
    return browsing.together(
        [
            ordering,
            browsing.window_shopping(
                draw,
                stage.catalogue,
                folk.tastes,
                (visitor, months.when_busy(busy), len(past.orders)),
                folk.latent.mean_order_value * 100 * _VISIT_PRODUCT_SHARE,
                (spec.events_per_visit, spec.anonymous_share),
            ),
        ]
    )


def _write_words(folder: Path, stage: scene.Scene, world: World) -> None:
    known = pq.read_table(folder / "truth" / "customers.parquet", columns=list(_TOTALS)).to_pandas()
    opens = world.spec.as_of - timedelta(days=world.spec.history_days)
    words = {
        "spec": world.spec.model_dump(mode="json"),
        "seed": world.seed,
        "as_of": world.spec.as_of.isoformat(),
        "horizon_days": world.spec.horizon_days,
        "rows": dict(world.rows),
        "totals": {name: float(known[name].sum()) for name in _TOTALS},
        "dirt": world.dirt,
        "promotions": [
            {"first_day": (opens + timedelta(days=p.first)).isoformat(), "days": p.days, "depth": p.depth}
            for p in stage.promotions
        ],
        "campaigns_sent_at": [datetime.fromtimestamp(s, UTC).isoformat() for s in stage.campaign_s.tolist()],
        "columns": truth.COLUMNS,
    }
    for name, content in (("world", words), ("dirt", world.dirt)):
        text = json.dumps(content, indent=2, sort_keys=True) + "\n"
        (folder / "truth" / f"{name}.json").write_text(text, encoding="utf-8")


_TOTALS = (
    "is_alive",
    "order_count",
    "net_revenue",
    "expected_orders",
    "expected_net_revenue",
    "actual_orders",
    "actual_net_revenue",
)
