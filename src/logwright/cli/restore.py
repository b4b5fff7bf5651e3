"""`logwright restore`: make a data folder of a backup."""

from __future__ import annotations

from pathlib import Path

import click

from logwright.cli import output
from logwright.cli.context import json_option
from logwright.errors import InvalidRequest


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--data", required=True, metavar="NEWDIR", type=click.Path(path_type=Path), help="A folder to be made.")
@json_option
def command(file: Path, data: Path, as_json: bool) -> None:
    """Unpack the backup FILE into NEWDIR, checking every byte; an existing installation is never written over."""
    from logwright.logs.backup import restore

    try:
        manifest = restore(file, data)
    except OSError as error:
        named = f" ({error.filename})" if error.filename else ""
        raise InvalidRequest(f"{file} could not be restored: {error.strerror or error}{named}") from error
    if as_json:
        output.as_json(
            {"data": str(data), "logs": manifest.logs, "made_at": manifest.made_at, "version": manifest.version}
        )
        return
    output.say(
        f"Restored into {data}, as of {manifest.made_at}, with at least {manifest.logs} logs. "
        "It needs the master key of the installation that it was made from."
    )
