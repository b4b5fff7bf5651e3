"""`logwright logs`: find, show, follow, tag, export, delete and sum up logs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

import click

from logwright.cli import output
from logwright.cli.context import Api, Context, Params, shared
from logwright.cli.sink import sink
from logwright.errors import InvalidRequest
from logwright.logs.media.lifting import references
from logwright.logs.media.sniffing import SUFFIXES, sniff

Command = TypeVar("Command", bound=Callable[..., Any])

_PATH: Final = "/api/manage/logs"
_PAGE: Final = 1000
_PAUSE_SECONDS: Final = 1.0
_SHOWN: Final = ["requested_at", "id", "model", "status", "latency", "total_tokens", "cost", "tags", "request_preview"]


def _selecting(function: Command) -> Command:
    """Give a command `--query`, and the words of the query as arguments; it receives both as `query`."""
    option = click.option(
        "--query",
        "query",
        default="",
        metavar="QUERY",
        help="Which logs, such as 'model:gpt-4o* status:>=400 tag.prompt_id=triage \"refund\"'. [default: all]",
    )
    return option(function)


@click.group("logs")
def command() -> None:
    """Find, show, follow, tag, export, delete and sum up logs."""


@command.command()
@_selecting
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most.")
@click.option("--sort", type=click.Choice(["time", "latency", "tokens", "cost"]), default="time", show_default=True)
@click.option("--order", type=click.Choice(["desc", "asc"]), default="desc", show_default=True)
@click.argument("words", nargs=-1, metavar="[QUERY]")
@shared()
def search(context: Context, query: str, words: tuple[str, ...], limit: int, sort: str, order: str) -> None:
    """List the logs that match a query, newest first."""
    with context.api() as api:
        found = list(_pages(api, {"q": _query(query, words), "sort": sort, "order": order}, limit))
    if context.json:
        output.as_json(found)
        return
    output.table(_SHOWN, [[log[name] for name in _SHOWN] for log in found], empty="No log matches.")


@command.command()
@click.argument("log_id", metavar="ID")
@shared()
def show(context: Context, log_id: str) -> None:
    """Show one log whole: what was asked, what was answered, and what is known of the call."""
    with context.api() as api:
        log = api.get(f"{_PATH}/{quote(log_id, safe='')}")
    if context.json:
        output.as_json(log)
        return
    bodies = {name: log.pop(name) for name in ("request", "response")}
    output.details({name: value for name, value in log.items() if value not in (None, "", {})})
    for name, body in bodies.items():
        if body is not None:
            text = json.dumps(body, ensure_ascii=False, indent=2)
            click.echo(f"\n{name}\n{output.clean(text)}")


@command.command()
@click.argument("log_id", metavar="ID")
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path), help="The folder to write them to.")
@shared()
def media(context: Context, log_id: str, folder: Path) -> None:
    """Download the sound, pictures and files of one log, each under its digest."""
    written = []
    with context.api() as api:
        log = api.get(f"{_PATH}/{quote(log_id, safe='')}")
        folder.mkdir(parents=True, exist_ok=True)
        found = {each["$blob"]: each for body in ("request", "response", "details") for each in references(log[body])}
        for name, reference in found.items():
            digest = name.removeprefix("sha256:")
            if digest not in log["blobs"]:
                continue  # words of the caller's, and no medium of this log
            kind = reference.get("content_type", "")
            with api.stream("GET", f"/api/manage/blobs/{digest}", {"log": log_id}) as stream:
                parts = stream.bytes()
                first = next(parts, b"")
                target = folder / f"{digest[:16]}{SUFFIXES.get(sniff(first), '.bin')}"
                with sink(str(target)) as file:
                    file.writelines(chain([first], parts))
            named = output.clean(str(reference.get("filename", "")))
            written.append({"file": str(target), "bytes": reference.get("size"), "type": kind, "name": named})
    if context.json:
        output.as_json(written)
        return
    output.table(["file", "bytes", "type", "name"], [list(each.values()) for each in written], empty="It has no media.")


@command.command()
@_selecting
@click.argument("words", nargs=-1, metavar="[QUERY]")
@shared()
def tail(context: Context, query: str, words: tuple[str, ...]) -> None:
    """Print logs as they arrive, until interrupted; with --json one JSON object a line."""
    params = {"q": _query(query, words)}
    after: str | None = None
    with context.api() as api:
        while True:
            with api.stream("GET", f"{_PATH}/tail", {**params, "after": after}) as stream:
                for line in stream.lines():
                    if line.startswith("data: "):
                        log = json.loads(line.removeprefix("data: "))
                        after = log["id"]
                        _print_line(log, as_json=context.json)
            if context.url is None:
                return
            # The server ended the stream, to restart for example. It is taken up where it ended.
            time.sleep(_PAUSE_SECONDS)


@command.command()
@_selecting
@click.option("--id", "ids", multiple=True, metavar="ID", help="A log by its id instead; may be given several times.")
@click.option("--remove", multiple=True, metavar="NAME", help="A tag to take away; may be given several times.")
@click.option("--all", "everything", is_flag=True, help="Every log of the project, where the query is empty.")
@click.argument("tags", nargs=-1, metavar="[NAME=VALUE]...")
@shared()
def tag(
    context: Context,
    query: str,
    ids: tuple[str, ...],
    remove: tuple[str, ...],
    everything: bool,
    tags: tuple[str, ...],
) -> None:
    """Set tags (NAME=VALUE) on the logs that match, or remove them."""
    wanted: dict[str, str | None] = dict.fromkeys(remove)
    for given in tags:
        name, equals, value = given.partition("=")
        if not (name and equals):
            raise click.UsageError(f"{given!r} is no tag; write NAME=VALUE.")
        wanted[name] = value
    if not wanted:
        raise click.UsageError("Nothing to set: give NAME=VALUE, or --remove NAME.")
    which: dict[str, Any] = {"ids": list(ids)} if ids else {"q": query}
    with context.api() as api:
        matched = api.post(f"{_PATH}/tags", {**which, "all": everything, "tags": wanted})
    if context.json:
        output.as_json(matched)
        return
    click.echo(f"{matched['matched']} logs matched.")


@command.command()
@_selecting
@click.option("--format", "form", type=click.Choice(["jsonl", "csv", "parquet", "openai-sft"]), default="jsonl")
@click.option("--output", "target", required=True, metavar="FILE", help="Where to write; - is the standard output.")
@click.option("--remove-duplicates", is_flag=True, help="Leave out rows equal to an earlier one.")
@click.option("--exclude-errors", is_flag=True, help="Leave out calls that did not succeed.")
@click.option("--sample", type=click.IntRange(min=1), metavar="NUMBER", help="Take this many at random.")
@click.option("--seed", type=int, metavar="NUMBER", help="The same seed takes the same sample.")
@click.option(
    "--media",
    type=click.Choice(["refer", "inline"]),
    default="refer",
    show_default=True,
    help="Sound and pictures as references, or as base64 in the rows.",
)
@shared()
def export(
    context: Context,
    query: str,
    form: str,
    target: str,
    remove_duplicates: bool,
    exclude_errors: bool,
    sample: int | None,
    seed: int | None,
    media: str,
) -> None:
    """Write the logs that match to a file, newest first. The file appears when it is whole, or not at all."""
    params: Params = {
        "q": query,
        "format": form,
        "remove_duplicates": remove_duplicates,
        "exclude_errors": exclude_errors,
        "sample": sample,
        "seed": seed,
        "media": media,
    }
    written = 0
    with (
        context.api() as api,
        api.stream("GET", f"{_PATH}/export", params) as stream,
        sink(target) as file,
        output.progress("Exporting", unit="bytes") as advance,
    ):
        for part in stream.bytes():
            file.write(part)
            written += len(part)
            advance(len(part))
    if target == "-":
        return
    if context.json:
        output.as_json({"file": target, "bytes": written})
    else:
        output.say(f"Wrote {output.size(written)} to {target}")


@command.command()
@_selecting
@click.option("--id", "ids", multiple=True, metavar="ID", help="A log by its id instead; may be given several times.")
@click.option("--all", "everything", is_flag=True, help="Every log of the project, where the query is empty.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@shared()
def delete(context: Context, query: str, ids: tuple[str, ...], everything: bool, yes: bool) -> None:
    """Delete the logs that match, for good."""
    if not (query or ids or everything):
        raise click.UsageError("Which logs? Give --query, --id, or --all for every log of the project.")
    which: dict[str, Any] = {"id": list(ids)} if ids else {"q": query}
    with context.api() as api:
        if not yes:
            count = len(ids) if ids else api.get(f"{_PATH}/stats", {"q": query})["count"]
            _confirm(f"Delete {count} logs for good?")
        deleted = api.delete(_PATH, {**which, "all": everything})
    if context.json:
        output.as_json(deleted)
        return
    click.echo(f"{deleted['deleted']} logs deleted.")


@command.command()
@_selecting
@click.argument("words", nargs=-1, metavar="[QUERY]")
@shared()
def stats(context: Context, query: str, words: tuple[str, ...]) -> None:
    """Sum up the logs that match: counts, latency in seconds, tokens, cost in US dollars."""
    with context.api() as api:
        found = api.get(f"{_PATH}/stats", {"q": _query(query, words)})
    if context.json:
        output.as_json(found)
        return
    narrowed = found.pop("narrowed", None)
    output.details(found)
    _say_narrowed(narrowed)


def _query(query: str, words: tuple[str, ...]) -> str:
    return " ".join([query, *words]).strip()


def _pages(api: Api, params: Mapping[str, Any], limit: int) -> Iterator[Mapping[str, Any]]:
    after: str | None = None
    while limit > 0:
        page = api.get(_PATH, {**params, "after": after, "limit": min(limit, _PAGE)})
        yield from page["data"]
        if after is None and params["sort"] != "time":  # in order of time the next pages have what this one left out
            _say_narrowed(page.get("narrowed"))
        limit -= len(page["data"])
        after = page["next"]
        if after is None:
            return


def _say_narrowed(narrowed: Mapping[str, Any] | None) -> None:
    """Say on the error output what part of the time an answer covers, when it is not all."""
    if narrowed is not None:
        output.say(
            f"Only the logs since {narrowed['since']} were looked at: all of them would have needed more"
            f" {narrowed['why']} than one query may have. Narrow the query, for example by time."
        )


def _print_line(log: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(log))
    else:
        click.echo("  ".join(output.cell(log[name]) for name in _SHOWN if log[name] not in (None, "", {})))


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise InvalidRequest("Nobody is there to ask; give --yes to delete without asking")
    click.confirm(question, abort=True, err=True)
