"""Errors: one tree, and messages that say what to do."""

from __future__ import annotations

import inspect

import pytest

from patron.ground import errors
from patron.ground.errors import (
    ContractBroken,
    DataRefused,
    ExtraMissing,
    IdentityRefused,
    InputError,
    MissingColumns,
    PatronError,
    PlanError,
    ShelfBusy,
    ShelfError,
)

TREE = [one for _, one in inspect.getmembers(errors, inspect.isclass) if one.__module__ == errors.__name__]


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_every_error_is_a_patron_error_with_a_sentence(error):
    assert issubclass(error, PatronError)
    assert inspect.getdoc(error).endswith(".")
    assert error.__name__ in (errors.__doc__ or "")


def test_the_tree_has_the_branches_that_exit_codes_rest_on():
    assert issubclass(IdentityRefused, DataRefused)
    assert issubclass(MissingColumns, InputError)
    assert issubclass(ShelfBusy, ShelfError)
    assert not issubclass(ContractBroken, DataRefused | InputError)


def test_missing_columns_come_with_a_guess():
    error = MissingColumns.found("orders.csv", ["order_id"], ["OrderID", "order_ids", "day"], hint="name it")
    assert str(error) == (
        "orders.csv lacks the column(s) ['order_id'].\nIt has: ['OrderID', 'order_ids', 'day'].\n"
        "Did you mean 'order_ids' for 'order_id'?\nNext: name it"
    )


def test_missing_columns_without_anything_alike():
    error = MissingColumns.found("orders.csv", {"b", "a"}, ["zzzz"])
    assert str(error) == "orders.csv lacks the column(s) ['a', 'b'].\nIt has: ['zzzz']."


def test_an_unknown_choice_lists_the_known_ones():
    error = PlanError.unknown_choice("segments.scheme", "clasic11", ["putler11", "classic11"])
    assert str(error) == (
        "segments.scheme: 'clasic11' is not known. Did you mean 'classic11'?\nChoose one of: classic11, putler11."
    )
    assert "Did you mean" not in str(PlanError.unknown_choice("x", 7, ["classic11"]))


def test_a_missing_extra_says_how_to_install_it():
    error = ExtraMissing.named("postgres", "Reading PostgreSQL")
    assert str(error).endswith("Install it: pip install 'patron[postgres]'")
