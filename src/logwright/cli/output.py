"""What commands print: tables for people, tab-separated text for pipes, JSON for programs.

Everything that a stranger may have written (a prompt, an answer, a tag) passes
through `clean` first, so that it cannot move the cursor, retitle the window or
turn text around (RELIABILITY.md S-13).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click

from logwright.errors import LogwrightError, body

_JSON_WANTED: Final = "logwright.json"

_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor (ECMA-48, 5.4)
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # strings to the terminal: titles, links, clipboard (ECMA-48, 5.6)
    r"|\x1b[ -/]*[0-~]?"  # everything shorter
    r"|\x9b[0-?]*[ -/]*[@-~]",  # the same control sequences, begun by one C1 character
    re.DOTALL,
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BLANKS: Final = re.compile(r"\s+")


def clean(text: str) -> str:
    """Drop terminal escapes, control characters and marks that turn the direction of text; keep newlines and tabs."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def cell(value: object) -> str:
    """Write a value on one line of a table; nothing for None."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case Mapping():
            return " ".join(f"{cell(name)}={cell(each)}" for name, each in value.items())
        case str():
            return _BLANKS.sub(" ", clean(value)).strip()
        case Iterable():
            return " ".join(cell(each) for each in value)
        case _:
            return clean(str(value))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str = "Nothing found.") -> None:
    """Print rows: framed and coloured on a terminal, else as a header and lines of tab-separated cells.

    `empty` is said on a terminal when there are no rows.
    """
    if not sys.stdout.isatty():
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(cell(value) for value in row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    kept = [list(row) for row in rows]
    if not kept:
        click.echo(empty)
        return
    for index, column in enumerate(columns):
        numeric = all(isinstance(row[index], int | float | None) for row in kept)
        shown.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in kept:
        shown.add_row(*(Text(cell(value)) for value in row))  # Text: what looks like rich's markup stays text
    Console().print(shown)


def details(values: Mapping[str, object]) -> None:
    """Print one thing as a list of names and values, one a line."""
    width = max((len(name) for name in values), default=0) if sys.stdout.isatty() else 0
    for name, value in values.items():
        click.echo(f"{name:<{width}}  {cell(value)}" if width else f"{name}\t{cell(value)}")


def as_json(value: Any) -> None:
    """Print a value as JSON, indented on a terminal; what a terminal would act upon is escaped inside its strings."""
    text = json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    click.echo(_ACTED_UPON.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


_ACTED_UPON: Final = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def say(text: str) -> None:
    """Tell the person something that is not the result; it goes to stderr, so pipes carry results only."""
    click.echo(clean(text), err=True)


def refusal(error: LogwrightError, *, as_json: bool) -> None:
    """Print a refusal on stderr: a line for people, the HTTP API's error body for programs."""
    if as_json:
        click.echo(json.dumps(body(error)), err=True)
        return
    click.echo(f"logwright: {clean(error.message)}", err=True)
    for issue in error.issues:
        click.echo(f"  {clean(issue)}", err=True)


def want_json(ctx: click.Context, wanted: bool) -> None:
    """Remember for the whole command that it answers in JSON, its refusals included."""
    ctx.meta[_JSON_WANTED] = wanted


def wants_json(ctx: click.Context) -> bool:
    """Tell whether the command answers in JSON."""
    return bool(ctx.meta.get(_JSON_WANTED, False))


@contextmanager
def progress(label: str, *, total: float | None = None, unit: str = "", quiet: bool = False) -> Iterator[Advance]:
    """Show a bar on stderr while a long thing runs; only on a terminal. Yields what moves it by an amount.

    `unit` is `bytes` for sizes, else a noun such as `logs`. Without `total` the bar only counts.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _amount: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    counter = DownloadColumn(binary_units=True) if unit == "bytes" else TextColumn(f"{{task.completed:,.0f}} {unit}")
    columns = (TextColumn("{task.description}"), BarColumn(), counter, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda amount: bar.advance(task, amount)


Advance = Callable[[float], None]


def size(count: float) -> str:
    """Write a number of bytes for people: `1.4 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
