"""Table contracts: what they refuse, and that they say so in words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from patron.contracts.facts import FACTS
from patron.contracts.published import PUBLISHED
from patron.contracts.tables import ARROW, IBIS, Column, TableContract
from patron.ground.errors import ContractBroken

SALES = TableContract(
    "sales",
    "one sale",
    ("sale_id",),
    (Column("sale_id", "text", "id", required=True), Column("amount", "money", "paid"), Column("day", "day", "when")),
)


def sales(**columns):
    return pa.table({"sale_id": ["a"], "amount": [None], "day": [None], **columns})


def test_columns_come_back_in_order_and_cast():
    table = pa.table({"extra": [1], "day": ["2024-07-01"], "amount": [Decimal(1)], "sale_id": ["a"]})
    checked = SALES.check(table)
    assert checked.column_names == ["sale_id", "amount", "day"]
    assert checked.schema.types == [pa.string(), pa.decimal128(18, 4), pa.date32()]
    assert checked["amount"].to_pylist() == [Decimal("1.0000")]


def test_a_missing_column_is_named_with_what_is_there():
    with pytest.raises(ContractBroken) as broken:
        SALES.check(pa.table({"sale_id": ["a"], "amounts": [1]}))
    assert str(broken.value) == (
        "Table 'sales' lacks ['amount', 'day'].\nIt has: ['sale_id', 'amounts'].\n"
        "Next: fill them where the table is made (empty cells are allowed in optional columns)."
    )


@pytest.mark.parametrize("column", [{"amount": ["ten"]}, {"amount": [[1.0]]}, {"day": ["soon"]}, {"amount": [10**18]}])
def test_a_cell_of_the_wrong_type_is_refused(column):
    with pytest.raises(ContractBroken, match=r"Table 'sales' has a column of the wrong type: .+"):
        SALES.check(sales(**column))


def test_money_is_never_rounded_in_silence():
    with pytest.raises(ContractBroken):
        SALES.check(sales(amount=pa.array([Decimal("0.00001")], pa.decimal128(18, 5))))


def test_empty_cells_of_required_columns_are_counted():
    with pytest.raises(ContractBroken, match=r"empty cells in required columns: \{'sale_id': 2\}"):
        SALES.check(pa.table({"sale_id": ["a", None, None], "amount": [None] * 3, "day": [None] * 3}))


@pytest.mark.parametrize(
    ("key", "columns", "word"),
    [
        (("b",), [Column("a", "text", "")], "keys on an unknown one"),
        (("a",), [Column("a", "text", ""), Column("a", "int", "")], "names a column twice"),
        (("a",), [Column("a", "varchar", "")], "unknown kind"),  # type: ignore[arg-type]
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(key, columns, word):
    with pytest.raises(ContractBroken, match=word):
        TableContract("t", "one", key, tuple(columns))


@pytest.mark.parametrize("contract", [*FACTS.values(), *PUBLISHED.values()], ids=lambda contract: contract.name)
def test_every_contract_is_whole(contract):
    assert contract.check(contract.empty()).schema.names == list(contract.names)
    assert set(contract.key) <= set(contract.names)
    assert all(column.meaning for column in contract.columns)
    assert contract.row
    assert list(contract.types) == list(contract.names)
    assert contract.schema.field(contract.required[0]).nullable is False


@pytest.mark.parametrize("tables", [FACTS, PUBLISHED])
def test_tables_are_found_under_their_own_names(tables):
    assert [name for name, contract in tables.items() if contract.name != name] == []


def test_every_dated_fact_has_a_local_day():
    undated = {name for name, contract in FACTS.items() if "day" not in contract.names}
    assert undated == {"products", "customers", "contacts", "order_extras"}


def test_direct_identifiers_live_in_contacts_only():
    private = {"email", "phone", "first_name", "last_name", "address", "external_id"}
    assert {name for name, contract in FACTS.items() if private & set(contract.names)} == {"contacts"}


def test_kinds_mean_the_same_to_arrow_and_to_the_engine(engine):
    now = datetime(2024, 7, 1, 12, tzinfo=UTC)
    cells = {
        "text": "a",
        "int": 1,
        "real": 1.5,
        "money": Decimal("1.5"),
        "flag": True,
        "day": now.date(),
        "instant": now,
        "json": "{}",
    }
    assert set(cells) == set(ARROW) == set(IBIS)
    table = pa.table({kind: pa.array([cells[kind]], ARROW[kind]) for kind in cells})
    known = engine.table(table)
    assert engine.arrow(known).to_pylist() == [cells]
    assert engine.arrow(known.cast(dict(IBIS))).to_pylist() == [cells]
