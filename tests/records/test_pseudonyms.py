from __future__ import annotations

import hmac
from hashlib import sha256

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.engines.duck import DuckEngine
from patron.ground.errors import InputError
from patron.records.pseudonyms import pseudonym, pseudonym_column

IDS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=30)


@settings(max_examples=5, deadline=None)
@given(st.lists(IDS, min_size=1, max_size=40), st.binary(min_size=1, max_size=80))
def test_the_engine_and_python_give_the_same_names(ids: list[str], key: bytes) -> None:
    with DuckEngine(threads=1) as engine:
        rows = engine.table(pa.table({"x": pa.array(ids, pa.string())}))
        named = engine.rows(rows.mutate(name=pseudonym_column(rows["x"], key)))
    assert {(row["x"], row["name"]) for row in named} == {(who, pseudonym(who, key)) for who in ids}


def test_it_is_hmac_sha256() -> None:
    assert pseudonym("ann", b"key") == "c_" + hmac.new(b"key", b"ann", sha256).hexdigest()[:20]


def test_ids_and_keys_that_differ_give_names_that_differ() -> None:
    names = {pseudonym(who, key) for who in ("7", "07", "007", "😀", "😁", "a", "A") for key in (b"x", b"y")}
    assert len(names) == 14


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(InputError, match="key is empty"):
        pseudonym("ann", b"")
