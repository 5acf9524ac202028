"""Exports in object stores: copied once into the engine's temporary folder, and read there as any file is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from patron.engines.engine import Engine
from patron.ground.errors import ExtraMissing, UnreadableFile

SCHEMES = ("abfs", "abfss", "az", "gcs", "gs", "memory", "s3", "s3a")
_STORE = re.compile(rf"^({'|'.join(SCHEMES)})://")
_PATTERN = re.compile(r"[*?\[]")


def is_object(source: str) -> bool:
    """Tell whether an address means objects in a store, and not a table of a database.

    >>> is_object("s3://shop/exports/*.csv"), is_object("postgresql://me@host/shop::orders"), is_object("orders.csv")
    (True, False, False)
    """
    return _STORE.match(source) is not None


def fetched(engine: Engine, source: str, is_wanted: Callable[[str], bool]) -> Mapping[Path, str]:
    """Return copies of the objects that an address means, sorted, with the address of each.

    A second call with the same engine answers from the first one's copies. Who may read is settled as the store's own
    tools do it: by the environment, not by the address.

    Args:
        engine: its temporary folder keeps the copies for as long as it is open.
        source: the address of an object, of a folder, or with a glob in it.
        is_wanted: tells by its name whether an object of a folder is to be read.

    Raises:
        ExtraMissing: the library for this store is not installed.
        UnreadableFile: nothing is there, or it may not be read.
    """
    if source not in engine.copies:
        with _in_words(source):
            engine.copies[source] = _copied(source, engine.scratch / f"objects-{len(engine.copies)}", is_wanted)
    return engine.copies[source]


def _copied(source: str, folder: Path, is_wanted: Callable[[str], bool]) -> dict[Path, str]:
    from fsspec.core import url_to_fs  # noqa: PLC0415  # optional: only those who read from a store pay for it

    store, where = url_to_fs(source)
    copies = {}
    for number, name in enumerate(_names(store, where, is_wanted)):
        copy = folder / str(number) / Path(name).name
        copy.parent.mkdir(parents=True)
        store.get_file(name, str(copy))
        copies[copy] = str(store.unstrip_protocol(name))
    return copies


def _names(store: Any, where: str, is_wanted: Callable[[str], bool]) -> list[str]:
    if _PATTERN.search(where):
        found = [name for name in store.glob(where) if store.isfile(name)]
    elif store.isfile(where):
        found = [where]
    else:
        there = [one["name"] for one in store.ls(where, detail=True) if one["type"] == "file"]
        found = [name for name in there if is_wanted(Path(name).name)]
    if not found:
        raise FileNotFoundError(where)
    return sorted(found)


@contextmanager
def _in_words(source: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise ExtraMissing.named("object-store", f"Reading {source.partition('://')[0]}://") from error
    except FileNotFoundError as error:
        raise UnreadableFile(
            f"{source} does not exist, or holds no file to read.\n"
            "Next: check the address; a folder or a glob such as 's3://bucket/exports/*.csv' works too."
        ) from error
    except Exception as error:  # every store has errors of its own
        said = (str(error).strip() or type(error).__name__).split("\n")[0]
        raise UnreadableFile(
            f"{source} cannot be read: {said}\nNext: check the address, and the rights that the environment gives."
        ) from error
