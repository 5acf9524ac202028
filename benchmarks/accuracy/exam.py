"""One protocol from its data to its figures: Patron, the peers, the metrics, and the verdict on every bar."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.accuracy import product, protocols
from benchmarks.accuracy.bars import verdicts
from benchmarks.accuracy.metrics import METRICS, figures
from benchmarks.accuracy.peers import PEERS, Said
from benchmarks.accuracy.protocols import HoldOut, Protocol
from patron.ground.dates import now


def examine(protocol: Protocol, data: Path) -> dict[str, Any]:
    """Run everyone on one protocol and return what is kept of it, as JSON-able values."""
    held = protocols.read(protocol, data)
    ours = product.answer(held)
    theirs, absent = _peers(held)
    outcomes = {target: held.outcome(target) for target in METRICS}
    return {
        "examined_at": now().isoformat(timespec="seconds"),
        "file": protocol.file,
        "as_of": str(held.as_of),
        "horizon_days": held.horizon_days,
        "customers": held.orders.size,
        "orders": int(held.orders.sum()),
        "money": round(float(held.money.sum()), 2),
        "share_active": float(held.active.mean()),
        "judged_days": ours.judged_days,
        "judged_origins": [str(day) for day in ours.judged_origins],
        "champions": {target: {"model": model, "why": why} for target, (model, why) in ours.champions.items()},
        "patron": _figures(ours.said, held),
        "peers": _figures(theirs, held),
        "absent": {**ours.refused, **absent},
        "bars": [asdict(one) for one in verdicts(protocol.name, outcomes, ours.said[product.CHAMPION], theirs)],
    }


def _peers(held: HoldOut) -> tuple[dict[str, Said], dict[str, str]]:
    said: dict[str, Said] = {}
    absent: dict[str, str] = {}
    for name, peer in PEERS.items():
        if why := peer.missing():
            absent[name] = why
            continue
        try:
            said[name] = peer.asked(held)
        except ValueError as error:
            absent[name] = " ".join(str(error).split())
        print(f"  {name}: {absent.get(name, 'done')}", flush=True)
    return said, absent


def _figures(said: Any, held: HoldOut) -> dict[str, dict[str, dict[str, float]]]:
    return {
        target: {
            name: figures(target, held.outcome(target), one[target]) for name, one in said.items() if target in one
        }
        for target in METRICS
    }
