"""Judge forecasts: `python -m benchmarks.accuracy [PROTOCOL … | shops | coverage | seasons] --data FOLDER`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks.accuracy import coverage, protocols, results, seasons, shops
from benchmarks.accuracy.exam import examine
from benchmarks.accuracy.page import write_page
from benchmarks.accuracy.protocols import PROTOCOLS

_FOLDER = "PATRON_BENCH_DATA"


_SHOPS = {
    "shops": shops.compare,
    "coverage": coverage.cover,
    "seasons": seasons.look,
}  # what is done with every real shop


def examined(name: str, data: Path) -> None:
    """Examine one protocol and keep what is found; say so where its data are not there."""
    if why := protocols.missing(PROTOCOLS[name], data):
        print(f"{name}: not run: {why}")
        return
    print(name, flush=True)
    results.keep("protocols", name, examine(PROTOCOLS[name], data))


def of_shops(part: str, data: Path) -> None:
    """Do one thing with every real shop and keep what is found; say so where its data are not there."""
    for name in shops.SHOPS:
        if why := shops.missing(name, data):
            print(f"{name}: not run: {why}")
            continue
        print(f"{part}: {name}", flush=True)
        results.keep(part, name, _SHOPS[part](name, data))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*PROTOCOLS, *_SHOPS, []], help="default: the four protocols")
    parser.add_argument("--data", type=Path, help=f"folder with the data sets; default: what {_FOLDER} names")
    asked = parser.parse_args()
    folder = asked.data or os.environ.get(_FOLDER)
    if not folder:
        raise SystemExit(f"Where are the data? Name their folder with --data, or in {_FOLDER}.")
    for name in asked.names or PROTOCOLS:
        of_shops(name, Path(folder)) if name in _SHOPS else examined(name, Path(folder))
    write_page()


if __name__ == "__main__":
    main()
