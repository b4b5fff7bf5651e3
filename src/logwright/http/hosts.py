"""Which names this server answers to (S-19).

A page in a browser can make a name of its own resolve to 127.0.0.1 and so talk
to a server that listens only there; the Host header gives such a page away.
An address written in numbers cannot be bent that way, so those always pass.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from logwright.errors import InvalidRequest
from logwright.http.errors import answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from logwright.settings import Settings


def host_check(settings: Settings) -> Callable[[str], bool]:
    """Return the test of a Host header: localhost, the listening name, numeric addresses, and what settings allow.

    `*` in `allowed_hosts` allows all, `*.example.com` every name under example.com.
    """
    allowed = {name.lower().rstrip(".") for name in settings.allowed_hosts}
    exact = {"localhost", settings.host.lower()} | {name for name in allowed if not name.startswith("*")}
    endings = tuple(name[1:] for name in allowed if name.startswith("*."))
    anything = "*" in allowed

    def allows(host: str) -> bool:
        name = _name(host)
        if name is None:
            return False
        return anything or name in exact or (bool(endings) and name.endswith(endings)) or _is_address(name)

    return allows


class HostCheck:
    """Refuses requests whose Host header names somebody else."""

    def __init__(self, app: ASGIApp, allows: Callable[[str], bool]) -> None:
        self._app = app
        self._allows = allows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if it is meant for us."""
        if scope["type"] in {"http", "websocket"}:
            host = Headers(scope=scope).get("host", "")
            if not self._allows(host):
                name = _name(host)
                hint = f"; if it is one of its names, allow it with --allowed-hosts {name}" if name else ""
                refusal = InvalidRequest(f"This server does not answer to the Host {host[:255]!r}{hint}", param="host")
                await answer(refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name(host: str) -> str | None:
    """Return the name in a Host header, without its port and in lower case; None when there is none."""
    host = host.strip().lower()
    if host.startswith("["):
        name, closed, rest = host[1:].partition("]")
        return name if closed and _is_port(rest) else None
    name, colon, port = host.partition(":")
    if (colon and not _is_port(colon + port)) or not name or any(letter in name for letter in "/?#@\\ "):
        return None
    return name.rstrip(".")


def _is_port(text: str) -> bool:
    return not text or (text[0] == ":" and text[1:].isascii() and text[1:].isdigit())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
