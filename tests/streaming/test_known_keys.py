from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.streaming.known_keys import UNKNOWN, Entries, KnownKeys


def entries(pairs):
    keys = np.array([key for key, _ in pairs], np.uint64)
    days = np.array([day for _, day in pairs], np.int32)
    return Entries(keys, days, days.astype(np.uint32) + 1)


@given(
    batches=st.lists(
        st.dictionaries(st.integers(0, 2**64 - 1) | st.integers(0, 40), st.integers(0, 20_000), max_size=30),
        max_size=12,
    )
)
def test_it_knows_what_a_dictionary_would(tmp_path_factory, batches):
    known, wanted = KnownKeys(tmp_path_factory.mktemp("keys")), {}
    for batch in batches:
        known.add(entries(list(batch.items())))
        wanted |= batch
        asked = np.array([*wanted, 41, 2**63], np.uint64)
        found = known.find(asked)
        assert found.days.tolist() == [wanted.get(int(key), UNKNOWN) for key in asked]
        assert all(
            wanted.get(int(key), -1) == day for key, day in zip(asked, found.contents.astype(int) - 1, strict=True)
        )


def test_runs_grow_and_stay_few(tmp_path):
    known = KnownKeys(tmp_path)
    for start in range(0, 6_400, 100):
        known.add(entries([(key, 1) for key in range(start, start + 100)]))
        known.sweep()
    assert len(known.runs) <= 4
    assert sum(path.stat().st_size for path in tmp_path.glob("*.keys")) == 16 * 6_400


def test_what_was_not_kept_is_gone_at_the_next_start(tmp_path):
    known = KnownKeys(tmp_path)
    known.add(entries([(1, 10)]))
    kept = known.runs
    known.add(entries([(2, 20)]))  # a crash before `runs` was kept
    again = KnownKeys(tmp_path, kept)
    assert again.find(np.array([1, 2], np.uint64)).days.tolist() == [10, UNKNOWN]


def test_a_key_that_comes_again_has_its_new_day(tmp_path):
    known = KnownKeys(tmp_path)
    known.add(entries([(7, 10), (8, 10)]))
    known.add(entries([(7, 11)]))
    assert known.find(np.array([7, 8], np.uint64)).days.tolist() == [11, 10]


def test_nothing_added_makes_no_run(tmp_path):
    known = KnownKeys(tmp_path)
    known.add(entries([]))
    assert known.runs == ()
    assert known.find(np.array([1], np.uint64)).days.tolist() == [UNKNOWN]


@pytest.mark.parametrize("n", [1, 3])
def test_going_back_forgets(tmp_path, n):
    known = KnownKeys(tmp_path)
    known.add(entries([(key, 1) for key in range(n)]))
    before = known.runs
    known.add(entries([(99, 2)]))
    known.back_to(before)
    assert known.find(np.array([99, 0], np.uint64)).days.tolist() == [UNKNOWN, 1]
