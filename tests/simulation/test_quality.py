from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from patron.simulation import (
    NO_DIRT,
    DropoutAfterOrder,
    ExponentialDropout,
    Purchases,
    SimulationSpec,
    World,
    evaluate,
    load,
    simulate,
)


@pytest.mark.parametrize(
    "dropout",
    [ExponentialDropout(), ExponentialDropout(per_year=0), DropoutAfterOrder()],
    ids=["left", "never", "order"],
)
def test_worlds_keep_their_promises_however_customers_leave(
    tmp_path: Path, dropout: ExponentialDropout | DropoutAfterOrder
) -> None:
    spec = SimulationSpec(customers=5000, dirt=NO_DIRT, tables=("orders",), purchases=Purchases(dropout=dropout))
    judged = evaluate(simulate(spec, tmp_path / "shop", seed=5)).to_pydict()
    assert {*judged["verdict"]} == {"good: as the truth says"}, dict(
        zip(judged["measure"], judged["value"], strict=True)
    )
    assert len(judged["measure"]) == 7


def test_a_dirty_world_keeps_its_promises_too(dirty_world: World) -> None:
    assert {*evaluate(dirty_world)["verdict"].to_pylist()} == {"good: as the truth says"}


def test_a_broken_promise_is_called_poor(clean_world: World, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(clean_world.folder, folder)
    truth = clean_world.truth()
    doubled = pc.multiply(truth["expected_orders"], 1.5)
    column = truth.column_names.index("expected_orders")
    pq.write_table(
        truth.set_column(column, "expected_orders", pa.chunked_array(doubled)), folder / "truth/customers.parquet"
    )
    judged = evaluate(load(folder)).to_pydict()
    verdicts = dict(zip(judged["measure"], judged["verdict"], strict=True))
    assert verdicts["orders_in_horizon"] == "poor: not as the truth says"
    assert json.loads((folder / "truth/dirt.json").read_text()) == clean_world.dirt
