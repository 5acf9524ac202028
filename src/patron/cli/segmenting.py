"""`patron segments`: who moved between two runs, one customer's way through all of them, and a cut's rules as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from patron.cli.app import app
from patron.cli.reading import HERE, Json, ShopFolder
from patron.cli.talk import print_json, print_rows, say
from patron.cli.writing import Format, write_rows

if TYPE_CHECKING:
    from patron.runs import Run

segments = typer.Typer(help="Segments: who moved between two runs, one customer's history, a cut as SQL.")
app.add_typer(segments, name="segments", no_args_is_help=True)

Scheme = Annotated[str, typer.Option("--scheme", help="The scheme; empty: the one the run speaks of first.")]
_HISTORY = ("as_of", "segment_name", "value_tier", "lifecycle_stage", "orders_count_lifetime", "run_id")


@segments.command()
def diff(
    before: Annotated[str, typer.Argument(help="The earlier run's id, or how it begins.")],
    after: Annotated[str, typer.Argument(help="The later run's id, or how it begins.")],
    scheme: Scheme = "",
    who: Annotated[
        str,
        typer.Option(
            "--who", help="List the customers who made a move: up, down, joined, left, stayed, moved, regrouped."
        ),
    ] = "",
    shop: ShopFolder = HERE,
    *,
    json: Json = False,
) -> None:
    """Write the migration matrix of two runs as CSV, in customers and in net revenue of the last 365 days.

    Who goes from a segment of everyone into one of several, or back, is regrouped: that is neither up nor down.
    """
    import patron
    from patron.comparison import migration, movers

    opened = patron.open(shop)
    first, second = _in_order(opened.find(before), opened.find(after))
    table = movers(first, second, who, scheme) if who else migration(first, second, scheme)
    write_rows(table, Format.json if json else Format.csv)
    if not table.num_rows:
        say("Nobody made that move." if who else f"Run {first.id} does not have this scheme: nothing to compare.")


def _in_order(first: Run, second: Run) -> tuple[Run, Run]:
    """Return two runs, the one as of the earlier day first; told where they were named the other way round."""
    days = first.manifest["as_of"], second.manifest["as_of"]
    if days[0] <= days[1]:
        return first, second
    say(
        f"Run {second.id} is as of {days[1]}, an earlier day than {days[0]} of run {first.id}: "
        f"read as from {second.id} to {first.id}."
    )
    return second, first


@segments.command()
def history(
    customer_id: Annotated[str, typer.Argument(help="The customer, as in the runs' tables.")],
    scheme: Scheme = "",
    shop: ShopFolder = HERE,
    *,
    json: Json = False,
) -> None:
    """Show where one customer stood in every run, the earliest day first."""
    import patron
    from patron.comparison import history as of_customer

    rows = of_customer(patron.open(shop).runs, customer_id, scheme)
    if json:
        print_json(rows)
    else:
        print_rows(rows, _HISTORY)


@segments.command()
def sql(
    dialect: Annotated[
        str, typer.Option("--dialect", help="duckdb, postgres, bigquery, snowflake or spark.")
    ] = "duckdb",
    scheme: Annotated[str, typer.Option("--scheme", help="A learned scheme.")] = "learned",
    table: Annotated[str, typer.Option("--table", help="The table that holds the features.")] = "features",
    run_id: Annotated[str, typer.Option("--run", help="The run; empty: the current one.")] = "",
    shop: ShopFolder = HERE,
) -> None:
    """Write a query that puts customers into learned segments by the rules that imitate them.

    Who lacks a feature that a rule needs, and is held by none, comes out as `unplaced`.
    """
    import patron
    from patron.segments import FAITHFUL, fidelity, membership_sql

    opened = patron.open(shop)
    run = opened.find(run_id) if run_id else opened.current()
    rules = run.segment_rules.to_arrow()
    typer.echo(membership_sql(rules, scheme, dialect, table))
    share = fidelity(rules, scheme)
    say(f"Run {run.id}, as of {run.manifest['as_of']}.")
    say(f"The rules put {share:.0%} of customers where the cut does, of those they were not learned from.")
    if share < FAITHFUL:
        say(
            f"Warning: that is less than {FAITHFUL:.0%}. The rules miss the cut for {1 - share:.0%} of customers: "
            "use the query for a rough selection.\n"
            f"Next: who is in which segment stands in a table: `patron tables segments --run {run.id}`."
        )
