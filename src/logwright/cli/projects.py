"""`logwright projects`: make and list projects."""

from __future__ import annotations

import click

from logwright.cli import output
from logwright.cli.context import Context, shared


@click.group("projects")
def command() -> None:
    """Make and list projects."""


@command.command()
@click.argument("name")
@shared(project=False)
def create(context: Context, name: str) -> None:
    """Make a project called NAME and its first key, which is shown now and never again."""
    with context.api() as api:
        made = api.post("/api/manage/projects", {"name": name})
    if context.json:
        output.as_json({"id": made["id"], "name": made["name"], "key": made["key"], "key_id": made["key_id"]})
        return
    output.details({"id": made["id"], "name": made["name"], "key": made["key"]})
    output.say("Keep the key: it is not shown again.")


@command.command("list")
@shared(project=False)
def list_(context: Context) -> None:
    """List the projects, oldest first."""
    with context.api() as api:
        found = api.get("/api/manage/projects")["data"]
    if context.json:
        output.as_json(found)
        return
    output.table(["id", "name", "created_at"], [[each["id"], each["name"], each["created_at"]] for each in found])
