"""`logwright export`: leave at any time, with everything."""

from __future__ import annotations

from pathlib import Path

import click

from logwright.cli import output
from logwright.cli.context import Context, shared


@click.command("export")
@click.option("--all", "folder", required=True, metavar="DIR", help="The folder to write to; a new or unfinished one.")
@click.option(
    "--logs-a-file",
    type=click.IntRange(1, 100_000),
    default=20_000,
    show_default=True,
    metavar="NUMBER",
    help="How many logs a file holds at most.",
)
@click.option(
    "--mib-a-file",
    type=click.IntRange(1, 1024),
    default=64,
    show_default=True,
    metavar="NUMBER",
    help="How many MiB of JSON lines a file holds at most, before they are compressed.",
)
@shared(project=False)
def command(context: Context, folder: str, logs_a_file: int, mib_a_file: int) -> None:
    """Write everything in open formats: logs as JSON lines (zstd) and Parquet, media, prompts, prices, people.

    Secrets are not among them: of keys and providers only names and hints. A run that was broken off goes on when the
    same command is given again; the manifest appears when everything is written and checked. `logwright import` reads
    such a folder back.
    """
    from logwright.cli.dumping import Dumper

    with context.api() as api, output.progress("Exporting", unit="logs", quiet=context.json) as advance:
        dumper = Dumper(api, Path(folder), logs_a_file=logs_a_file, bytes_a_file=mib_a_file << 20, advance=advance)
        if dumper.was_begun:
            output.say("Going on where the run before ended.")
        manifest = dumper.run()
    logs = sum(project.logs for project in manifest.projects.values())
    size = sum(kept.bytes for kept in manifest.files.values())
    if context.json:
        output.as_json(
            {"folder": folder, "projects": len(manifest.projects), "logs": logs, "blobs": manifest.blobs, "bytes": size}
        )
    else:
        click.echo(
            f"Wrote {logs} logs of {len(manifest.projects)} projects to {folder}: "
            f"{len(manifest.files)} files, {output.size(size)}, all checked."
        )
        if manifest.missing_blobs:
            output.say(f"{len(manifest.missing_blobs)} media files that logs refer to were gone already.")
