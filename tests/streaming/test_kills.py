"""SIGKILL at any time, and a replay of the source, loses nothing and counts nothing twice.

Some here; `make soak` does it five hundred times.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

KILLER = Path(__file__).with_name("killer.py")
KILLS = 6


def test_whatever_the_moment_the_same_is_left(tmp_path):
    asked = [sys.executable, str(KILLER), str(tmp_path), str(KILLS), "3"]
    done = subprocess.run(asked, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kills"] >= KILLS
