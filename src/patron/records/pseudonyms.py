"""Pseudonyms: one keyed, one-way name per customer, the same on every machine that holds the key.

``customer_id = "c_" + first 20 hexadecimal digits of HMAC-SHA-256(key, external_id)`` (RFC 2104), 80 bits: among
10 million customers two share a name with probability below 1e-10.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

import ibis
import ibis.expr.types as ir

from patron.engines.duck_functions import as_utf8, from_hexadecimal, joined_bytes, sha256_hexadecimal
from patron.ground.errors import InputError

_BLOCK = 64
_DIGITS = 20


def pseudonym(external_id: str, key: bytes) -> str:
    """Return one customer's pseudonym.

    >>> pseudonym("0042", b"secret") == pseudonym("42", b"secret")
    False
    """
    return "c_" + hmac.new(_checked(key), external_id.encode(), sha256).hexdigest()[:_DIGITS]


def pseudonym_column(external_id: ir.StringValue, key: bytes) -> ir.StringValue:
    """Return the same names as `pseudonym` for a whole column, computed in the engine; empty stays empty."""
    inner, outer = (from_hexadecimal(pad.hex()) for pad in _pads(_checked(key)))
    digest = sha256_hexadecimal(
        joined_bytes(outer, from_hexadecimal(sha256_hexadecimal(joined_bytes(inner, as_utf8(external_id)))))
    )
    return ibis.literal("c_") + digest.substr(0, _DIGITS)


def _pads(key: bytes) -> tuple[bytes, bytes]:
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return bytes(b ^ 0x36 for b in block), bytes(b ^ 0x5C for b in block)


def _checked(key: bytes) -> bytes:
    if not key:
        raise InputError("The pseudonym key is empty.\nNext: set a secret key; customers could be guessed without one.")
    return key
