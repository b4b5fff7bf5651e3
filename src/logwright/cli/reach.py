"""Whether the providers that are set can be reached from here; what `logwright doctor --providers` adds.

Each is dialled through the gateway's one door, with its rules and no others, and
nothing is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import cast

from logwright.cli.checks import Finding
from logwright.errors import LogwrightError
from logwright.settings import Settings


def providers(settings: Settings) -> Iterator[Finding]:
    """Dial every provider of every project of the data folder, each address once."""
    from logwright.cli.context import Context

    if not (settings.data / "logwright.db").exists() and not settings.database:
        yield Finding(name="providers", state="ok", message="No provider is set yet")
        return
    context = Context(settings=settings, url=None, key=None, project=None, json=False)
    users: dict[str, list[str]] = {}
    with context.api() as api:
        for project in api.get("/api/manage/projects")["data"]:
            for provider in api.get("/api/manage/providers", {"project": project["id"]})["data"]:
                users.setdefault(provider["base_url"], []).append(f"{project['name']}/{provider['slug']}")
    for url, names in users.items():
        failure = asyncio.run(_dial(url, settings))
        whose = ", ".join(names)
        if failure is None:
            yield Finding(name="providers", state="ok", message=f"{url} accepts connections ({whose})")
        else:
            yield Finding(name="providers", state="warning", message=f"{whose}: {failure}")
    if not users:
        yield Finding(name="providers", state="ok", message="No provider is set yet")


async def _dial(url: str, settings: Settings) -> str | None:
    """Open one connection and close it; return why that was not possible, or None."""
    import ssl

    from logwright.addresses import AllowList, check_url
    from logwright.gateway.outbound import dial

    connection = _HangUp()
    try:
        allow = AllowList.parse(settings.allow_upstream)
        await dial(
            check_url(url, allow),
            lambda: connection,
            allow=allow,
            seconds=settings.upstream_connect_timeout,
            tls=ssl.create_default_context(),
        )
    except LogwrightError as error:
        return error.message
    await connection.closed.wait()
    return None


class _HangUp(asyncio.Protocol):
    """Closes as soon as the connection stands, without waiting for the other side's farewell."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()  # which is what a stream's transport is

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.closed.set()
