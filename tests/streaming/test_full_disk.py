"""A disk that is full in the middle: words, nothing half done, and the next start goes on."""

from __future__ import annotations

import json
import subprocess
import sys

from parity.as_messages import KEY, messages_of
from patron.streaming import JsonLines, Live, Reading, State, StreamSpec
from worlds import tiny_shop

SCRIPT = """
import resource, signal, sys
from pathlib import Path
from patron.ground.errors import ShelfFull
from patron.streaming import JsonLines, Live, Reading, State, StreamSpec

home, source, most = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with State(home, threads=1) as state:
    live = Live(state, Reading("UTC", "GBP", b"parity"), StreamSpec(batch_rows=500))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        live.run([JsonLines(source)])
    except ShelfFull as error:
        print(error)
"""


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path):
    source, home = tmp_path / "x.jsonl", tmp_path / "live"
    views = [
        {"event_id": f"e{n}", "customer_id": f"c{n % 50}", "occurred_at": "2024-05-01T10:00:00Z", "type": "view"}
        for n in range(20_000)
    ]
    source.write_text("\n".join(json.dumps(message) for message in [*messages_of(tiny_shop()), *views]) + "\n")
    asked = [sys.executable, "-c", SCRIPT, str(home), str(source), str(1 << 20)]
    done = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=300)
    assert "free disk space" in done.stdout, done.stdout + done.stderr
    with State(home, threads=1) as state:
        at = state.position(str(source.resolve()))
        assert 0 <= at < source.stat().st_size
        Live(state, Reading("UTC", "GBP", KEY), StreamSpec()).run([JsonLines(source)])
        assert state.engine.column("SELECT count(*) FROM facts_events WHERE event_id LIKE 'e%'")[0] >= 20_000
