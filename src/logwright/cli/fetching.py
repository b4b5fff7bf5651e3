"""Reading another product's paged API with the user's key: patient with it, and able to go on where it broke off."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from logwright.errors import InvalidRequest, Unauthorized, UpstreamUnreachable
from logwright.logs.imports.base import Item, Refused
from logwright.logs.imports.pages import Ask, Auth, Page, Pager

if TYPE_CHECKING:
    import httpx2

_TRIES: Final = 7
_LONGEST_PAUSE: Final = 60.0
_PASSING: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})

Sleep = Callable[[float], None]


class Pages:
    """The items that a walk through an API brings, numbered from 1."""

    total: int | None = None

    def __init__(
        self, pager: Pager, start: Ask, *, key: str | None, client: httpx2.Client, sleep: Sleep = time.sleep
    ) -> None:
        """Prepare the walk from `start`; nothing is asked yet."""
        self._pager = pager
        self._client = client
        self._headers = _headers(pager.auth, key)
        self._sleep = sleep
        self.start: Ask | None = start
        """Where a new walk finds the items that come now; None when all have come."""
        self.done = 0
        """Bytes received."""

    def items(self) -> Iterator[Item]:
        """Walk, and yield every item."""
        if self.start is None:
            return
        walk = self._pager.walk(self.start)
        number = 0
        step = next(walk, None)
        while step is not None:
            try:
                if isinstance(step, Page):
                    for raw in step.items:
                        number += 1
                        yield Item(number, raw)
                    self.start = step.next
                    step = next(walk, None)
                else:
                    step = walk.send(self._ask(step))
            except StopIteration:
                return
            except Refused as refusal:
                raise InvalidRequest(f"The API's answer is not as documented: {refusal.error.message}") from refusal

    def _ask(self, ask: Ask) -> Any:
        """Ask, and ask again while the failure may pass."""
        import httpx2

        for attempt in range(1, _TRIES + 1):
            pause = min(2.0 ** (attempt - 1), _LONGEST_PAUSE)
            try:
                reply = self._client.request(
                    ask.method, ask.url, params=ask.params or None, json=ask.body, headers=self._headers
                )
            except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
                raise InvalidRequest(f"{ask.url} is no address; it takes http://HOST/PATH or https://") from error
            except httpx2.TransportError as error:
                words = f"{_place(ask.url)} did not answer ({str(error) or type(error).__name__})"
            else:
                if reply.is_success:
                    self.done += len(reply.content)
                    return _decoded(reply, ask.url)
                words = f"{_place(ask.url)} answered {reply.status_code} {reply.reason_phrase}"
                if reply.status_code in {401, 403}:
                    raise Unauthorized(f"{words}; check the key of that product (--source-key)")
                if reply.status_code not in _PASSING:
                    raise InvalidRequest(f"{words}; check the address: {ask.url}")
                with contextlib.suppress(ValueError):
                    pause = min(max(pause, float(reply.headers.get("retry-after", ""))), _LONGEST_PAUSE)
            if attempt < _TRIES:
                self._sleep(pause)
        raise UpstreamUnreachable(f"{words} {_TRIES} times; run the same command again to go on")


def _decoded(reply: httpx2.Response, url: str) -> Any:
    try:
        return reply.json()
    except ValueError as error:
        raise InvalidRequest(f"{_place(url)} answered what is not JSON; check the address: {url}") from error


def _place(url: str) -> str:
    return "/".join(url.split("/")[:3])


def _headers(auth: Auth, key: str | None) -> dict[str, str]:
    if not key:
        return {}
    match auth:
        case "bearer":
            return {"authorization": f"Bearer {key}"}
        case "basic":
            return {"authorization": f"Basic {base64.b64encode(key.encode()).decode()}"}
        case "x-api-key":
            return {"x-api-key": key}
