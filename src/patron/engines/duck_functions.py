"""DuckDB's own functions that Ibis has no word for: used where files are read, never where features are computed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

TIMESTAMP = dt.Timestamp(scale=6)
INSTANT = dt.Timestamp(timezone="UTC", scale=6)


def _of_one(first: Any) -> Any:
    """Stand for a function of one argument that DuckDB has."""


def _of_two(first: Any, second: Any) -> Any:
    """Stand for a function of two arguments that DuckDB has."""


def _builtin(name: str, takes: tuple[Any, ...], gives: Any) -> Callable[..., ir.Value]:
    stand_in = _of_one if len(takes) == 1 else _of_two
    declared: Callable[..., ir.Value] = ibis.udf.scalar.builtin(stand_in, name=name, signature=(takes, gives))
    return declared


# (text, formats): the time by the first strptime format that fits, NULL where none does
try_strptime = _builtin("try_strptime", (dt.string, dt.Array(dt.string)), TIMESTAMP)
# (zone, time): the instant at which clocks in that zone showed this time
local_to_instant = _builtin("timezone", (dt.string, TIMESTAMP), INSTANT)
# (zone, instant): what clocks in that zone showed then
instant_to_local = _builtin("timezone", (dt.string, dt.Timestamp(timezone="UTC")), dt.timestamp)
# (zone, time): the same as local_to_instant, for times of any precision
clock_to_instant = _builtin("timezone", (dt.string, dt.timestamp), INSTANT)
# bytes, for keyed hashes
from_hexadecimal = _builtin("unhex", (dt.string,), dt.binary)
as_utf8 = _builtin("encode", (dt.string,), dt.binary)
sha256_hexadecimal = _builtin("sha256", (dt.binary,), dt.string)
joined_bytes = _builtin("concat", (dt.binary, dt.binary), dt.binary)
# (microseconds since 1970)
instant_from_microseconds = _builtin("make_timestamptz", (dt.int64,), INSTANT)
# (text): whether it is one JSON value
is_json = _builtin("json_valid", (dt.string,), dt.boolean)
# (JSON text): whether it is an OBJECT, an ARRAY, and so on; an error if it is no JSON
json_kind = _builtin("json_type", (dt.string,), dt.string)
# (text that is worked out): the same, empty where working it out is an error
attempted = _builtin("try", (dt.string,), dt.string)
# (JSON text, path): what lies there as text
json_text = _builtin("json_extract_string", (dt.string, dt.string), dt.string)
# (JSON text, path): what lies there as JSON; cast to an array of text for the members of a list
json_value = _builtin("json_extract", (dt.string, dt.string), dt.json)


# (JSON, changes): the object with the filled members of the changes in it, and without the empty ones
merged_json = _builtin("json_merge_patch", (dt.json, dt.json), dt.json)


def row_as_json(cells: dict[str, ir.Value]) -> ir.StringValue:
    """Return one JSON object per row, as text."""
    packed = ibis.struct(cells)
    return _builtin("to_json", (packed.type(),), dt.json)(packed).cast("string")


def filled_as_json(cells: dict[str, ir.Value]) -> ir.StringValue:
    """Return one JSON object per row, as text, of the cells that are not empty."""
    nothing = ibis.literal("{}").cast("json")
    return merged_json(nothing, row_as_json(cells).cast("json")).cast("string")


def as_json(cell: ir.Value) -> ir.StringValue:
    """Return a nested cell as JSON text."""
    return _builtin("to_json", (cell.type(),), dt.json)(cell).cast("string")


def parsed_json(text: ir.Value, fields: Iterable[str], *, many: bool = False) -> ir.Value:
    """Return the named fields of one JSON object (or of `many` in a list) as text, each empty where it is not there."""
    names = tuple(fields)
    shape = json.dumps([dict.fromkeys(names, "VARCHAR")] if many else dict.fromkeys(names, "VARCHAR"))
    gives: Any = dt.Struct(dict.fromkeys(names, dt.string))
    return _builtin("json_transform", (dt.string, dt.string), dt.Array(gives) if many else gives)(text, shape)


# (text): 128 bits, for which Ibis has no type
_md5_128 = _builtin("md5_number", (dt.string,), dt.int64)
# (text): 64 bits, quickly; another version may give others
hash_64 = _builtin("hash", (dt.string,), dt.uint64)
# (text): without spaces around it
trimmed = _builtin("trim", (dt.string,), dt.string)


def digest_64(text: ir.StringValue) -> ir.IntegerValue:
    """Return the same 64 bits for the same text, on every machine and in every version."""
    # what DuckDB calls md5_number_lower, which takes five times as long
    return (_md5_128(text) >> 64).cast("uint64")
