"""Sentences: numbers written as people write them, missing ones left out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from patron.decisions.methods.sentences import joined, only_where, read_template
from patron.ground.errors import PlanError


def said(template, **columns):
    made = {name: pa.array(cells) for name, cells in columns.items()}
    return read_template(template, where="here").fill(made, len(next(iter(columns.values())))).to_pylist()


@pytest.mark.parametrize(
    ("template", "cells", "expected"),
    [
        ("{x:0|order|orders}", [1.0, 2.0, 0.6], ["1 order", "2 orders", "1 order"]),
        ("{x:1} times", [3.04, 0.96, 12.0], ["3.0 times", "1.0 times", "12.0 times"]),
        ("{x:%}", [0.0, 0.456, 1.0], ["0%", "46%", "100%"]),
        ("{x:0}", [1e9, 12345678901234.0, -0.2], ["1000000000", "12345678901234", "0"]),
        ("共 {x:0} 单", [6.0, None, 1e300], ["共 6 单", None, None]),
        ("no fields", [1.0, None, 2.0], ["no fields"] * 3),
    ],
)
def test_numbers_are_written_for_people(template, cells, expected):
    assert said(template, x=cells) == expected


def test_texts_and_numbers_mix():
    assert said("{who}: {x:0}!", who=["Loyal", None], x=[1.0, 2.0]) == ["Loyal: 1!", None]


def test_a_row_without_any_clause_keeps_its_place():
    """Arrow's own null_handling='skip' loses such rows."""
    first, second = pa.array([None, "a", None, "b"]), pa.array([None, "c", "d", None])
    assert joined([first, second], ", ").to_pylist() == ["", "a, c", "d", "b"]
    assert joined([first], ", ").to_pylist() == ["", "a", "", "b"]


def test_a_clause_is_said_only_where_it_holds():
    assert only_where(pa.array(["a", "b"]), np.array([True, False])).to_pylist() == ["a", None]


@pytest.mark.parametrize("text", ["{x", "{x:abc}", "{}", "{x:0|only one}", "x}"])
def test_a_broken_field_is_refused(text):
    with pytest.raises(PlanError, match=r"here: a field of .* is not understood"):
        read_template(text, where="here")
