"""`logwright audit`: prove that no record is missing."""

from __future__ import annotations

import click

from logwright.cli import output
from logwright.cli.context import Context, shared

_COLUMNS = ["producer", "first_sequence", "last_sequence", "stored", "duplicates", "unreadable", "waiting"]


@click.command(name="audit")
@shared(project=False)
def command(context: Context) -> None:
    """Hold every sequence of every journal against the store; status 1 when a record is missing."""
    with context.api() as api:
        found = api.get("/api/manage/audit")
    if context.json:
        output.as_json(found)
    else:
        output.table(_COLUMNS, [[each[name] for name in _COLUMNS] for each in found["producers"]], empty="No records.")
        for gap in found["gaps"]:
            output.say(f"Missing: {gap['producer']} {gap['first']} to {gap['last']}")
        counts = f"{found['stored']} stored, {found['deleted']} deleted since, {found['present']} present"
        media = f"{found['blobs']} media, {found['blobs_missing']} missing, {found['blobs_unreferred']} unreferred"
        output.say(f"{'Complete' if found['complete'] else 'NOT COMPLETE'}: {counts}; {media}.")
    if not found["complete"]:
        raise click.exceptions.Exit(1)
