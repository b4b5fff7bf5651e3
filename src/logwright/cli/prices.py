"""`logwright prices`: what models cost a project, where it differs from the published lists."""

from __future__ import annotations

from typing import Any, Final

import click

from logwright.cli import output
from logwright.cli.context import Context, shared

_PATH: Final = "/api/manage/prices"
_SHOWN: Final = [
    "model",
    "input",
    "output",
    "cached_input",
    "cache_write",
    "input_audio",
    "output_audio",
    "updated_at",
]
_DOLLARS: Final = click.FloatRange(min=0)


@click.group("prices")
def command() -> None:
    """Set, list and remove a project's own prices, in US dollars for a million tokens."""


@command.command("set")
@click.argument("model")
@click.option("--input", "input_", type=_DOLLARS, required=True, help="For input tokens.")
@click.option("--output", "output_", type=_DOLLARS, required=True, help="For output tokens.")
@click.option("--cached-input", type=_DOLLARS, help="For input from the provider's cache. [default: as input]")
@click.option("--cache-write", type=_DOLLARS, help="For input written to that cache. [default: as input]")
@click.option("--input-audio", type=_DOLLARS, help="For input that is sound. [default: as input]")
@click.option("--output-audio", type=_DOLLARS, help="For output that is sound. [default: as output]")
@shared()
def set_(context: Context, model: str, input_: float, output_: float, **others: float | None) -> None:
    """Set what MODEL costs from now on; * in it stands for any run of characters."""
    told: dict[str, Any] = {"model": model, "input": input_, "output": output_}
    told |= {name: value for name, value in others.items() if value is not None}
    with context.api() as api:
        kept = api.put(_PATH, told)
    if context.json:
        output.as_json(kept)
        return
    output.details({name: value for name, value in kept.items() if value is not None})


@command.command("list")
@shared()
def list_(context: Context) -> None:
    """List the project's own prices."""
    with context.api() as api:
        found = api.get(_PATH)["data"]
    if context.json:
        output.as_json(found)
        return
    output.table(_SHOWN, [[price[name] for name in _SHOWN] for price in found], empty="The published prices count.")


@command.command()
@click.argument("model")
@shared()
def remove(context: Context, model: str) -> None:
    """Remove the price of MODEL, so that the published one counts again."""
    with context.api() as api:
        gone = api.delete(_PATH, {"model": model})
    if context.json:
        output.as_json(gone)
        return
    click.echo(f"Removed the price of {output.clean(model)}.")
