"""Working verbs: they make a shop, look at files, run the Plan, and simulate worlds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patron.cli import pace
from patron.cli.app import app
from patron.cli.reading import HERE, Json, Lang, ShopFolder
from patron.cli.talk import Steps, print_findings, print_json, print_rows, say
from patron.ground.currencies import currency as checked_currency
from patron.ground.dates import parse_day
from patron.ground.dates import zone as checked_zone
from patron.ground.errors import InputError

if TYPE_CHECKING:
    from patron.runs import Run
    from patron.shop import Shop

Memory = Annotated[str | None, typer.Option("--memory-limit", help="What the engine may hold, such as 4GB.")]
Threads = Annotated[int | None, typer.Option("--threads", help="Worker threads; default: all cores.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Say nothing of the progress; only what came out, and errors.")
]
Profiles = Annotated[Path | None, typer.Option("--profiles", help="Folder with source profiles of your own.")]


def _well_formed(read: Callable[[str], object]) -> Callable[[str | None], str | None]:
    """Return a check of an option's form: what cannot be read is a mistake of usage."""

    def check(text: str | None) -> str | None:
        try:
            if text:
                read(text)
        except InputError as error:
            raise typer.BadParameter(" ".join(str(error).splitlines())) from error
        return text

    return check


@app.command()
def run(
    shop: ShopFolder = HERE,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", help="YYYY-MM-DD; default: the day after the last order.", callback=_well_formed(parse_day)
        ),
    ] = None,
    wait: Annotated[float, typer.Option("--wait", help="Seconds to wait for another run of this shop.")] = 0.0,
    memory_limit: Memory = None,
    threads: Threads = None,
    engine: Annotated[
        str | None, typer.Option("--engine", help="duckdb (default), or spark: needs patron[spark] and Java 17.")
    ] = None,
    *,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Execute the Plan: facts, features, segments, forecasts, actions, report."""
    import patron
    from patron import settings

    chosen = settings.read(memory_limit=memory_limit, threads=threads, engine=engine)
    opened = patron.open(shop)
    with Steps(quiet=quiet or json, last=pace.recall(opened.shelf)) as steps:
        made = opened.run(as_of, settings=chosen, watch=steps, wait_seconds=wait)
    pace.keep(opened.shelf, steps.seconds)
    if json:
        print_json(made.manifest)
        return
    print_findings(made.manifest)
    typer.echo(f"Report: {made.report().resolve()}")
    if not quiet:
        say(_current(opened, made))


def _current(opened: Shop, made: Run) -> str:
    """Say which run is read from now on, and how to read the one of the latest day where that is another."""
    day = made.manifest["as_of"]
    told = f"Current run: {made.id}, as of {day}."
    days = {run.id: run.manifest["as_of"] for run in opened.runs}
    latest = max(reversed(days), key=lambda name: days[name])
    if days[latest] > day:
        told += f" Run {latest} is as of a later day, {days[latest]}.\n"
        told += f"Next: read that one with `patron show {latest}` or `--run {latest}`; "
        told += f"`patron run --as-of {days[latest]}` makes its day current again."
    return told


@app.command()
def demo(
    shop: Annotated[Path, typer.Argument(help="Folder to make.")] = Path("demo-shop"),
    lang: Annotated[Lang, typer.Option("--lang", help="Language of what is said at the end.")] = Lang.en,
    *,
    quiet: Quiet = False,
) -> None:
    """Run the whole story on a real shop: UCI Online Retail, a British gift wholesaler, 2010-2011."""
    import patron
    from patron import settings
    from patron.demo import prepare

    prepare(shop)
    opened = patron.open(shop)
    with Steps(quiet=quiet, last=pace.recall(opened.shelf)) as steps:
        made = opened.run(settings=settings.read(), watch=steps)
    pace.keep(opened.shelf, steps.seconds)
    print_findings(made.manifest, lang.value)
    typer.echo(f"\nReport (English): {made.report('en').resolve()}\nReport (中文):    {made.report('zh').resolve()}")


@app.command()
def init(
    shop: Annotated[Path, typer.Argument(help="Folder to make.")],
    exports: Annotated[list[str], typer.Argument(help="Files, folders, globs or database tables with the exports.")],
    name: Annotated[str, typer.Option("--name", help="The shop's name.")] = "",
    currency: Annotated[
        str,
        typer.Option(
            "--currency",
            help="ISO code, such as EUR; default: what most orders carry.",
            callback=_well_formed(checked_currency),
        ),
    ] = "",
    zone: Annotated[
        str,
        typer.Option(
            "--zone",
            help="IANA time zone, such as Europe/London; default: the profile's.",
            callback=_well_formed(checked_zone),
        ),
    ] = "",
    profile: Annotated[str, typer.Option("--profile", help="Source profile; default: detected.")] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="Correct a column: customer_id=Client; total_amount= leaves it out."),
    ] = None,
    profiles: Profiles = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Accept what is proposed, without asking.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Look at the exports of a shop anew; its other knobs and its shelf stay.")
    ] = False,
) -> None:
    """Make a shop: look at its exports and write a commented patron.toml."""
    from patron.cli.wizard import Wish, make_shop

    wish = Wish(name=name, currency=currency, zone=zone, profile=profile, mapping=tuple(mapping or ()))
    make_shop(shop, exports, wish, profiles=profiles, yes=yes, again=again)
    say(f"Wrote {shop / 'patron.toml'}. Next: patron run --shop {shop}")


@app.command("profiles")
def list_profiles(profiles: Profiles = None, *, json: Json = False) -> None:
    """List the source profiles that Patron knows."""
    from patron import records, settings

    known = records.profiles(settings.read(profiles=profiles).profiles)
    rows = [{"id": p.id, "title": p.title, "files": ", ".join(layout.name for layout in p.layouts)} for p in known]
    if json:
        print_json(rows)
    else:
        print_rows(rows, ("id", "title", "files"))


@app.command()
def detect(file: str, profiles: Profiles = None, *, json: Json = False) -> None:
    """Say which source profile fits a file, and how sure that is."""
    from patron.cli.wizard import matches

    rows = matches(file, profiles)
    if json:
        print_json(rows)
    elif rows:
        print_rows(rows, ("file", "profile", "layout", "confidence", "why"))
    else:
        say(f"No source profile knows {file}. Next: `patron init SHOP {file}` proposes which column holds what.")


@app.command()
def simulate(
    out: Annotated[Path, typer.Option("--out", help="Folder to make.")],
    customers: Annotated[int, typer.Option("--customers", min=1, help="How many customers.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same world.")] = 7,
    *,
    quiet: Quiet = False,
    events: Annotated[bool, typer.Option("--events/--no-events", help="With browsing events.")] = True,
) -> None:
    """Make a shop whose truth is known: customers, orders, events, campaigns, dirt."""
    from patron.simulation import ALL_TABLES, SimulationSpec
    from patron.simulation import simulate as work

    tables = tuple(name for name in ALL_TABLES if events or name != "events")
    with Steps(quiet=quiet) as steps:
        steps.begin("simulate")
        work(
            SimulationSpec(customers=customers, tables=tables),
            out,
            seed=seed,
            on_progress=lambda done, total: steps.note(f"{done:,} of {total:,} customers", done / total),
        )
        steps.end(row_count=customers)
    say(f"Wrote {out}. Its truth is in {out / 'truth'}. Next: patron init SHOP '{out}/*.parquet'")


__all__ = ["demo", "detect", "init", "list_profiles", "run", "simulate"]
