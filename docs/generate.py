"""Writes the reference pages from the declarations: `python -m docs.generate`, or `--check` to hold them against these.

Settings come from `logwright.settings`, commands from click, routes from the
OpenAPI document. The pages are committed, so that they can be read where the
repository is; a test says when one is stale.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from fastapi import FastAPI

from logwright.cli.context import shared
from logwright.cli.main import main as command_line
from logwright.http import openapi
from logwright.http.app import ENTRANCES, PUBLIC, routers
from logwright.logs.imports.base import ImportedLog
from logwright.logs.imports.registry import formats
from logwright.logs.query.fields import FIELDS
from logwright.logs.query.parse import SHORTHANDS
from logwright.providers.base import Provider
from logwright.providers.registry import providers
from logwright.settings import CONFIG_VARIABLE, declarations

FOLDER: Final = Path(__file__).parent / "reference"
_SHARED: Final = ("--project", "--data", "--url", "--key", "--config", "--json")
_NOTICE: Final = "<!-- Written by `make docs`; do not edit. -->"


def pages() -> dict[str, str]:
    """Return each page's name and text."""
    return {
        "settings.md": _page("Settings", _settings()),
        "cli.md": _page("Commands", _commands()),
        "http.md": _page("HTTP API", _routes()),
        "query.md": _page("Query language", _query_language()),
        "providers.md": _page("Providers", _providers()),
        "formats.md": _page("Import formats", _formats()),
    }


def stale() -> list[str]:
    """Return the names of the pages that are not as they would be written now."""
    return [
        name
        for name, text in pages().items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_text("utf-8") != text
    ]


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([_NOTICE, "", f"# {title}", "", *lines]).rstrip() + "\n"


def _settings() -> Iterator[str]:
    yield "A flag wins over a variable, a variable over the file, and the file over the default."
    yield f"The file is TOML and is named by `--config FILE` or `{CONFIG_VARIABLE}`; its keys are the names below."
    yield "`logwright settings` shows what is in force and where each value came from."
    yield ""
    yield "A size takes bytes or a unit (`32KiB`, `10MiB`); a time takes seconds or a unit (`500ms`, `10s`, `2m`)."
    yield "A list is a TOML array, a repeated flag, or a variable with commas."
    for declared in declarations():
        yield ""
        yield f"## {declared.name}"
        yield ""
        yield declared.sentence
        yield ""
        default = f"`{declared.default}`" if declared.default else "not set"
        flag = f"`{declared.flag}`" if declared.flag else "none"
        secret = " It is a secret and is never shown." if declared.secret else ""
        yield f"Takes: {declared.kind}. Default: {default}. Flag: {flag}. Variable: `{declared.variable}`.{secret}"


def _commands() -> Iterator[str]:
    yield "Every command takes `--help`."
    yield "`logwright --version` says which version you have."
    yield "A command ends with status 0; with 1 when it was refused or found something wrong."
    yield "It ends with 2 when it was called wrongly, or when the installation has to be changed first."
    yield ""
    yield "These options mean the same wherever they are:"
    yield ""
    yield "| option | what it does |"
    yield "|---|---|"
    sample = click.command("sample")(shared()(lambda **_: None))
    for flags, text in filter(None, (each.get_help_record(click.Context(sample)) for each in sample.params)):
        yield f"| `{flags}` | {_cell(text)} |"
    context = click.Context(command_line, info_name="logwright")
    for name in command_line.list_commands(context):
        found = command_line.get_command(context, name)
        if found is not None:
            yield from _command(found, context)


def _command(command: click.Command, parent: click.Context) -> Iterator[str]:
    """Describe a command and all below it."""
    context = click.Context(command, info_name=command.name, parent=parent)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from _command(found, context)
        return
    yield ""
    yield f"## {context.command_path}"
    yield ""
    yield (command.help or "").strip()
    yield ""
    yield f"    {' '.join([context.command_path, *command.collect_usage_pieces(context)])}"
    named = [each for each in command.params if isinstance(each, click.Option)]
    common = [each.opts[0] for each in named if each.opts[0] in _SHARED]
    if common and "--url" in common:
        yield ""
        yield f"Also {', '.join(f'`{flag}`' for flag in common)}."
        named = [each for each in named if each.opts[0] not in _SHARED]
    options = [row for each in named if (row := each.get_help_record(context)) is not None]
    if options:
        yield ""
        yield "| option | what it does |"
        yield "|---|---|"
        for flags, text in options:
            yield f"| `{flags.replace('|', ' or ')}` | {_cell(text)} |"


def _query_language() -> Iterator[str]:
    yield "The [guide](../guide/logs.md) shows how conditions are written; these are the fields."
    yield ""
    yield "| field | what it is | example |"
    yield "|---|---|---|"
    for field in FIELDS.values():
        choices = f" One of {', '.join(f'`{each}`' for each in field.choices)}." if field.choices else ""
        yield f"| `{field.name}` | {_cell(field.sentence + choices)} | `{_cell(field.example)}` |"
    yield ""
    yield "Beside the fields:"
    yield ""
    yield "| name | what it means | example |"
    yield "|---|---|---|"
    for name, short in SHORTHANDS.items():
        choices = f" Such as {', '.join(f'`{each}`' for each in short.choices)}." if short.choices else ""
        yield f"| `{name}` | {_cell(short.sentence + choices)} | `{_cell(short.example)}` |"


def _formats() -> Iterator[str]:
    yield "`logwright import NAME FILE_OR_URL...` reads these; the [guide](../guide/import-export.md) shows each."
    for reader in formats().values():
        card = reader.card
        yield ""
        yield f"## {card.name}"
        yield ""
        yield card.sentence
        yield ""
        yield from (f"- {each}" for each in card.reads)
        if card.key:
            yield ""
            yield f"Its API's key: `--source-key`, or the variable `{card.key}`."
        if card.docs.startswith("http"):
            yield ""
            yield f"Documented at [{_host(card.docs)}]({card.docs})."
    yield ""
    yield "## The fields of a line of `jsonl`"
    yield ""
    yield "All may be left out, and others are refused."
    yield "`request` and `response` are in the provider's own form; `messages` with the answer last stands for both."
    yield "Costs are US dollars, `latency` and `ttft` seconds."
    yield ""
    yield "| field | takes |"
    yield "|---|---|"
    for field in msgspec.structs.fields(ImportedLog):
        yield f"| `{field.name}` | {_takes(field.type)} |"


def _takes(kind: Any) -> str:
    """Say in words what a field of an imported line takes."""
    if kind is msgspec.Raw:
        return "any JSON"
    inner = [each for each in typing.get_args(kind) if each is not type(None)]
    if typing.get_origin(kind) is dict:
        return "an object"
    if inner and all(isinstance(each, str) for each in inner):
        return ", ".join(f"`{each}`" for each in inner)
    if len(inner) == 1:
        return _takes(inner[0])
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return "a moment" if datetime in inner else words.get(kind, "text")


def _providers() -> Iterator[str]:
    yield "The [guide](../guide/providers.md) shows how one is set; these are the kinds."
    yield "The variable is where the provider's own tools look for the key: `--key-env` takes any."
    yield ""
    yield "| kind | provider | address | key | documented at |"
    yield "|---|---|---|---|---|"
    for found in providers().values():
        card = found.card
        address = f"`{card.base_url}`" if card.base_url else "`--base-url`"
        key = f"`{card.key}`" if card.key else "where it needs one"
        yield f"| `{card.kind}` | {card.label} | {address} | {key} | [{_host(card.docs)}]({card.docs}) |"
    for found in providers().values():
        yield from _provider(found)


def _provider(found: Provider) -> Iterator[str]:
    card = found.card
    quirks = found.quirks
    if not (card.note or card.aliases or (quirks and quirks.refuses)):
        return
    yield ""
    yield f"## {card.label}"
    yield ""
    if card.note:
        yield card.note
    if quirks and quirks.refuses:
        yield f"A call that asks something with one of these is refused: {_names(quirks.refuses)}."
    for short, meant in card.aliases.items():
        yield f"- `{short}` is `{meant}`"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _routes() -> Iterator[str]:
    yield "The same as an OpenAPI document: `GET /openapi.json`."
    yield "A key is accepted as `Authorization: Bearer KEY`, as `X-API-KEY`, as `api-key` and as the password of Basic."
    yield "An error has the shape `{message, code, issues?, error: {message, type, param, code}}`."
    described = document()
    for path, methods in sorted(described["paths"].items()):
        for method, operation in methods.items():
            yield ""
            yield f"## {method.upper()} {path}"
            yield ""
            summary, about = operation.get("summary", ""), operation.get("description", "")
            # A summary in title case is the function's name, which FastAPI shows where no better one was given.
            yield from ([f"{summary}."] if not (about and summary.istitle()) else [])
            yield from (["", about] if about and not summary.istitle() else [about])
            if operation.get("security") == []:
                yield ""
                yield "Needs no key."
            yield from _parameters(operation.get("parameters", []))
            yield from _fields(described, operation)


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the whole application, without opening a data folder."""
    app = FastAPI(title=openapi.TITLE, version="1")
    for router in routers():
        app.include_router(router)
    openapi.install(app, public=PUBLIC, entrances=ENTRANCES)
    return app.openapi()


def _parameters(parameters: list[dict[str, Any]]) -> Iterator[str]:
    if not parameters:
        return
    yield ""
    yield "| parameter | in | what it says |"
    yield "|---|---|---|"
    for each in parameters:
        needed = " (needed)" if each.get("required") else ""
        yield f"| `{each['name']}`{needed} | {each['in']} | {_cell(each.get('description', ''))} |"


def _fields(described: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    """List the fields of a JSON body, where it is an object with named ones."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema", {})
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    properties = schema.get("properties", {})
    if not properties:
        return
    yield ""
    yield "| field | what it says |"
    yield "|---|---|"
    for name, about in properties.items():
        needed = " (needed)" if name in schema.get("required", ()) else ""
        yield f"| `{name}`{needed} | {_cell(about.get('description', ''))} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        old = stale()
        sys.stdout.write(f"stale: {', '.join(old)}; run make docs\n" if old else "The reference pages are fresh.\n")
        sys.exit(bool(old))
    FOLDER.mkdir(exist_ok=True)
    for page, text in pages().items():
        (FOLDER / page).write_text(text, "utf-8")
