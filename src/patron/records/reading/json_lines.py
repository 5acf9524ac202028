"""JSON Lines (or one JSON array): each line is a row, columns may lie deep, as in `properties.order_id`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from patron.engines.duck import DuckEngine
from patron.engines.duck_functions import is_json, json_text, json_value
from patron.engines.files import copies, view
from patron.ground.errors import EmptyInput, UnreadableFile
from patron.records.detection import Match, Sample
from patron.records.headers import root
from patron.records.reading.csv_rows import read_lines
from patron.records.reading.opened import BROKEN, LINE, ROW_NO, SAMPLE_ROWS, Opened, Rows, View
from patron.records.reading.text_stream import Utf8Stream, text_facts

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\[(\w+)=([^\]]+)\]")


def open_json(path: Path, digest: str) -> Opened:
    """Look at a JSON Lines file, or a file that is one JSON array of objects.

    Raises:
        EmptyInput: there is no object in it.
        UnreadableFile: it is an array that is cut off, or the lines hold no objects.
    """
    facts = text_facts(path)
    is_array = facts.head.lstrip().startswith("[")
    documents = _members(path, facts.encoding) if is_array else facts.head.splitlines()
    if not any(document.strip() for document in documents):
        raise EmptyInput(f"{path} is empty.\nExpected one JSON object a line.")
    sample = _sample(documents)
    if not sample.headers:
        raise UnreadableFile(
            f"{path} holds no JSON object in its first lines.\nExpected one object a line, or one array of objects."
        )
    lines = documents if is_array else None
    return Opened(str(path), digest, (View(sample, partial(_read, path=path, encoding=facts.encoding, lines=lines)),))


def at_path(document: ir.StringValue, path: str) -> ir.StringValue:
    """Return what lies at a path such as `a.b`, `a[0].b` or `a[key=x].b` in a JSON document, as text."""
    value, plain = document, "$"
    for name, position, key, wanted in _STEP.findall(path):
        if key:
            members = json_value(value, plain).cast("array<string>")
            found = members.filter(lambda member, key=key, wanted=wanted: json_text(member, f'$."{key}"') == wanted)
            value, plain = found[0], "$"
        else:
            plain += f"[{position}]" if position else f'."{name}"'
    return json_text(value, plain)


def headers_wanted(match: Match, sample: Sample) -> tuple[str, ...]:
    """Return the paths that a layout reads from nested rows, and the outermost columns."""
    used = [header for headers in match.matched.values() for header in headers]
    patterns = (*match.layout.cancellations, *match.layout.non_products, *match.layout.tests)
    return tuple(dict.fromkeys([*used, *(p.column for p in patterns if root(p.column) in sample.headers)]))


def _sample(documents: Iterable[str]) -> Sample:
    rows: list[dict[str, str]] = []
    for document in documents:
        try:
            found = json.loads(document)
        except ValueError:
            continue
        if isinstance(found, dict):
            rows.append({key: value if isinstance(value, str) else json.dumps(value) for key, value in _flat(found)})
        if len(rows) == SAMPLE_ROWS:
            break
    headers = tuple(dict.fromkeys(header for row in rows for header in row))
    return Sample(headers, tuple(tuple(row.get(header) for header in headers) for row in rows), nested=True)


def _flat(found: dict[str, object], above: str = "") -> list[tuple[str, object]]:
    """Name outer columns and, below them, the members of objects; lists stay whole."""
    pairs: list[tuple[str, object]] = []
    for key, value in found.items():
        if isinstance(value, dict) and not above:
            pairs.append((key, value))
            pairs.extend(_flat(value, f"{key}."))
        elif value is not None:
            pairs.append((f"{above}{key}", value))
        else:
            pairs.append((f"{above}{key}", ""))
    return pairs


def _members(path: Path, encoding: str) -> list[str]:
    text = Utf8Stream(path, encoding).read(-1).decode("utf-8")
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UnreadableFile(
            f"{path} begins like a JSON array but cannot be read as one: {error}.\n"
            "Next: export it again; it may be cut off."
        ) from error
    return [json.dumps(member, ensure_ascii=False) for member in found]


def _read(engine: DuckEngine, match: Match, path: Path, encoding: str, lines: list[str] | None) -> Rows:
    if lines is None:
        table = read_lines(engine, path, encoding)
    else:
        numbers = pa.array(range(1, len(lines) + 1), pa.int64())
        table = engine.table(pa.table({"c0": pa.array(lines, pa.string()), ROW_NO: numbers}))
    document = ibis.ifelse(is_json(table["c0"]), table["c0"], None)
    wanted = headers_wanted(match, Sample(()))
    cells = {f"c{at}": at_path(document, header) for at, header in enumerate(wanted)}
    broken = ibis.ifelse(is_json(table["c0"]), None, "line is not JSON")
    rows = table.select(**cells, **{ROW_NO: table[ROW_NO], BROKEN: broken, LINE: table["c0"]})
    named = {header: f"c{at}" for at, header in enumerate(wanted)}
    held = copies(table)
    return Rows(view(engine, rows), named, (), documents=True, breakable=True, nested=True, copies=held)
