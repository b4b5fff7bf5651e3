"""How another product's paged API is walked: what to ask first, and what to ask after an answer.

Pure: an `Ask` is described here and sent by the command line on the user's own
machine, with the user's own key, so the server never fetches an address for anybody.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

Auth = Literal["bearer", "basic", "x-api-key"]
"""How the key is shown: as a bearer, as user and password joined by a colon, or in the header `X-API-KEY`."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question to another product's API."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str] = msgspec.field(default_factory=dict)
    body: dict[str, Any] | None = None
    stage: str = ""
    """The pager's own note of where it stands."""


class Page(NamedTuple):
    """What a part of the walk brought, and where it goes on from there if it is broken off here."""

    items: Sequence[bytes]
    """JSON texts for the format's reader."""
    next: Ask | None
    """None after the last page."""


Walk = Generator["Ask | Page", Any, None]
"""Yields what to ask, is sent the answer (JSON decoded), and now and then yields a page."""


class Pager(Protocol):
    """The walk through one product's API."""

    @property
    def auth(self) -> Auth:
        """Say how the key is shown."""

    def first(self, url: str, since: str) -> Ask:
        """Say where a walk begins; `since` is an ISO 8601 moment, or empty for everything."""

    def walk(self, start: Ask) -> Walk:
        """Walk from there to the end."""


def objects(answer: Any, name: str) -> Sequence[Mapping[str, Any]]:
    """Return the objects that an answer lists under a name, or lists itself."""
    found = answer.get(name) if isinstance(answer, dict) else answer
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def texts(found: Sequence[Mapping[str, Any]]) -> Sequence[bytes]:
    """Write objects as the items of a reader."""
    return [msgspec.json.encode(each) for each in found]


def at(url: str, path: str, *, unless: str) -> str:
    """Return an address: the one given where it already leads to the API, else the API's path below it."""
    place = url.split("?", 1)[0].rstrip("/")
    return place if unless in place else place + path
