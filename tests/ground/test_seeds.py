"""Seeds: stable over time and machines, and a different one for every use."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from patron.ground.seeds import derive

USES = st.lists(st.text("ab1\x1f", max_size=4), max_size=3).map(tuple)


def test_a_seed_never_changes():
    assert derive(7, "segments", "k_means") == 1_031_510_731
    assert derive(0) == 1_609_362_278


@given(st.integers(), USES, USES)
def test_every_use_has_its_own(seed, one, other):
    assert 0 <= derive(seed, *one) < 2**32
    if one != other and "\x1f" not in "".join(one + other):
        assert derive(seed, *one) != derive(seed, *other)


def test_names_are_not_run_together():
    assert derive(1, "ab", "c") != derive(1, "a", "bc")
    assert derive(1, "1") != derive(11)
