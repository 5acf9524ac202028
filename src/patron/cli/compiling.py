"""`patron compile`: a run's tiles, features and segments as SQL for the warehouse where the data lie."""

from __future__ import annotations

from typing import Annotated

import typer

from patron.cli.app import app
from patron.cli.reading import HERE, ShopFolder


@app.command(name="compile")
def compile_(
    dialect: Annotated[str, typer.Option("--dialect", help="bigquery, duckdb, postgres, snowflake, spark or trino.")],
    part: Annotated[
        list[str] | None, typer.Option("--part", help="tiles, features or segments; again for several; none: all.")
    ] = None,
    scheme: Annotated[str, typer.Option("--scheme", help="Whose segments; empty: the run's first scheme.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="What was known before this day; empty: the run's.")] = "",
    run: Annotated[str, typer.Option("--run", help="The run's id, or how it begins; empty: the current one.")] = "",
    shop: ShopFolder = HERE,
) -> None:
    """Write a script that makes a run's tables in a warehouse, from fact tables of the same names."""
    import patron
    from patron import flow
    from patron.ground.dates import parse_day

    opened = patron.open(shop)
    chosen = opened.find(run) if run else opened.current()
    day = parse_day(as_of) if as_of else None
    typer.echo(flow.compile_run(chosen.folder, dialect, as_of=day, scheme=scheme, parts=part or flow.PARTS))
