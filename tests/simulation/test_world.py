"""The promises of a simulated world: one spec and seed, one world; whole or not at all; nothing from the future."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.compute as pc
import pytest

from patron.contracts.facts import FACTS
from patron.ground.errors import InputError
from patron.simulation import NO_DIRT, ORDERS_ONLY, SimulationSpec, World, load, population, scene, simulate, world

SMALL = SimulationSpec(customers=700, history_days=300, horizon_days=60)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene, "BLOCK_SIZE", 200)
    monkeypatch.setattr(population, "BLOCK_SIZE", 200)


def test_one_spec_and_seed_make_identical_bytes(tmp_path: Path) -> None:
    simulate(SMALL, tmp_path / "one", seed=3)
    simulate(SMALL, tmp_path / "two", seed=3)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_another_seed_makes_another_world(tmp_path: Path) -> None:
    one, two = (simulate(SMALL, tmp_path / str(seed), seed=seed) for seed in (3, 4))
    assert not one.table("order_lines").equals(two.table("order_lines"))


@pytest.mark.usefixtures("small_blocks")
def test_the_world_does_not_depend_on_how_many_blocks_are_drawn_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for workers in (1, 3):
        monkeypatch.setattr(world, "_WORKERS", workers)
        simulate(SMALL, tmp_path / str(workers), seed=3)
    assert digests(tmp_path / "1") == digests(tmp_path / "3")


@pytest.mark.usefixtures("small_blocks")
def test_more_customers_leave_the_whole_blocks_before_them_untouched(tmp_path: Path) -> None:
    fewer, more = (
        simulate(SMALL.model_copy(update={"customers": size}), tmp_path / str(size), seed=3) for size in (400, 700)
    )
    for name in ("truth/customers", "order_lines", "events", "touches"):
        assert more.table(name).slice(0, fewer.rows[name]).equals(fewer.table(name)), name


@pytest.mark.usefixtures("small_blocks")
def test_ids_are_unique_across_blocks(tmp_path: Path) -> None:
    shop = simulate(SMALL.model_copy(update={"dirt": NO_DIRT}), tmp_path / "shop", seed=3)
    for name in SMALL.tables:
        assert_key_is_unique(shop, name)


def assert_key_is_unique(shop: World, name: str) -> None:
    keys = shop.table(name).select(list(FACTS[name].key))
    assert keys.group_by(keys.column_names).aggregate([]).num_rows == keys.num_rows, name


def test_leaving_tables_out_changes_no_other(tmp_path: Path) -> None:
    whole = simulate(SMALL, tmp_path / "whole", seed=3)
    part = simulate(SMALL.model_copy(update={"tables": ORDERS_ONLY}), tmp_path / "part", seed=3)
    assert set(part.rows) == {"order_lines", "late/order_lines", "truth/customers"}
    assert part.table("order_lines").equals(whole.table("order_lines"))
    assert part.truth().equals(whole.truth())


def test_dirt_does_not_move_the_truth(clean_world: World, dirty_world: World) -> None:
    assert clean_world.truth().equals(dirty_world.truth())


@pytest.mark.parametrize("name", SMALL.tables)
def test_every_key_is_unique_in_a_clean_world(clean_world: World, name: str) -> None:
    assert_key_is_unique(clean_world, name)


@pytest.mark.parametrize("name", SMALL.tables)
def test_columns_bear_the_canonical_names_and_types(clean_world: World, name: str) -> None:
    table, contract = clean_world.table(name), FACTS[name]
    for field in table.schema:
        if name == "order_lines" and field.name == "currency":
            continue  # a fact of the order that line exports carry on every row
        assert field.type == contract.schema.field(field.name).type, field.name
    assert set(contract.key) <= set(table.column_names)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("orders", "ordered_at"),
        ("order_lines", "ordered_at"),
        ("events", "occurred_at"),
        ("returns", "returned_at"),
        ("reviews", "reviewed_at"),
        ("touches", "converted_at"),
        ("customers", "created_at"),
        ("links", "since"),
    ],
)
def test_a_clean_export_knows_nothing_from_as_of_on(clean_world: World, name: str, column: str) -> None:
    latest = pc.max(clean_world.table(name)[column]).as_py()
    assert datetime(2025, 11, 1, tzinfo=UTC) < latest < datetime(2026, 1, 1, tzinfo=UTC)


def test_as_of_is_a_midnight_of_the_shops_zone(tmp_path: Path) -> None:
    spec = SMALL.model_copy(update={"zone": "Asia/Shanghai", "dirt": NO_DIRT, "tables": ORDERS_ONLY})
    ordered = simulate(spec, tmp_path / "shop", seed=3).table("order_lines")["ordered_at"]
    assert pc.max(ordered).as_py() < datetime(2025, 12, 31, 16, tzinfo=UTC)


def test_the_truth_counts_what_the_exports_hold(clean_world: World) -> None:
    truth = clean_world.truth().to_pandas().set_index("customer_id")
    lines = clean_world.table("order_lines").to_pandas()
    orders = lines.groupby("customer_id")["order_id"].nunique()
    assert (truth["order_count"] == orders.reindex(truth.index)).all()
    paid = lines["quantity"] * lines["unit_price"].astype(float) - lines["line_discount"].astype(float)
    back = clean_world.table("returns").to_pandas().astype({"amount": float}).groupby("customer_id")["amount"].sum()
    net = paid.groupby(lines["customer_id"]).sum().sub(back, fill_value=0)
    assert (truth["net_revenue"] - net.reindex(truth.index)).abs().max() < 1e-6


def test_orders_are_the_sums_of_their_lines(clean_world: World) -> None:
    lines = clean_world.table("order_lines").to_pandas()
    gross = (lines["quantity"] * lines["unit_price"].astype(float)).groupby(lines["order_id"]).sum()
    orders = clean_world.table("orders").to_pandas().set_index("order_id")
    assert (orders["gross_amount"].astype(float) - gross.reindex(orders.index)).abs().max() < 1e-6


def test_it_comes_back_from_disk_as_it_was(clean_world: World) -> None:
    assert load(clean_world.folder) == clean_world


def test_the_world_page_names_as_of_and_expected_revenue(clean_world: World) -> None:
    page = json.loads((clean_world.folder / "truth" / "world.json").read_text(encoding="utf-8"))
    assert page["as_of"] == date(2026, 1, 1).isoformat()
    assert page["horizon_days"] == 365
    expected = pc.sum(clean_world.truth()["expected_net_revenue"]).as_py()
    assert page["totals"]["expected_net_revenue"] == pytest.approx(expected)


def test_progress_reaches_the_last_customer(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate(SMALL, tmp_path / "shop", seed=3, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(700, 700)]


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match=r"is not an empty folder\.\nNext: name a new folder"):
        simulate(SMALL, tmp_path, seed=3)
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_a_crash_leaves_nothing_behind(tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(SMALL, tmp_path / "shop", seed=3, on_progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_unknown_tables_and_folders_are_refused_by_name(clean_world: World, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no table 'signals'"):
        clean_world.table("signals")
    with pytest.raises(InputError, match="holds no simulated shop"):
        load(tmp_path)


def test_one_customer_is_enough(tmp_path: Path) -> None:
    shop = simulate(SimulationSpec(customers=1), tmp_path / "shop", seed=3)
    assert shop.truth().num_rows == 1
    assert shop.table("order_lines").num_rows >= 1
