"""`patron explain`: one customer's forecast, why it is so, and what would change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from patron.cli.app import app
from patron.cli.reading import HERE, Json, Lang, ShopFolder
from patron.cli.talk import print_json, print_rows, say
from patron.ground.errors import PlanError


@app.command()
def explain(
    customer_id: Annotated[str, typer.Argument(help="The customer, as in the run's tables.")],
    horizon: Annotated[int, typer.Option("--horizon", help="Horizon of the forecast in days; 0: the shortest.")] = 0,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="What if: a feature and its value, such as days_since_last_order=10; repeatable."),
    ] = None,
    run_id: Annotated[str, typer.Option("--run", help="The run; empty: the current one.")] = "",
    lang: Annotated[Lang, typer.Option("--lang", help="Language of the sentence.")] = Lang.en,
    shop: ShopFolder = HERE,
    *,
    json: Json = False,
) -> None:
    """Say why one customer's forecast is what it is, and what it would be if something were different."""
    import patron

    opened = patron.open(shop)
    run = opened.find(run_id) if run_id else opened.current()
    said = asdict(run.explain(customer_id, horizon or None, **_wanted(change or [])))
    if json:
        print_json(said)
        return
    story = said["story"]
    typer.echo(story["reason_zh" if lang is Lang.zh else "reason"])
    print_rows(_groups(story, lang), ("about", "factor", "second opinion", "strongest features"))
    say(f"{story['model']}, {story['horizon_days']} days. Forecast = {story['base_value']:,.4g} times all factors.")
    if said["what_if"]:
        print_rows(_sides(said["what_if"]), ("what", "before", "after"))


def _wanted(pairs: Sequence[str]) -> dict[str, dict[str, float]]:
    wanted = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            wanted[name.strip()] = float(value)
        except ValueError as error:
            raise PlanError(
                f"--set {pair!r}: a feature, = and a number were expected.\nNext: --set days_since_last_order=10"
            ) from error
    return {"what_if": wanted} if wanted else {}


def _groups(story: dict[str, Any], lang: Lang) -> list[dict[str, str]]:
    return [
        {
            "about": group["label_zh" if lang is Lang.zh else "label"],
            "factor": f"×{group['factor']:.2f}",
            "second opinion": _times(group["second_opinion_factor"]),
            "strongest features": ", ".join(f"{name} = {_cell(value)}" for name, value, _ in group["features"][:2]),
        }
        for group in story["groups"]
    ]


def _sides(what_if: dict[str, Any]) -> list[dict[str, str]]:
    forecast = [
        {"what": name, "before": _cell(before), "after": _cell(what_if["after"][name])}
        for name, before in what_if["before"].items()
    ]
    return [
        *forecast,
        *({"what": name, "before": _cell(was), "after": _cell(now)} for name, (was, now) in what_if["moved"].items()),
    ]


def _times(factor: float | None) -> str:
    return "" if factor is None else f"×{factor:.2f}"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"
