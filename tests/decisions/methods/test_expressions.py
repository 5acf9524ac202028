"""Conditions: what they mean on missing values, what they refuse, and that they never execute anything."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.decisions.methods.expressions import Vocabulary, read
from patron.ground.errors import PlanError

KINDS = {"x": "number", "y": "number", "stage": "text", "name": "text"}
KNOWN = Vocabulary(KINDS, {"early": ("new", "active")}, {"stage": ("new", "active", "gone")})
TABLE = {
    "x": pa.array([1.0, 2.0, None, 4.0]),
    "y": pa.array([0.0, 2.0, 3.0, None]),
    "stage": pa.array(["new", "active", "gone", None]),
    "name": pa.array(["a", None, "c", "d"]),
}


def holds(text):
    return read(text, KNOWN, where="here").holds(TABLE, 4).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x >= 2", [False, True, False, True]),
        ("not x >= 2", [True, False, False, False]),  # unknown stays unknown
        ("not (x >= 2)", [True, False, False, False]),
        ("1 < x < 4", [False, True, False, False]),
        ("x is missing", [False, False, True, False]),
        ("x is not missing and y is missing", [False, False, False, True]),
        ("x >= 2 or y >= 3", [False, True, True, True]),  # one known truth is enough
        ("x >= 2 and y >= 2", [False, True, False, False]),
        ("x / y >= 1", [False, True, False, False]),  # 1 / 0 is no number
        ("x + y * 2 - 1 == 5", [False, True, False, False]),
        ("-x < -1.5", [False, True, False, True]),
        ("stage in early", [True, True, False, False]),
        ("stage not in ('new',)", [False, True, True, False]),
        ("x in [1, 4]", [True, False, False, True]),
        ("stage == 'gone' or name == 'a'", [True, False, True, False]),
        ("stage\n  ==\n 'new'", [True, False, False, False]),
        ("1 < 2", [True, True, True, True]),
    ],
)
def test_a_condition_means_what_it_says(text, expected):
    assert holds(text) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("__import__('os').system('true')", "not allowed"),
        ("x.real > 1", "not allowed"),
        ("(lambda: 1)() > 0", "not allowed"),
        ("[i for i in (1, 2)]", "not allowed"),
        ("x ** 2 > 1", "not allowed"),
        ("x > True", "bare true or false"),
        ("x", "is a number, not a condition"),
        ("x > 'new'", "a number cannot be compared with a text"),
        ("x and y > 1", "a truth was expected"),
        ("stage + 1 > 2", "a number was expected"),
        ("x >", "this is not a condition"),
        ("x is None", "'missing'"),
        ("stage in x", "not known"),
        ("stage in (x,)", "after 'in'"),
        ("(" * 3000 + "x" + ")" * 3000 + " > 1", "this is not a condition"),
        ("", "this is not a condition"),
    ],
)
def test_what_is_not_a_condition_is_refused_in_words(text, word):
    with pytest.raises(PlanError, match="here") as error:
        read(text, KNOWN, where="here")
    assert word in str(error.value)


def test_an_unknown_column_is_named_with_the_likeliest_one():
    with pytest.raises(PlanError) as error:
        read("stages == 'new'", KNOWN, where="playbook.toml, action 'win_back', eligible")
    assert str(error.value).startswith(
        "playbook.toml, action 'win_back', eligible: column 'stages' is not known. Did you mean 'stage'?\n"
        "The condition reads: \"stages == 'new'\".\nNext: "
    )


def test_a_value_that_a_column_cannot_hold_is_a_slip_of_the_pen():
    with pytest.raises(PlanError, match=r"'actve' is not known\. Did you mean 'active'"):
        read("stage == 'actve'", KNOWN, where="here")
    with pytest.raises(PlanError, match="value of 'stage'"):
        read("stage in ('new', 'lapsed')", KNOWN, where="here")


def test_a_condition_knows_its_columns():
    assert read("x > 1 and stage in early and y is missing", KNOWN, where="").columns == {"x", "y", "stage"}


@given(st.lists(st.one_of(st.none(), st.floats(-5, 5)), min_size=1, max_size=20), st.floats(-5, 5))
def test_a_comparison_agrees_with_python(cells, limit):
    table = {"x": pa.array(cells, pa.float64()), "y": pa.nulls(len(cells), pa.float64())}
    said = read(f"x <= {limit!r} or not y > 1", Vocabulary({"x": "number", "y": "number"}), where="")
    assert said.holds(table, len(cells)).tolist() == [cell is not None and cell <= limit for cell in cells]


def test_no_rows_no_truths():
    empty = {"x": pa.array([], pa.float64())}
    assert read("x > 1", KNOWN, where="").holds(empty, 0).dtype == np.bool_
