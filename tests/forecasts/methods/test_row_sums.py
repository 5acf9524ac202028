from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.forecasts.methods.row_sums import CHUNK, SumsByNumber, chunks

NUMBERS = st.lists(
    st.one_of(st.integers(0, 40), st.sampled_from([0.5, 16_383.0, 16_384.0, 1e300, 2.5])).map(float), min_size=1
)


@pytest.mark.parametrize("n_rows", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1])
def test_chunks_cover_every_row_once_and_in_order(n_rows):
    rows = np.arange(n_rows)
    parts = [rows[part] for part in chunks(n_rows)]
    assert np.concatenate([*parts, []]).tolist() == rows.tolist()
    assert all(0 < part.size <= CHUNK for part in parts)


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_sums_are_those_of_equal_numbers(parts):
    sums, weight = SumsByNumber(), np.random.default_rng(0).uniform(1, 2, sum(map(len, parts)))
    at = np.cumsum([0, *map(len, parts)])
    for part, first, last in zip(parts, at, at[1:], strict=False):
        sums.add(np.array(part), weight[first:last], weight[first:last] * 3)
    numbers, single, triple = sums.totals()
    everything = np.concatenate(parts)
    for number in np.unique(everything):
        assert single[numbers == number].sum() == pytest.approx(weight[everything == number].sum())
    assert set(numbers) == set(everything)
    assert triple == pytest.approx(3 * single)


def test_whole_numbers_are_told_apart_once():
    sums = SumsByNumber()
    for _ in range(3):
        sums.add(np.array([7.0, 2.0, 7.0]), np.ones(3))
    assert [row.tolist() for row in sums.totals()] == [[2.0, 7.0], [3.0, 6.0]]
