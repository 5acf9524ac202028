"""Reading verbs: they never write to a shop, and never wait for a run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from patron.cli.app import app
from patron.cli.differences import print_differences, shortened
from patron.cli.talk import print_findings, print_json, print_rows, say
from patron.cli.writing import Format, write_table

ShopFolder = Annotated[Path, typer.Option("--shop", "-s", help="The shop's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON document to stdout.")]
HERE = Path()


class Lang(StrEnum):
    """Languages of the report."""

    en = "en"
    zh = "zh"


@app.command()
def runs(shop: ShopFolder = HERE, *, json: Json = False) -> None:
    """List a shop's finished runs, oldest first."""
    import patron

    opened = patron.open(shop)
    current = opened.shelf.pointed("current")
    rows = [{**_summary(run.manifest), "current": run.id == current} for run in opened.runs]
    if json:
        print_json(rows)
    elif rows:
        shown = [{**row, "current": "*" if row["current"] else ""} for row in rows]
        print_rows(shown, ("run_id", "as_of", "customers", "orders", "finished_at", "current"))
        say("* is read where no run is named; `patron show RUN` and `--run RUN` read another.")
    else:
        say("No finished run yet. Next: patron run")


@app.command()
def show(
    run_id: Annotated[str, typer.Argument(help="The run's id, or how it begins; empty: the current run.")] = "",
    shop: ShopFolder = HERE,
    *,
    json: Json = False,
) -> None:
    """Show what one run found."""
    import patron

    opened = patron.open(shop)
    said = (opened.find(run_id) if run_id else opened.current()).manifest
    if json:
        print_json(said)
        return
    print_findings(said)
    print_rows([{"name": k, "value": v} for k, v in _summary(said).items()], ("name", "value"))
    rows = [{"table": name, "rows": f"{count:,}"} for name, count in sorted(said["tables"].items())]
    print_rows(rows, ("table", "rows"))


@app.command()
def diff(before: str, after: str, shop: ShopFolder = HERE, *, json: Json = False) -> None:
    """Compare two runs: counts, money, and who moved between segments."""
    import patron
    from patron.comparison import compare, segment_names

    opened = patron.open(shop)
    first, second = opened.find(before), opened.find(after)
    said = compare(first, second)
    if json:
        print_json(said)
        return
    currencies = (first.manifest["currency"], second.manifest["currency"])
    print_differences(said, segment_names(first, second), currencies)


@app.command()
def tables(
    name: Annotated[str, typer.Argument(help="The table; empty: list them.")] = "",
    run_id: Annotated[str, typer.Option("--run", help="The run; empty: the current one.")] = "",
    form: Annotated[
        Format, typer.Option("--format", "-f", help="How to write it; jsonl: one JSON object a line.")
    ] = Format.csv,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; empty: stdout.")] = None,
    shop: ShopFolder = HERE,
    *,
    json: Json = False,
) -> None:
    """Write one of a run's tables, or list them; ledger and rejects are there before a first run is finished."""
    import patron
    from patron.shop import ACCOUNTS

    opened = patron.open(shop)
    if name in ACCOUNTS and not run_id and not opened.runs:
        write_table(opened.accounts(name), Format.json if json else form, out)
        return
    run = opened.find(run_id) if run_id else opened.current()
    if not name:
        every = [run.table(name) for name in run.table_names]
        if json:
            print_json([{"table": t.name, "rows": len(t), "columns": t.columns} for t in every])
        else:
            rows = [{"table": t.name, "rows": f"{len(t):,}", "columns": shortened(t.columns)} for t in every]
            print_rows(rows, ("table", "rows", "columns"))
            say("`patron tables NAME --format csv` writes a table with all of its columns; `--json` lists them.")
        return
    write_table(run.table(name), Format.json if json else form, out)


@app.command()
def report(
    run_id: Annotated[str, typer.Option("--run", help="The run; empty: the current one.")] = "",
    lang: Annotated[Lang, typer.Option("--lang", help="Language.")] = Lang.en,
    shop: ShopFolder = HERE,
    *,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Print where the report lies, or open it."""
    import patron

    opened = patron.open(shop)
    path = (opened.find(run_id) if run_id else opened.current()).report(lang.value).resolve()
    typer.echo(str(path))
    if browser:
        import webbrowser

        webbrowser.open(path.as_uri())


@app.command()
def features(*, json: Json = False) -> None:
    """List every declared feature: name, family, unit, meaning."""
    from patron.contracts.catalogue import declared, is_published

    rows = [
        {"name": f.name, "family": f.family, "unit": f.unit, "meaning": f.meaning}
        for f in declared()
        if is_published(f)
    ]
    if json:
        print_json(rows)
    else:
        print_rows(rows, ("name", "family", "unit", "meaning"), f"{len(rows)} features")


def _summary(said: dict[str, Any]) -> dict[str, Any]:
    keys = ("run_id", "shop", "as_of", "first_day", "last_day", "currency", "customers", "orders", "finished_at")
    return {key: said.get(key) for key in keys}
