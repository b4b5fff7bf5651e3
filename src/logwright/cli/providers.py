"""`logwright providers`: set, list and remove the upstream APIs of a project."""

from __future__ import annotations

import os
import sys
from typing import Any, Final
from urllib.parse import quote

import click

from logwright.cli import output
from logwright.cli.context import Context, shared
from logwright.providers.registry import providers

_SHOWN: Final = ["slug", "kind", "base_url", "models", "api_version", "key_hint"]


@click.group("providers")
def command() -> None:
    """Set, list and remove the providers that a project's calls go to."""


@command.command("set")
@click.argument("slug")
@click.option("--kind", type=click.Choice(list(providers())), help="Which API it speaks; a new provider needs it.")
@click.option("--base-url", metavar="URL", help="Where it is. [default: the usual place of the kind, where it has one]")
@click.option("--key-env", metavar="VAR", help="Take the provider's key from this environment variable.")
@click.option("--key-stdin", is_flag=True, help="Take the provider's key from standard input.")
@click.option(
    "--provider-key", metavar="KEY", help="The provider's key itself; others on this machine can read it meanwhile."
)
@click.option("--no-key", is_flag=True, help="Remove the stored key, for a server that needs none.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model that goes here by its bare name.")
@click.option("--api-version", metavar="V", help="Azure's api-version.")
@shared()
def set_(
    context: Context,
    slug: str,
    kind: str | None,
    base_url: str | None,
    key_env: str | None,
    key_stdin: bool,
    provider_key: str | None,
    no_key: bool,
    models: tuple[str, ...],
    api_version: str | None,
) -> None:
    """Make the provider SLUG, or change what is given of it.

    Another scheme, host or port of the base URL drops the stored key unless a key
    comes with it.

    An address that is not public, such as a model server on this machine, is saved
    when you work on the data folder yourself. The server calls it only when it is
    started with --allow-upstream HOST:PORT. Over --url it is refused unless the
    server was started so.

    --key is the provider's key when you work on the data folder, and the server's
    with --url; --provider-key is the provider's in both cases.
    """
    if provider_key is None and context.url is None and _was_typed("key"):
        provider_key = context.key
    key = _provider_key(key_env=key_env, from_stdin=key_stdin, given=provider_key, none=no_key)
    body: dict[str, Any] = {"kind": kind, "base_url": base_url, "key": key, "api_version": api_version}
    body = {name: value for name, value in body.items() if value is not None}
    if models:
        body["models"] = list(models)
    with context.api() as api:
        provider = api.put(f"/api/manage/providers/{quote(slug, safe='')}", body)
    notice = provider.get("notice")
    if notice:
        output.say(f"Saved, but: {notice}")
    if context.json:
        output.as_json(provider)
        return
    output.details({name: provider[name] for name in _SHOWN})


@command.command("list")
@shared()
def list_(context: Context) -> None:
    """List the providers of a project; their keys cannot be shown."""
    with context.api() as api:
        found = api.get("/api/manage/providers")["data"]
    if context.json:
        output.as_json(found)
        return
    output.table(_SHOWN, [[each[name] for name in _SHOWN] for each in found])


@command.command()
@click.argument("slug")
@shared()
def remove(context: Context, slug: str) -> None:
    """Remove the provider SLUG together with its key."""
    with context.api() as api:
        removed = api.delete(f"/api/manage/providers/{quote(slug, safe='')}")
    if context.json:
        output.as_json(removed)
        return
    output.say(f"Removed {slug}.")


@command.command()
@shared(project=False)
def rotate(context: Context) -> None:
    """Seal all stored provider keys anew with the newest master key, in every project.

    First add the new master key as the last line of its file and restart the
    server. An old line may be removed when no API key needs it any more.
    """
    with context.api() as api:
        done = api.post("/api/manage/rotate")
    if context.json:
        output.as_json(done)
        return
    output.say(f"Sealed {done['resealed']} provider keys anew; master key {done['master_key']} seals now.")
    output.table(["master_key", "api_keys"], list(done["api_keys_by_master_key"].items()))


def _was_typed(name: str) -> bool:
    """Say whether an option stands on the command line itself; one from the environment was meant for a server."""
    return click.get_current_context().get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _provider_key(*, key_env: str | None, from_stdin: bool, given: str | None, none: bool) -> str | None:
    """Return the key from the one place that was named; None when none was."""
    if sum((key_env is not None, from_stdin, given is not None, none)) > 1:
        raise click.UsageError("Give the provider's key in one way only.")
    if none:
        return ""
    if key_env is not None:
        found = os.environ.get(key_env, "").strip()
        if not found:
            raise click.UsageError(f"The environment variable {key_env} is not set or empty.")
        return found
    if from_stdin:
        found = sys.stdin.readline().strip()
        if found.startswith("{"):  # the key of a service account is a file of many lines
            found += sys.stdin.read()
        if not found:
            raise click.UsageError("Standard input held no key.")
        return found
    return given
