"""The commands, each a thin door: arguments in, one call, words or rows out. What they import, they import late."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="patron",
    help="What is every customer worth, what will they do next, and what should we do about it?",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from patron import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def patron(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What is every customer worth, what will they do next, and what should we do about it?"""
