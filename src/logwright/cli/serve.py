"""`logwright serve`: run the server, and say at its start what to do next."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from logwright.cli.context import setting_options
from logwright.errors import Misconfigured

if TYPE_CHECKING:
    from logwright.cli import demonstration
    from logwright.http.services import Beginning
    from logwright.settings import Loaded, Settings


@click.command(name="serve")
@click.option("--demo", is_flag=True, help="Also start a built-in fake provider and play realistic traffic through it.")
@setting_options()
def command(loaded: Loaded, demo: bool) -> None:
    """Take calls, pass them to their providers, and record every one.

    Stops in order on Ctrl-C or SIGTERM; SIGHUP replaces the workers without dropping a call.
    """
    from dataclasses import replace

    from logwright.cli import demonstration
    from logwright.http.logging import set_up_logging
    from logwright.http.services import begin
    from logwright.http.supervisor import Supervisor, listeners

    settings = loaded.settings
    check_exposure(settings)
    sockets = listeners(settings)
    settings = replace(settings, port=sockets[0].getsockname()[1], data=settings.data.absolute())
    set_up_logging(settings.log_level)
    first = begin(settings)
    played = demonstration.prepare(settings) if demo else None
    if played is not None:
        settings = replace(settings, allow_upstream=(*settings.allow_upstream, played.upstream))

    async def started() -> None:
        click.echo(banner(settings, first, played))
        sys.stdout.flush()

    asyncio.run(Supervisor(settings, sockets, beside=played.commands if played else ()).run(started))


def check_exposure(settings: Settings) -> None:
    """Refuse to be reachable from elsewhere with a master key that was made by itself (RELIABILITY S-19).

    Raises:
        Misconfigured: in one sentence that says what to do.
    """
    from logwright.http.services import is_loopback

    if not is_loopback(settings.host) and not settings.master_key and settings.master_key_file is None:
        raise Misconfigured(
            f"Listening on {settings.host} opens the server to others, which asks for a master key of your own: "
            "set LOGWRIGHT_MASTER_KEY or --master-key-file (make one with: openssl rand -hex 32)"
        )


def banner(settings: Settings, first: Beginning, played: demonstration.Demonstration | None) -> str:
    """Return what the terminal shows once calls are taken: the address, the keys of a first start, the next lines."""
    import logwright

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{settings.port}"
    data = settings.data
    lines = [f"Logwright {logwright.__version__} takes calls at {url}", ""]
    key = "YOUR_PROJECT_KEY"
    keys = first.keys
    if keys is not None:
        lines += ["This is the first start. These keys are shown once; keep them:", ""]
        lines.append(f"  admin key               {keys.admin_key.reveal()}")
        if keys.project is not None and keys.project_key is not None:
            key = keys.project_key.reveal()
            lines.append(f"  key of project {keys.project.name:<8} {key}")
        if first.admin is not None:
            lines += ["", f"Sign in at {url} as {first.admin.person.email}; the one-time password is", ""]
            lines.append(f"  {first.admin.password.reveal()}")
        lines.append("")
    else:
        lines += [f"A further key: logwright keys create --project default --scope write --data {data}", ""]
    if not first.has_people:
        lines += [f"To sign in with a browser: logwright people add YOU@EXAMPLE.COM --admin --data {data}", ""]
    if played is None:
        lines += [
            "Name a provider once (its key is sealed, and never shown again):",
            "",
            "  export OPENAI_API_KEY=...",
            "  logwright providers set openai --project default --kind openai --base-url https://api.openai.com/v1 \\",
            f"    --key-env OPENAI_API_KEY --data {data}",
            "",
        ]
    else:
        key = played.key
        lines += [f"The demonstration plays its traffic into the project {played.project}; its key is {key}", ""]
    lines += [
        "Send a call:",
        "",
        f"  curl {url}/v1/chat/completions -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\",
        """    -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello"}]}'""",
        "",
        "or from Python:",
        "",
        "  from openai import OpenAI",
        f'  client = OpenAI(base_url="{url}/v1", api_key="{key}")',
        '  client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "Say hello"}])',
        "",
        "See it:",
        "",
        f"  logwright logs search --url {url} --key {key}",
    ]
    return "\n".join(lines)
