"""The live fold: a day's increment against making everything again, and how many events a second are folded and read.

Sizes of `increment` are customers of a shop that has orders, lines and returns; sizes of `live` are the customers who are
active at once, in a shop of a hundred thousand with events.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from benchmarks import worlds
from benchmarks.measuring import Bar, Benchmark, Result, Said, Side, Work
from patron.engines.duck import DuckEngine, sql
from patron.records import pseudonym_column
from patron.streaming import JsonLines, Live, Reading, State, StreamSpec, seed, settle

KEY = b"benchmark"
SHOP = Reading("UTC", "EUR", KEY)
LAST_DAY = date.fromisoformat(worlds.AS_OF) - timedelta(days=1)
EVENTS_A_SECOND, SECONDS = 50_000, 60
LIVE_CUSTOMERS = 100_000
_LINE = ("product_id", "category", "brand", "quantity", "unit_price", "line_discount", "list_price")


def increment_world(size: int) -> Path:
    """Make a state that knows everything but the last day, and that day's messages."""
    facts_in = worlds.many_facts(size)
    return worlds.made(f"increment-{size}", lambda folder: _increment(facts_in, folder))


def live_world(size: int) -> Path:
    """Make a state of a shop with events, and a minute of events of as many customers as `size`."""
    worlds.made(f"live-{LIVE_CUSTOMERS}", lambda folder: _seeded(worlds.facts(LIVE_CUSTOMERS), folder, "TRUE"))
    return worlds.made(f"minute-{size}", lambda folder: _minute(size, folder))


def one_day(size: int) -> Work:
    """Fold the day's messages, and settle: the tiles of that day, and the rows of who is in it, or left a window."""
    home = _copy(increment_world(size) / "state", f"increment-{size}-run")
    state = State(home, threads=2, memory_limit="5GB")
    fold, day = Live(state, SHOP, StreamSpec()), JsonLines(increment_world(size) / "day.jsonl")
    fold.start()

    def work() -> Said:
        while fold.fold(day):
            pass
        settled = settle(state)
        return {
            "messages": fold.progress.taken,
            "customers_moved": settled.moved,
            "customers_read_again": settled.read_again,
        }

    return work


def everything(size: int) -> Work:
    """Take all facts over from their files into an empty state, and make tiles and reduced rows of them."""
    home = worlds.WORLDS / f"increment-{size}-run"
    shutil.rmtree(home, ignore_errors=True)
    state = State(home, threads=2, memory_limit="5GB")

    def work() -> Said:
        seed(state, {path.stem: path for path in worlds.many_facts(size).glob("*.parquet")})
        return {"customers_read_again": settle(state).customers}

    return work


def tiles_and_rows(size: int) -> Work:
    """Make tiles and reduced rows again of all facts in a state."""
    state = State(_copy(increment_world(size) / "state", f"increment-{size}-run"), threads=2, memory_limit="5GB")
    state.say("rebuild", True)
    return lambda: {"customers_read_again": settle(state).customers}


def live(size: int) -> Work:
    """Fold a minute of events on one core, reading every touched customer's features after each second's."""
    source = JsonLines(live_world(size) / "events.jsonl")
    home = _copy(worlds.WORLDS / f"live-{LIVE_CUSTOMERS}", "live-run")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    fold = Live(State(home, threads=1, memory_limit="4GB"), SHOP, StreamSpec(batch_rows=EVENTS_A_SECOND))
    fold.start()
    rows: list[int] = []

    def work() -> Said:
        progress = fold.run([source], lambda read: rows.append(read.num_rows))
        gaps = sorted(progress.seconds_between_reads)
        return {
            "events": progress.taken,
            "rows_read": sum(rows),
            "longest_seconds_between_reads": round(gaps[-1], 2),
            "median_seconds_between_reads": round(gaps[len(gaps) // 2], 2),
        }

    return work


def share_of_rebuild(result: Result) -> float | None:
    """Return a day's increment as percent of making everything again from all facts, at the largest size."""
    times = result.times("everything again")
    return None if times is None else 100 * times


def events_a_second(result: Result) -> float | None:
    """Return the events that were folded and read in a second, of the smallest size measured."""
    ours = [one for one in result.measured if one.side == "Patron"]
    return EVENTS_A_SECOND * SECONDS / ours[0].median if ours else None


def _seeded(facts_in: Path, folder: Path, where: str) -> None:
    """Seed a state with facts whose customers have the pseudonyms that their messages give them."""
    folder.mkdir(parents=True, exist_ok=True)
    named = folder / "facts"
    named.mkdir()
    with DuckEngine(threads=2, memory_limit="4GB", spill=folder) as engine:
        for path in facts_in.glob("*.parquet"):
            table = engine.parquet(path)
            people = [name for name in ("customer_id", "from_customer", "to_customer") if name in table.columns]
            renamed = table.mutate(**{name: pseudonym_column(table[name], KEY) for name in people})
            kept = f"SELECT * FROM ({sql(renamed)}) WHERE {where if 'day' in table.columns else 'TRUE'}"
            engine.execute(f"COPY ({kept}) TO '{named / path.name}' (COMPRESSION zstd)")
    with State(folder / "state", threads=2, memory_limit="5GB") as state:
        seed(state, {path.stem: path for path in named.glob("*.parquet")})
        settle(state)
    shutil.rmtree(named)


def _increment(facts_in: Path, folder: Path) -> None:
    _seeded(facts_in, folder, f"day < DATE '{LAST_DAY}'")
    orders, lines = (f"'{facts_in / name}.parquet'" for name in ("orders", "order_lines"))
    cells = ", ".join(f"{name} := {name}" for name in _LINE)
    with DuckEngine(threads=2, spill=folder) as engine:
        engine.execute(
            f"COPY (SELECT 'orders' AS \"table\", order_id, customer_id, ordered_at, status, currency, gross_amount, "
            f"discount_amount, shipping_amount, coupon, channel, lines FROM {orders} JOIN (SELECT order_id, "
            f"list(struct_pack({cells}) ORDER BY line_no) AS lines FROM {lines} WHERE day = DATE '{LAST_DAY}' "
            f"GROUP BY order_id) USING (order_id) WHERE day = DATE '{LAST_DAY}') TO '{folder / 'day.jsonl'}' (FORMAT json)"
        )


def _minute(size: int, folder: Path) -> None:
    folder.mkdir(parents=True)
    with (folder / "events.jsonl").open("w", encoding="ascii") as file:
        file.writelines(_events(size, random.Random(worlds.SEED)))


def _events(size: int, dice: random.Random) -> Iterator[str]:
    types = ("view",) * 8 + ("cart", "purchase", "search")
    for number in range(EVENTS_A_SECOND * SECONDS):
        who, second = dice.randrange(size), number // EVENTS_A_SECOND
        yield (
            f'{{"table":"events","event_id":"n{number}","customer_id":"visitor{who}",'
            f'"occurred_at":"{worlds.AS_OF}T10:00:{second:02d}Z","type":"{types[dice.randrange(len(types))]}",'
            f'"session_id":"s{who}","product_id":"p{number % 1000}","category":"c{number % 20}","price":12.5}}\n'
        )


def _copy(folder: Path, name: str) -> Path:
    home = worlds.WORLDS / name
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(folder / "state" if (folder / "state").exists() else folder, home)
    return home


INCREMENT = Benchmark(
    name="increment",
    what="One day's orders folded and settled, against a state made from all facts; and its tiles and rows alone",
    sizes=(100_000, 1_000_000),
    sides=(
        Side("Patron", one_day),
        Side("everything again", everything),
        Side("only tiles and rows again", tiles_and_rows),
    ),
    bars=(Bar("a day's increment, percent of everything again", "at most", 5.0, share_of_rebuild),),
    ready=increment_world,
)
LIVE = Benchmark(
    name="live",
    what="A minute of 50,000 events a second folded on one core, touched customers read every second",
    sizes=(5_000, 50_000),
    sides=(Side("Patron", live),),
    bars=(Bar("events a second, 5,000 active customers", "at least", 50_000, events_a_second),),
    ready=live_world,
)
