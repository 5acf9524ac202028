"""Kills a process that streams, again and again, and compares what is left with a stream that nobody disturbed.

    python tests/streaming/killer.py FOLDER KILLS SEED

Children are forked from a process that has compiled everything and opened nothing, so that most of their life is work.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from parity.as_messages import KEY, disturbed, messages_of
from patron.contracts.facts import FACTS
from patron.streaming import SHAPES, JsonLines, Live, Reading, State, StreamSpec, features_of
from patron.streaming.changes import compiled as compiled_changes
from patron.streaming.messages import compiled as compiled_reading
from patron.streaming.program import compiled, reduce_everyone
from worlds import SIGNALS, random_shop, shape_capabilities

KNOWN = frozenset(shape_capabilities("everything"))
SHOP = Reading("UTC", "GBP", KEY)
TABLES = [f"facts_{name}" for name in FACTS if name in (*SHAPES, "order_lines")]
SHARE_OF_LIFE = 0.3  # of what nobody disturbs: the longest that a child lives at first


def day_after(messages):
    """Return the day that the stream will be settled as of."""
    said = [message.get(SHAPES[message["table"]].at) for message in messages]
    return max(datetime.fromisoformat(at).date() for at in said if at) + timedelta(days=1)


def work(home, source):
    """Fold what is left of the source."""
    with State(home, threads=1) as state:
        if not state.capabilities:
            with state.change():
                state.say("capabilities", sorted(KNOWN))
                state.say("signals", SIGNALS)
        live = Live(state, SHOP, StreamSpec(batch_rows=7, reread_seconds=0.2))
        live.run([JsonLines(source)], lambda _: None)


def dump(home, out):
    """Write down everything that a finished stream left."""
    with State(home, threads=1) as state:
        rows = {name: state.engine.answer(f"FROM {name}").to_pylist() for name in [*TABLES, "kept_aside", "positions"]}
        rows["features"] = [
            {name: round(value, 9) if isinstance(value, float) else value for name, value in row.items()}
            for row in features_of(state).to_pylist()
        ]
        rows["dirty"] = state.engine.answer("FROM dirty_days").to_pylist()
    told = {name: sorted(json.dumps(row, default=str) for row in some) for name, some in rows.items()}
    out.write_text(json.dumps(told))


def forked(function, *args):
    """Run a function in a child, and return its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        function(*args)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001  # whatever it is, the parent must hear of it
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)


def undisturbed(function, *args):
    """Let a child finish, and return the seconds it took."""
    begun = time.perf_counter()
    _, status = os.waitpid(forked(function, *args), 0)
    assert status == 0, "a child that nobody killed failed"
    return time.perf_counter() - begun


def disturbed_until_done(home, source, dice, longest):
    """Kill at random times until a child gets to the end; return how many were killed at work."""
    kills = 0
    while True:
        pid = forked(work, home, source)
        time.sleep(
            dice.random() * longest * 1.02**kills
        )  # on a busy machine the first lives may be too short for anything
        done, status = os.waitpid(pid, os.WNOHANG)
        if not done:
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
        if status == 0:
            return kills
        assert os.WIFSIGNALED(status), "a child failed by itself"
        kills += 1


def main(folder, kills, seed):
    dice, asked = random.Random(seed), kills
    for name in SHAPES:
        compiled_reading(SHOP, name)
    for database in ("", "reading"):
        compiled(KNOWN, SIGNALS, (), database)
    compiled_changes(KNOWN, SIGNALS)
    done = worlds = 0
    while done < asked:
        source = folder / f"{worlds}.jsonl"
        messages = disturbed(messages_of(random_shop(seed + worlds, "everything")), seed + worlds)
        reduce_everyone(KNOWN, SIGNALS, day_after(messages))
        source.write_text("\n".join(json.dumps(message) for message in messages) + "\n{poison\n")
        longest = SHARE_OF_LIFE * undisturbed(work, folder / f"{worlds}-whole", source)
        undisturbed(dump, folder / f"{worlds}-whole", folder / "whole.json")
        done += disturbed_until_done(folder / f"{worlds}-killed", source, dice, longest)
        undisturbed(dump, folder / f"{worlds}-killed", folder / "killed.json")
        whole, killed = (json.loads((folder / name).read_text()) for name in ("whole.json", "killed.json"))
        differing = [name for name in whole if whole[name] != killed[name]]
        positions = "positions" in differing  # of the same file in both
        assert not differing, f"world {seed + worlds}: {differing}{' (position)' if positions else ''}"
        worlds += 1
    print(json.dumps({"kills": done, "worlds": worlds}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
