"""The holdout: published hash values, persistence, uniformity, independence of salts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from patron.decisions.methods.holdout import fnv1a_64, held_out, uniform_draws

MILLION = pa.array(np.char.add("c_", np.arange(1_000_000).astype(str)))


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("", 0xCBF29CE484222325),
        ("a", 0xAF63DC4C8601EC8C),
        ("b", 0xAF63DF4C8601F1A5),
        ("foobar", 0x85944171F73967E8),
    ],
)
def test_the_hash_is_the_published_one(text, digest):
    """Test vectors of FNV-1a, 64 bits, from its authors (Noll, 'test_fnv.c')."""
    assert int(fnv1a_64(pa.array([text]))[0]) == digest


@given(st.lists(st.text(max_size=30), min_size=1, max_size=30))
def test_the_hash_of_a_column_is_the_hash_of_each_cell(texts):
    def slow(text):
        state = 0xCBF29CE484222325
        for octet in text.encode():
            state = (state ^ octet) * 0x100000001B3 % 2**64
        return state

    assert fnv1a_64(pa.array(texts)).tolist() == [slow(text) for text in texts]
    assert fnv1a_64(pa.array(["x", *texts]).slice(1)).tolist() == [slow(text) for text in texts]


def test_a_customer_keeps_their_draw_whoever_else_is_there():
    everyone = pa.array([f"customer-{i}" for i in range(500)])
    some = np.random.default_rng(1).permutation(500)[:50]
    alone = uniform_draws(everyone.take(pa.array(some)), "salt")
    assert np.array_equal(alone, uniform_draws(everyone, "salt")[some])


def test_the_draw_never_changes_between_versions():
    """Written down on purpose: another value would throw running experiments away."""
    assert uniform_draws(pa.array(["c_1", "客户"]), "patron-holdout-1").tolist() == pytest.approx(
        [0.25912751067169737, 0.011768869464028664], abs=1e-15
    )


def test_a_million_draws_are_uniform_and_the_share_is_met():
    draws = uniform_draws(MILLION, "patron-holdout-1")
    assert draws.min() >= 0.0
    assert draws.max() < 1.0
    assert kstest(draws[::10], "uniform").pvalue > 0.001
    assert held_out(MILLION, 0.1, "patron-holdout-1").mean() == pytest.approx(0.1, abs=0.0012)  # 4 standard errors


def test_other_salts_draw_independently():
    first, second = (uniform_draws(MILLION.slice(0, 100_000), salt) for salt in ("a", "b"))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.013  # 4 standard errors
    assert abs(np.mean((first < 0.1) & (second < 0.1)) - 0.01) < 0.0013


def test_a_larger_share_keeps_those_already_held_out():
    ids = MILLION.slice(0, 10_000)
    assert not (held_out(ids, 0.1, "s") & ~held_out(ids, 0.2, "s")).any()
    assert not held_out(ids, 0.0, "s").any()


def test_one_very_long_id_among_short_ones():
    assert uniform_draws(pa.array(["a", "b" * 10_000, ""]), "s").shape == (3,)
