"""Pseudonyms: one keyed, one-way name per customer, the same on every machine that holds the key.

``customer_id = "c_" + first 20 hexadecimal digits of HMAC-SHA-256(key, external_id)`` (RFC 2104), 80 bits: among
10 million customers two share a name with probability below 1e-10.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from patron.ground.errors import InputError

_BLOCK = 64
_DIGITS = 20


@ibis.udf.scalar.builtin(name="unhex", signature=((dt.string,), dt.binary))
def _unhex(digits: str) -> bytes: ...


@ibis.udf.scalar.builtin(name="encode", signature=((dt.string,), dt.binary))
def _utf8(text: str) -> bytes: ...


@ibis.udf.scalar.builtin(name="sha256", signature=((dt.binary,), dt.string))
def _sha256(data: bytes) -> str: ...


@ibis.udf.scalar.builtin(name="concat", signature=((dt.binary, dt.binary), dt.binary))
def _joined(first: bytes, second: bytes) -> bytes: ...


def pseudonym(external_id: str, key: bytes) -> str:
    """Return one customer's pseudonym.

    >>> pseudonym("0042", b"secret") == pseudonym("42", b"secret")
    False
    """
    return "c_" + hmac.new(_checked(key), external_id.encode(), sha256).hexdigest()[:_DIGITS]


def pseudonyms(external_id: ir.StringValue, key: bytes) -> ir.StringValue:
    """Return the same names as `pseudonym` for a whole column, computed in the engine; empty stays empty."""
    inner, outer = (_unhex(pad.hex()) for pad in _pads(_checked(key)))
    digest = _sha256(_joined(outer, _unhex(_sha256(_joined(inner, _utf8(external_id))))))
    return ibis.literal("c_") + digest.substr(0, _DIGITS)


def _pads(key: bytes) -> tuple[bytes, bytes]:
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def _checked(key: bytes) -> bytes:
    if not key:
        raise InputError("The pseudonym key is empty.\nNext: set a secret key; customers could be guessed without one.")
    return key
