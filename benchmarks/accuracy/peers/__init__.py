"""The peers, by name. To add one: a file here whose `PEERS` it joins."""

from benchmarks.accuracy.peers import formulas, learned, map_estimates, purchase_models
from benchmarks.accuracy.peers.peer import Peer, Said

PEERS = {peer.name: peer for room in (formulas, purchase_models, map_estimates, learned) for peer in room.PEERS}

__all__ = ["PEERS", "Peer", "Said"]
