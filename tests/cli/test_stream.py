"""The live verbs."""

from __future__ import annotations

import json
import shutil


def test_changes_are_written_and_poison_is_kept_aside(small_shop, say, tmp_path):
    home = shutil.copytree(small_shop, tmp_path / "shop")
    later = [
        {
            "table": "orders",
            "order_id": f"new-{number}",
            "customer_id": f"C{number:04d}",
            "ordered_at": "2026-02-10",
            "order_revenue": 40,
        }
        for number in range(12)
    ]
    path = tmp_path / "later.jsonl"
    path.write_text("\n".join([*(json.dumps(message) for message in later), "{poison"]) + "\n")
    said = say("stream", path, "--shop", home)
    assert said.code == 0
    changes = [json.loads(line) for line in said.out.splitlines()]
    assert changes
    assert f"{len(later) + 1:,} messages: {len(later):,} taken, 0 repeated, 1 kept aside" in said.err
    [aside] = json.loads(say("aside", "--shop", home, "--json").out)
    assert (aside["reason"], aside["line"]) == ("not JSON", "{poison")
    shown = say("live", changes[0]["customer_id"], "--shop", home, "--json")
    assert json.loads(shown.out)["features"]["customer_id"] == changes[0]["customer_id"]
    assert say("stream", tmp_path / "none.jsonl", "--shop", home).code != 0
