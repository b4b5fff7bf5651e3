"""`logwright backup`: copy an installation into one file, while it serves or while it does not."""

from __future__ import annotations

import tarfile
from typing import IO

import click

from logwright.cli import output
from logwright.cli.context import Context, shared
from logwright.cli.sink import sink
from logwright.errors import Unavailable


@click.command(name="backup")
@click.option("--output", "target", required=True, metavar="FILE", help="Where to write; it must not exist yet.")
@shared(project=False)
def command(context: Context, target: str) -> None:
    """Write a backup: every log acknowledged before it began, projects, keys, providers. The master key is not in it.

    The file appears when it is whole, or not at all. `logwright restore` makes a data folder of it.
    """
    written = 0
    with (
        context.api() as api,
        api.stream("GET", "/api/manage/backup") as stream,
        sink(target, replaces=False) as file,
        output.progress("Backing up", unit="bytes", quiet=context.json) as advance,
    ):
        for part in stream.bytes():
            file.write(part)
            written += len(part)
            advance(len(part))
        if target != "-":
            _check_end(file)
    if target == "-":
        return
    if context.json:
        output.as_json({"file": target, "bytes": written})
    else:
        output.say(f"Wrote {output.size(written)} to {target}. The master key is not in it: keep that elsewhere.")


def _check_end(file: IO[bytes]) -> None:
    """See that the backup has its end, which a transfer through others may have lost; `restore` checks every byte."""
    file.seek(0)
    last = ""
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            for entry in archive:
                last = entry.name
    except tarfile.TarError as error:
        raise Unavailable("What the server sent is no backup; check the address and try again") from error
    if last != "manifest.json":
        raise Unavailable("The backup was cut short on its way; try again")
