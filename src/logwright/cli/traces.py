"""`logwright traces`: list traces, and show the logs of one as an outline."""

from __future__ import annotations

import click

from logwright.cli import outline
from logwright.cli.context import Context, shared


@click.group("traces")
def command() -> None:
    """List traces and show their logs as an outline."""


@command.command("list")
@click.option("--query", default="", metavar="QUERY", help="Which logs must be in them, such as 'has:error'.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most.")
@shared()
def list_all(context: Context, query: str, limit: int) -> None:
    """List the traces that have a log that matches, those that began last first."""
    outline.list_groups(context, "traces", query, limit)


@command.command()
@click.argument("trace_id", metavar="ID")
@shared()
def show(context: Context, trace_id: str) -> None:
    """Show the logs of one trace: when each began, how long it took, and whose step it was."""
    outline.show_tree(context, "traces", trace_id)
