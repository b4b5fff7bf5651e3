"""`logwright prompts`: the prompts that logs belong to, and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import click

from logwright.cli import output
from logwright.cli.context import Context, shared

_PATH: Final = "/api/manage/prompts"
_TYPES: Final = ["prompt", "tool", "flow", "evaluator", "agent"]


@click.group("prompts")
def command() -> None:
    """Show the prompts that logs belong to, and their versions."""


@command.command("list")
@click.option("--type", "type_", type=click.Choice(_TYPES), default="prompt", show_default=True, help="What to list.")
@click.option("--name", default="", metavar="TEXT", help="Only those with this in their path.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.option("--after", default="", metavar="NEXT", help="Go on behind a page, by the `next` that it ended with.")
@shared()
def list_(context: Context, type_: str, name: str, limit: int, after: str) -> None:
    """List prompts in order of their paths, those of calls that named none included."""
    with context.api() as api:
        found = api.get(_PATH, {"type": type_, "name": name, "limit": str(limit), "after": after})
    if context.json:
        output.as_json(found)
        return
    rows = [
        [each["id"], each["path"], each["model"], ", ".join(each["environments"]), each["logs"], each["last_used_at"]]
        for each in found["data"]
    ]
    output.table(["id", "path", "model", "deployed to", "logs", "last used"], rows, empty=f"There are no {type_}s yet.")
    if found["next"]:
        output.say(f"There are more: --after {found['next']!r}")


@command.command()
@click.argument("prompt_id", metavar="ID")
@click.option("--version", metavar="ID", help="This version. [default: the deployed one, else the newest]")
@click.option("--environment", metavar="NAME", help="The version that is deployed there.")
@shared()
def show(context: Context, prompt_id: str, version: str | None, environment: str | None) -> None:
    """Show the prompt with this ID in one version."""
    told = {"version": version, "environment": environment}
    with context.api() as api:
        found = api.get(f"{_PATH}/{quote(prompt_id, safe='')}", {name: value for name, value in told.items() if value})
    if context.json:
        output.as_json(found)
        return
    output.details({**{name: value for name, value in found.items() if name != "kernel"}, **_kernel(found)})


@command.command()
@click.argument("prompt_id", metavar="ID")
@shared()
def versions(context: Context, prompt_id: str) -> None:
    """List the versions of the prompt with this ID, newest first."""
    with context.api() as api:
        found = api.get(f"{_PATH}/{quote(prompt_id, safe='')}/versions")["data"]
    if context.json:
        output.as_json(found)
        return
    rows = [
        [
            each["version_id"],
            each["version_name"],
            each["model"],
            ", ".join(each["environments"]),
            each["version_logs"],
            each["version_created_at"],
        ]
        for each in found
    ]
    output.table(["version", "name", "model", "deployed to", "logs", "made"], rows)


def _kernel(found: Mapping[str, Any]) -> dict[str, Any]:
    return {f"kernel.{name}": value for name, value in found["kernel"].items()}
