"""`logwright database`: move projects, keys, prompts and everything else that is not a log to another database."""

from __future__ import annotations

from pathlib import Path

import click

from logwright.cli import output
from logwright.cli.context import json_option


@click.group("database")
def command() -> None:
    """Move projects, keys and what else is not a log to another database."""


@command.command("migrate")
@click.argument("source")
@click.argument("target")
@json_option
def migrate(source: str, target: str, as_json: bool) -> None:
    """Copy everything from SOURCE to TARGET, which must be empty, and compare; all of it, or nothing.

    Each is a SQLite file or a postgresql:// URL. Stop the server first: what it writes afterwards is not copied. Then
    start it with LOGWRIGHT_DATABASE=TARGET.
    """
    from logwright.db.moving import move

    counts = move(_place(source), _place(target))
    if as_json:
        output.as_json({"tables": dict(counts)})
        return
    output.table(["table", "rows"], [[name, count] for name, count in counts.items()])
    output.say("Both hold the same. Start the server with LOGWRIGHT_DATABASE set to the target now.")


def _place(given: str) -> str | Path:
    return given if "://" in given else Path(given)
