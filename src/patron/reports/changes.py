"""A change of the learned segments that waits for the Plan, in words."""

from __future__ import annotations

import pyarrow as pa

from patron.reports.voice import Voice


def waiting(events: pa.Table, voice: Voice) -> str:
    """Say what changes and the line of the Plan that publishes it; empty where nothing waits.

    Args:
        events: the published table `segment_events`.
        voice: who says it.
    """
    rows = [row for row in events.to_pylist() if row["to_confirm"]]
    if not rows:
        return ""
    what = voice.pick(rows[0]["change"], rows[0]["change_zh"])
    return voice.say("segments.waiting", what=what or rows[0]["to_confirm"], change=rows[0]["to_confirm"])


def waiting_words(events: pa.Table, lang: str) -> str:
    """Say the same without a report, for what a run closes with.

    Args:
        events: the published table `segment_events`.
        lang: "en" or "zh".
    """
    return waiting(events, Voice.of(lang, ""))
