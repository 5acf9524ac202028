"""Live verbs: messages in, changes of segments out, and what is known of a customer now."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from patron.cli.app import app
from patron.cli.reading import HERE, Json, ShopFolder
from patron.cli.talk import Steps, print_json, print_rows, say
from patron.cli.working import Memory, Quiet, Threads


@app.command()
def stream(
    sources: Annotated[list[Path], typer.Argument(help="Files of messages: JSON Lines (.jsonl) or Parquet.")],
    shop: ShopFolder = HERE,
    table: Annotated[
        str, typer.Option("--table", help="What the rows of Parquet files are, such as events; empty: they say it.")
    ] = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Wait for more lines at the end; Ctrl-C stops.")
    ] = False,
    memory_limit: Memory = None,
    threads: Threads = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Fold messages into the live shop; every change of a segment is written to stdout, one JSON object a line."""
    import patron
    from patron import settings
    from patron.streaming import open_source

    opened = [open_source(path, table=table, follow=follow) for path in sources]
    chosen = settings.read(memory_limit=memory_limit, threads=threads)
    with Steps(quiet=quiet) as steps:
        done = patron.open(shop).stream(opened, on_change=_print, settings=chosen, watch=steps, follow=follow)
    it = done.progress
    say(
        f"{it.messages:,} messages: {it.taken:,} taken, {it.repeated:,} repeated, {it.kept_aside:,} kept aside. "
        f"{done.scored:,} customers scored, {done.changes:,} changes of segments."
    )
    if it.kept_aside:
        say("`patron aside` lists what was kept aside, with its reason.")


@app.command()
def live(
    customer_id: Annotated[str, typer.Argument(help="The customer, as in the run's tables.")],
    shop: ShopFolder = HERE,
    *,
    json: Json = False,
) -> None:
    """Say what the messages so far make of one customer: features, segments, forecasts."""
    import patron

    known = patron.open(shop).live(customer_id)
    if json:
        print_json(known)
        return
    print_rows([{"feature": name, "value": value} for name, value in known["features"].items()], ("feature", "value"))
    print_rows(known["segments"], ("scheme", "segment_key", "segment_name"))
    shown = ("horizon_days", "predicted_clv", "predicted_clv_lower", "predicted_clv_upper", "churn_probability")
    print_rows(known["forecasts"], shown)


@app.command()
def aside(shop: ShopFolder = HERE, *, json: Json = False) -> None:
    """List the messages that were no facts, with the reason: where they came from, and what they said."""
    import patron

    rows = patron.open(shop).kept_aside()
    if json:
        print_json(rows)
    elif rows:
        print_rows(rows, ("source", "place", "reason", "line"))
    else:
        say("Nothing was kept aside.")


def _print(change: dict[str, object]) -> None:
    typer.echo(json_text.dumps(change, default=str, ensure_ascii=False))


__all__ = ["aside", "live", "stream"]
