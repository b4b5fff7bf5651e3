"""May this call be made, and to whom? Everything that is decided before anybody else is asked."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from logwright.errors import (
    Forbidden,
    InvalidRequest,
    LogwrightError,
    RateLimited,
    Unauthorized,
    Unavailable,
    described,
)
from logwright.gateway.beside import beside
from logwright.gateway.place import PLACE_HEADERS
from logwright.gateway.request import Call, Wishes, wishes
from logwright.projects.types import NOT_VALID, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from logwright.gateway.house import House
    from logwright.gateway.message import Request
    from logwright.gateway.upstream import Line
    from logwright.logs.record import Kind
    from logwright.models.types import Target
    from logwright.projects.types import Principal
    from logwright.providers.base import Provider

FULL_DISK_SECONDS: Final = 5
"""When a caller may try again after a refusal for want of a durable record; the journal looks far more often."""

_logger = logging.getLogger(__name__)

_BEARER: Final = b"bearer "
_OPTIONS: Final = frozenset({b"op-log-request", b"op-tags"}) | PLACE_HEADERS


class Admission:
    """What is known of a call so far; whatever a refusal left undecided is None."""

    __slots__ = ("_house", "_kind", "_project_id", "call", "line", "principal", "target", "wishes")

    def __init__(self, house: House, kind: Kind) -> None:
        self._house = house
        self._kind = kind
        self._project_id = ""
        self.principal: Principal | None = None
        self.call: Call | None = None
        self.wishes: Wishes | None = None
        self.target: Target | None = None
        self.line: Line | None = None

    def admit(self, request: Request) -> bytes:
        """Decide, and return the bytes to send to the provider over `line`.

        Raises:
            LogwrightError: why the call is not made; nobody has been asked anything.
        """
        options = self._identify(request)
        return self._decide(request, options, Call(self._kind, request.whole()))

    async def admit_beside(self, request: Request, then: Callable[[bytes | LogwrightError], None]) -> None:
        """Do the same for a large body, which is read beside the loop; `then` learns the outcome."""
        outcome: bytes | LogwrightError
        try:
            options = self._identify(request)
            raw = request.whole()
            call = await beside(len(raw), partial(Call, self._kind, raw))
            outcome = self._decide(request, options, call)
        except LogwrightError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - a fault of ours: the caller learns that, our log where it arose
            _logger.error("a request could not be handled\n%s", described(error))
            outcome = LogwrightError("the server failed on this request; its log says why")
        then(outcome)

    def _identify(self, request: Request) -> dict[bytes, bytes]:
        """Find whose call it is; return the headers that are options.

        This comes first: to a stranger we say nothing about what was sent, and do no work on it.
        """
        key: bytes | None = None
        options: dict[bytes, bytes] = {}
        for name, value in request.headers:
            if name == b"authorization":
                if value[:7].lower() == _BEARER:
                    key = value[7:].strip()
            elif name in (b"x-api-key", b"api-key"):
                key = key or value
            elif name in _OPTIONS:
                options[name] = value
        self.principal = principal = self._authenticate(key)
        self._take_slot(principal.project_id or "")
        return options

    def _decide(self, request: Request, options: dict[bytes, bytes], call: Call) -> bytes:
        """Decide on a call that has been read, and return the bytes to send."""
        house, kind, principal = self._house, self._kind, self.principal
        assert principal is not None  # noqa: S101 - whose call it is was found first
        self.call = call
        self.wishes = wishes(call, options)
        if self.wishes.record:
            why = house.recorder.refusal()
            if why is not None:
                raise Unavailable(
                    f"the call was not made because it could not be recorded: {why}", retry_after=FULL_DISK_SECONDS
                )
        self.target = target = house.catalogue.resolve(principal.project_id or "", call.model, kind)
        provider = house.providers[target.kind]
        self.line = line = house.pool.line(target, provider)
        head = line.head(kind, stream=call.stream)
        if head is None:
            api = kind.replace("_", " ")
            raise InvalidRequest(f"the provider {target.provider} ({target.kind}) has no {api} API", param="model")
        body = call.for_upstream(provider, target.model)
        call.forget()
        passed = _passed(request.headers, provider) if provider.passes else b""
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (head, passed, len(body), body)

    @property
    def is_recorded(self) -> bool:
        """True when the call, as far as it is known, leaves a record."""
        return self.wishes is not None and self.wishes.record

    def release(self) -> None:
        """Give the project's slot back; a second time does nothing."""
        if self._project_id:
            self._house.release(self._project_id)
            self._project_id = ""

    def _authenticate(self, key: bytes | None) -> Principal:
        principal = self._house.keys.find(key) if key else None
        if principal is None:
            raise Unauthorized(NOT_VALID)
        if principal.project_id is None:
            raise Forbidden("the admin key cannot call models; use a key of a project")
        if not principal.allows(Scope.WRITE):
            raise Forbidden("this key may only read; use a key with the scope write")
        return principal

    def _take_slot(self, project_id: str) -> None:
        house = self._house
        busy = house.in_flight.get(project_id, 0)
        if busy >= house.settings.max_in_flight:
            raise RateLimited(f"{busy} calls of this project are under way at once, which is its limit", retry_after=1)
        house.in_flight[project_id] = busy + 1
        self._project_id = project_id


def _passed(headers: list[tuple[bytes, bytes]], provider: Provider) -> bytes:
    """Return the lines of the caller's headers that belong to the provider's API, and of those it presumes."""
    passed = {**provider.presumes, **{name: value for name, value in headers if name in provider.passes}}
    return b"".join([b"%b: %b\r\n" % pair for pair in passed.items()])
