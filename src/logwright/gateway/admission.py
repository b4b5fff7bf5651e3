"""May this call be made, and to whom? Everything that is decided before anybody else is asked."""

from __future__ import annotations

import logging
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
from logwright.gateway.answer_head import EVENTS
from logwright.gateway.beside import LARGE_BYTES, beside
from logwright.gateway.fault import scrub
from logwright.gateway.paths import MEDIA_KINDS
from logwright.gateway.place import PLACE_HEADERS
from logwright.gateway.request import STREAM_KINDS, Call, Wishes, wishes
from logwright.gateway.secrets import TokenNeeded
from logwright.gateway.translation import translation
from logwright.gateway.upload import read_call
from logwright.projects.types import NOT_VALID, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from logwright.gateway.house import House
    from logwright.gateway.message import Request
    from logwright.gateway.translation import Translation
    from logwright.gateway.upstream import Line
    from logwright.models.types import CallKind, Target
    from logwright.projects.types import Principal
    from logwright.providers.base import Provider

FULL_DISK_SECONDS: Final = 5
"""When a caller may try again after a refusal for want of a durable record; the journal looks far more often."""

_logger = logging.getLogger(__name__)

_JSON: Final = b"application/json"
_JSON_LINE: Final = b"content-type: application/json\r\n"
_BEARER: Final = b"bearer "
_OPTIONS: Final = frozenset({b"op-log-request", b"op-tags"}) | PLACE_HEADERS


class Admission:
    """What is known of a call so far; whatever a refusal left undecided is None."""

    __slots__ = (
        "_house",
        "_kind",
        "_passed",
        "_project_id",
        "_shown",
        "call",
        "line",
        "principal",
        "target",
        "translation",
        "wishes",
    )

    def __init__(self, house: House, kind: CallKind) -> None:
        self._house = house
        self._kind = kind
        self._project_id = ""
        self.principal: Principal | None = None
        self.call: Call | None = None
        self.wishes: Wishes | None = None
        self.target: Target | None = None
        self.line: Line | None = None
        self._shown = ""
        """What the provider was shown, where it is not simply its key."""
        self._passed = b""
        self.translation: Translation | None = None
        """Set when the provider speaks another form than the caller."""

    def begin(self, request: Request, then: Callable[[bytes | LogwrightError], None]) -> None:
        """Decide; `then` learns the bytes to send, or why not. Mostly at once, else as soon as it can be told."""
        if request.size > LARGE_BYTES:
            self._house.spawn(self.admit_beside(request, then))
            return
        outcome: bytes | LogwrightError
        try:
            outcome = self.admit(request)
        except LogwrightError as error:
            outcome = error
        except TokenNeeded:
            self._house.spawn(self._await_token(then))
            return
        then(outcome)

    def admit(self, request: Request) -> bytes:
        """Decide, and return the bytes to send to the provider over `line`.

        Raises:
            LogwrightError: why the call is not made; nobody has been asked anything.
            TokenNeeded: it is made once an access token has come.
        """
        options = self._identify(request)
        return self._decide(request, options, self._read(request))

    async def admit_beside(self, request: Request, then: Callable[[bytes | LogwrightError], None]) -> None:
        """Do the same for a large body, which is read beside the loop; `then` learns the outcome."""
        outcome: bytes | LogwrightError
        try:
            options = self._identify(request)
            call = await beside(request.size, lambda: self._read(request))
            outcome = self._decide(request, options, call)
        except LogwrightError as error:
            outcome = error
        except TokenNeeded:
            await self._await_token(then)
            return
        except Exception as error:  # noqa: BLE001 - a fault of ours: the caller learns that, our log where it arose
            outcome = _failed(error)
        then(outcome)

    def _read(self, request: Request) -> Call:
        if self._kind in MEDIA_KINDS:
            return read_call(self._kind, request.whole(), request.headers)
        return Call(self._kind, request.whole())

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
        passed = _passed(request.headers, provider) if provider.passes else b""
        if head is None:
            return self._translate(call, line, passed)
        if call.content_type:
            head = head.replace(_JSON_LINE, b"content-type: %b\r\n" % call.content_type, 1)
        body = call.for_upstream(provider, target.model)
        call.forget()
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (head, passed, len(body), body)

    def _translate(self, call: Call, line: Line, passed: bytes) -> bytes:
        """Return the bytes to send to a provider that takes this kind of call in another form."""
        target, kind = line.target, self._kind
        self.translation = way = translation(kind, line.provider, target)
        if way is None:
            api = kind.replace("_", " ")
            raise InvalidRequest(f"the provider {target.provider} ({target.kind}) has no {api} API", param="model")
        shown: str | None = target.secret.reveal()
        if line.provider.card.credential == "google":
            shown = self._house.tokens.ready(target.secret)
        if shown is None:
            self._passed = passed
            raise TokenNeeded
        self._shown = shown
        asked = way.ask(call.body, target, shown)
        call.forget()
        head = line.head_of(asked, accept=way.stream_type if call.stream else _JSON)
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (head, passed, len(asked.body), asked.body)

    async def _await_token(self, then: Callable[[bytes | LogwrightError], None]) -> None:
        """Go on as soon as there is an access token."""
        call, line = self.call, self.line
        assert call is not None and line is not None  # noqa: S101, PT018 - both were there when it was found missing
        outcome: bytes | LogwrightError
        try:
            await self._house.tokens.fetch(line.target.secret)
            outcome = self._translate(call, line, self._passed)
        except LogwrightError as error:
            outcome = error
        except Exception as error:  # noqa: BLE001 - as above
            outcome = _failed(error)
        then(outcome)

    @property
    def stream_type(self) -> bytes:
        """The content type of a stream of events in answer to this call."""
        return EVENTS if self.translation is None else self.translation.stream_type

    @property
    def hides_usage(self) -> bool:
        """True when the stream counts tokens that the caller did not ask for: where we did, or wrote them ourselves."""
        call, line = self.call, self.line
        if call is None or line is None or call.wants_usage or call.kind not in STREAM_KINDS:
            return False
        return self.translation is not None or line.provider.asks_usage

    @property
    def provider_name(self) -> str:
        """The project's name for the provider that was asked; empty when none was."""
        return self.target.provider if self.target is not None else ""

    def scrub(self, data: bytes) -> bytes:
        """Take the provider's key, and what was shown in its place, out of what it says."""
        if self.target is None:
            return data
        return scrub(scrub(data, self.target.secret.reveal()), self._shown)

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


def _failed(error: Exception) -> LogwrightError:
    _logger.error("a request could not be handled\n%s", described(error))
    return LogwrightError("the server failed on this request; its log says why")


def _passed(headers: list[tuple[bytes, bytes]], provider: Provider) -> bytes:
    """Return the lines of the caller's headers that belong to the provider's API, and of those it presumes."""
    passed = {**provider.presumes, **{name: value for name, value in headers if name in provider.passes}}
    return b"".join([b"%b: %b\r\n" % pair for pair in passed.items()])
