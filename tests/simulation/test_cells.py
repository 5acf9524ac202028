from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.simulation.methods import cells
from patron.simulation.methods.arrays import NEVER


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**13), 10**13), st.booleans())))
def test_money_is_exact(rows: list[tuple[int, bool]]) -> None:
    cents = np.array([cent for cent, _ in rows], np.int64)
    known = np.array([flag for _, flag in rows], np.bool_)
    expected = [Decimal(cent) / 100 if flag else None for cent, flag in rows]
    assert cells.money(cents, known).to_pylist() == expected


@settings(deadline=None)
@given(st.lists(st.integers(-(2**31), 2**33) | st.just(NEVER)))
def test_instants_are_utc(seconds: list[int]) -> None:
    expected = [None if s == NEVER else datetime.fromtimestamp(s, UTC) for s in seconds]
    assert cells.instants(np.array(seconds, np.int64)).to_pylist() == expected


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**8 - 1)))
def test_numbers_become_texts_of_one_length(numbers: list[int]) -> None:
    assert cells.numbered("C", np.array(numbers, np.int64), 8).to_pylist() == [f"C{n:08d}" for n in numbers]


@settings(deadline=None)
@given(st.lists(st.integers(-1, 2)))
def test_absent_codes_are_empty_cells(codes: list[int]) -> None:
    array = np.array(codes, np.int64)
    assert cells.words(array, ["a", "b", "c"]).to_pylist() == [None if c < 0 else "abc"[c] for c in codes]
    assert cells.wholes(array).to_pylist() == [None if c < 0 else c for c in codes]
    assert cells.reals(array).to_pylist() == [None if c < 0 else float(c) for c in codes]


def test_nan_is_an_empty_cell() -> None:
    assert cells.reals(np.array([1.5, np.nan])).to_pylist() == [1.5, None]


def test_a_word_named_twice_is_written_once() -> None:
    column = cells.words(np.array([2, 1, 0, -1]), ["DE", "AT", "DE"])
    assert column.to_pylist() == ["DE", "AT", "DE", None]
    assert column.dictionary.to_pylist() == ["DE", "AT"]
