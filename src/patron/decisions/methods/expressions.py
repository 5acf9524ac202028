"""A small language of conditions over columns, read with Python's grammar and evaluated by Arrow; nothing is executed.

``orders_count_lifetime >= 3 and 0.8 <= order_overdue_ratio < 2 and segment_key in best``

Comparisons, ``and``, ``or``, ``not``, ``in``, ``is missing``, ``+ - * /``, numbers, texts, column names and named
groups of texts. Logic is three-valued (Kleene): a comparison with a missing value is unknown, and only what is known
to be true holds.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from patron.ground.errors import PlanError

Kind = Literal["number", "text", "truth"]
BoolArray = NDArray[np.bool_]
Columns = Mapping[str, pa.Array]

_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
_ARITHMETIC: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a condition may speak of.

    Args:
        kinds: every known column and whether it holds numbers or texts.
        groups: named lists of texts, for ``column in name``.
        choices: the only texts that a column can hold, where that is known; anything else is a slip of the pen.
    """

    kinds: Mapping[str, Kind]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that has been read and checked; `columns` are those it reads."""

    text: str
    columns: frozenset[str]
    _evaluate: Callable[[Columns], Any]

    def holds(self, columns: Columns, row_count: int) -> BoolArray:
        """Tell, for each of `row_count` rows, whether the condition is known to hold.

        Args:
            columns: float64 or string arrays of `row_count` cells, null where missing, by name; all of `self.columns`.
            row_count: number of rows.

        >>> condition = read("n >= 2 or n is missing", Vocabulary({"n": "number"}), where="here")
        >>> condition.holds({"n": pa.array([1.0, 2.0, None])}, 3).tolist()
        [False, True, True]
        """
        said = self._evaluate(columns)
        if isinstance(said, pa.Scalar):
            return np.full(row_count, bool(said.as_py()))
        known: BoolArray = pc.fill_null(said, fill_value=False).to_numpy(zero_copy_only=False)
        return known


def read(text: str, vocabulary: Vocabulary, *, where: str) -> Condition:
    """Read a condition and check every name and kind in it.

    Raises:
        PlanError: it does not parse, names an unknown column, compares a text with a number, or uses anything else
            of Python; the message says where, what, and the likeliest correction.
    """
    try:
        tree = ast.parse(" ".join(text.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise PlanError(
            f"{where}: this is not a condition: {text!r} ({error}).\n"
            "Next: write it like: orders_count_lifetime >= 2 and lifecycle_stage in ('new', 'active')."
        ) from error
    term = _Reader(vocabulary, where, text).term(tree)
    if term.kind != "truth":
        raise PlanError(f"{where}: {text!r} is a {term.kind}, not a condition.\nNext: compare it with something.")
    names = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return Condition(text, frozenset(name for name in names if name in vocabulary.kinds), term.evaluate)


@dataclass(frozen=True, slots=True)
class _Term:
    kind: Kind
    evaluate: Callable[[Columns], Any]
    column: str = ""
    constant: str | float | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    vocabulary: Vocabulary
    where: str
    text: str

    def term(self, node: ast.expr) -> _Term:
        match node:
            case ast.Constant(value=bool()):
                raise self._refused(node, "a bare true or false says nothing")
            case ast.Constant(value=int() | float() | str() as value):
                return self._constant(value)
            case ast.Name(id=name):
                return self._column(name)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._of_kind(operand, "truth")
                return _Term("truth", lambda columns: pc.invert(inner.evaluate(columns)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                number = self._of_kind(operand, "number")
                return _Term("number", lambda columns: pc.negate(number.evaluate(columns)))
            case ast.BinOp(op=operator) if type(operator) in _ARITHMETIC:
                return self._arithmetic(node, _ARITHMETIC[type(operator)])
            case ast.BoolOp(op=operator, values=values):
                kernel = pc.and_kleene if isinstance(operator, ast.And) else pc.or_kleene
                return _folded(kernel, [self._of_kind(value, "truth") for value in values])
            case ast.Compare():
                return _folded(pc.and_kleene, list(self._comparisons(node)))
        raise self._refused(node, "only comparisons, and, or, not, in, is missing and arithmetic are understood")

    def _of_kind(self, node: ast.expr, kind: Kind) -> _Term:
        term = self.term(node)
        if term.kind != kind:
            raise self._refused(node, f"a {kind} was expected, this is a {term.kind}")
        return term

    def _constant(self, value: float | str) -> _Term:
        if isinstance(value, str):
            return _Term("text", lambda _: pa.scalar(value, pa.string()), constant=value)
        return _Term("number", lambda _: pa.scalar(float(value)), constant=float(value))

    def _column(self, name: str) -> _Term:
        kinds = self.vocabulary.kinds
        if name not in kinds:
            near = get_close_matches(name, [*kinds, *self.vocabulary.groups], n=1)
            guess = f" Did you mean {near[0]!r}?" if near else ""
            raise PlanError(
                f"{self.where}: column {name!r} is not known.{guess}\nThe condition reads: {self.text!r}.\n"
                "Next: use a published column of segments or forecasts or a feature (`patron features` lists them), "
                "or declare your own under [own_columns]."
            )
        return _Term(kinds[name], lambda columns: columns[name], column=name)

    def _arithmetic(self, node: ast.BinOp, kernel: str) -> _Term:
        left, right = self._of_kind(node.left, "number"), self._of_kind(node.right, "number")

        def evaluate(columns: Columns) -> Any:
            made = pc.call_function(kernel, [left.evaluate(columns), right.evaluate(columns)])
            return pc.if_else(pc.is_finite(made), made, pa.scalar(None, pa.float64()))

        return _Term("number", evaluate)

    def _comparisons(self, node: ast.Compare) -> Iterator[_Term]:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            match operator:
                case ast.Is() | ast.IsNot():
                    yield self._missing(left, right, negated=isinstance(operator, ast.IsNot))
                case ast.In() | ast.NotIn():
                    yield self._member(left, right, negated=isinstance(operator, ast.NotIn))
                case _:
                    yield self._compared(left, right, _COMPARE[type(operator)])
            left = right

    def _missing(self, left: ast.expr, right: ast.expr, *, negated: bool) -> _Term:
        if not (isinstance(right, ast.Name) and right.id == "missing"):
            raise self._refused(right, "after 'is' only 'missing' or 'not missing' is understood")
        term, kernel = self.term(left), pc.is_valid if negated else pc.is_null
        return _Term("truth", lambda columns: kernel(term.evaluate(columns)))

    def _member(self, left: ast.expr, right: ast.expr, *, negated: bool) -> _Term:
        term, members = self.term(left), self._members(right)
        for member in members:
            self._check_pair(right, term, self._constant(member))
        allowed = pa.array(members, pa.string() if term.kind == "text" else pa.float64())

        def evaluate(columns: Columns) -> Any:
            value = term.evaluate(columns)
            found = pc.is_in(value, value_set=allowed)
            return pc.if_else(pc.is_valid(value), pc.invert(found) if negated else found, pa.scalar(None, pa.bool_()))

        return _Term("truth", evaluate)

    def _members(self, node: ast.expr) -> list[str | float]:
        match node:
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                constants = [self.term(item).constant for item in items]
                if all(constant is not None for constant in constants):
                    return [constant for constant in constants if constant is not None]
            case ast.Name(id=name) if name in self.vocabulary.groups:
                return list(self.vocabulary.groups[name])
            case ast.Name(id=name):
                raise PlanError.unknown_choice(f"{self.where}, group of [groups]", name, self.vocabulary.groups)
        raise self._refused(node, "after 'in' stands a list such as ('new', 'active') or the name of a group")

    def _compared(self, left: ast.expr, right: ast.expr, kernel: str) -> _Term:
        first, second = self.term(left), self.term(right)
        self._check_pair(right, first, second)
        return _Term(
            "truth", lambda columns: pc.call_function(kernel, [first.evaluate(columns), second.evaluate(columns)])
        )

    def _check_pair(self, node: ast.expr, first: _Term, second: _Term) -> None:
        if first.kind != second.kind or first.kind == "truth":
            raise self._refused(node, f"a {first.kind} cannot be compared with a {second.kind}")
        for column, other in ((first.column, second.constant), (second.column, first.constant)):
            choices = self.vocabulary.choices.get(column, ())
            if choices and isinstance(other, str) and other not in choices:
                raise PlanError.unknown_choice(f"{self.where}, value of {column!r}", other, choices)

    def _refused(self, node: ast.expr, why: str) -> PlanError:
        return PlanError(f"{self.where}: {ast.unparse(node)!r} is not allowed in {self.text!r}: {why}.")


def _folded(kernel: Callable[[Any, Any], Any], terms: list[_Term]) -> _Term:
    def evaluate(columns: Columns) -> Any:
        made = terms[0].evaluate(columns)
        for term in terms[1:]:
            made = kernel(made, term.evaluate(columns))
        return made

    return _Term("truth", evaluate)
