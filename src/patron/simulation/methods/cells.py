"""Cells: whole NumPy columns turned into Arrow columns without touching a Python object per row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from patron.simulation.methods.arrays import ABSENT, NEVER, BoolArray, FloatArray, IntArray

_INSTANT = pa.timestamp("us", tz="UTC")
_MONEY = pa.decimal128(18, 4)


def numbered(prefix: str, numbers: IntArray, width: int) -> pa.Array:
    """Write numbers as texts of equal length: the prefix and `width` digits.

    >>> numbered("C", np.array([7, 42]), 3).to_pylist()
    ['C007', 'C042']
    """
    head = np.frombuffer(prefix.encode(), np.uint8)
    letters = np.empty((len(numbers), len(head) + width), np.uint8)
    letters[:, : len(head)] = head
    rest = numbers.astype(np.uint64)
    for column in range(letters.shape[1] - 1, len(head) - 1, -1):
        rest, digit = np.divmod(rest, np.uint64(10))
        letters[:, column] = digit + np.uint64(48)
    ends = np.arange(len(numbers) + 1, dtype=np.int32) * np.int32(letters.shape[1])
    return pa.StringArray.from_buffers(len(numbers), pa.py_buffer(ends), pa.py_buffer(letters))


def words(codes: IntArray, vocabulary: pa.Array | Sequence[str]) -> pa.DictionaryArray:
    """Write codes as words; the code ABSENT is an empty cell. An Arrow vocabulary must not name a word twice.

    >>> words(np.array([1, -1]), ["paid", "test"]).to_pylist()
    ['test', None]
    """
    if not isinstance(vocabulary, pa.Array):
        # A dictionary must not name a word twice: Parquet writers give up on it, in bytes that vary from run to run.
        unique = list(dict.fromkeys(vocabulary))
        place = np.array([unique.index(word) for word in vocabulary] + [ABSENT], np.int64)
        return words(place[codes], pa.array(unique, pa.string()))
    indices = pa.Array.from_buffers(
        pa.int32(), len(codes), [_validity(codes != ABSENT), pa.py_buffer(codes.astype(np.int32))]
    )
    return pa.DictionaryArray.from_arrays(indices, vocabulary)


def instants(seconds: IntArray) -> pa.Array:
    """Write epoch seconds as UTC instants; NEVER is an empty cell."""
    known = seconds != NEVER
    micros = np.where(known, seconds, 0) * 1_000_000
    return pa.Array.from_buffers(_INSTANT, len(seconds), [_validity(known), pa.py_buffer(micros)])


def money(cents: IntArray, known: BoolArray | None = None) -> pa.Array:
    """Write whole cents as DECIMAL(18, 4), empty where not `known`.

    >>> money(np.array([199, -5])).to_pylist()
    [Decimal('1.9900'), Decimal('-0.0500')]
    """
    wide = np.empty((len(cents), 2), np.int64)
    np.multiply(cents, 100, out=wide[:, 0])
    np.right_shift(wide[:, 0], 63, out=wide[:, 1])
    validity = None if known is None else _validity(known)
    return pa.Array.from_buffers(_MONEY, len(cents), [validity, pa.py_buffer(wide)])


def wholes(values: IntArray) -> pa.Array:
    """Write integers; ABSENT is an empty cell."""
    return pa.Array.from_buffers(pa.int64(), len(values), [_validity(values != ABSENT), pa.py_buffer(values.copy())])


def reals(values: FloatArray | IntArray) -> pa.Array:
    """Write floats; ABSENT among integers and NaN among floats are empty cells."""
    known = values != ABSENT if values.dtype.kind == "i" else ~np.isnan(values)
    floats = np.where(known, values, 0).astype(np.float64)
    return pa.Array.from_buffers(pa.float64(), len(values), [_validity(known), pa.py_buffer(floats)])


def flags(values: IntArray | BoolArray) -> pa.Array:
    """Write truth values."""
    return pa.array(values.astype(np.bool_))


def _validity(known: BoolArray) -> pa.Buffer | None:
    return None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
