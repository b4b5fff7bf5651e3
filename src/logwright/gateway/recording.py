"""What is kept of one call, and the record it becomes."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from logwright import ids
from logwright.gateway.media import is_text
from logwright.gateway.place import NOWHERE, span_of
from logwright.logs.record import LogRecord

if TYPE_CHECKING:
    from logwright.gateway.admission import Admission
    from logwright.gateway.house import House
    from logwright.logs.record import BodyForm, ErrorKind, Kind

Done = Callable[[Exception | None], None]

PLAIN_BYTES: Final = 256 * 1024
"""How much of a stream is held as it came; beyond that it is squeezed, piece by piece, to a tenth or less."""

SQUEEZED_AT_ONCE: Final = 64 * 1024
TAIL_BYTES: Final = 16 * 1024
"""How much of the end of a squeezed stream stays readable, to see how it ended."""


class Recording:
    """The facts of one call as they come in; written once."""

    __slots__ = (
        "_house",
        "_kind",
        "_packed",
        "_packer",
        "_tail",
        "_unpacked",
        "body",
        "first_byte_at",
        "id",
        "is_stream",
        "media_type",
        "requested_at",
        "size",
        "status",
        "truncated",
    )

    def __init__(self, house: House, kind: Kind) -> None:
        self._house = house
        self._kind = kind
        self.requested_at = time.time_ns() // 1000
        self.id = ids.new_id("log", self.requested_at)
        self.first_byte_at: int | None = None
        self.status: int | None = None
        """The provider's, or ours where nobody was asked."""
        self.is_stream = False
        """True when the answer is a stream of events."""
        self.media_type = b""
        """The content type of an answer that is neither events nor JSON."""
        self.body: list[bytes] = []
        """The answer as it came; of a stream, what is kept and not yet squeezed."""
        self.size = 0
        """Bytes of the answer that are kept, counted as they came."""
        self.truncated = False
        self._packer: Any = None
        self._packed: list[bytes] = []
        self._unpacked = 0
        self._tail = b""

    def names(self, admission: Admission, *, has_id: bool = False) -> bytes:
        """Return the headers that name the call; `has_id` when the provider's own request id is passed on already."""
        call_id = self.id.encode()
        line = b"" if has_id else b"x-request-id: %b\r\n" % call_id
        return line + b"x-logwright-log-id: %b\r\n" % call_id if admission.is_recorded else line

    def begin_body(self) -> None:
        """Note that the answer's body begins; a second time does nothing."""
        if self.first_byte_at is None:
            self.first_byte_at = time.time_ns() // 1000

    def add(self, data: bytes) -> None:
        """Keep a piece of a plain answer, all of it."""
        self.body.append(data)
        self.size += len(data)

    def capture(self, data: bytes) -> None:
        """Keep a piece of a stream or of media, up to the limit."""
        room = self._house.settings.max_captured_bytes - self.size
        if len(data) > room:
            self.truncated = True
            data = data[: max(room, 0)]
        if data:
            self.add(data)
            if self.media_type:
                return  # it is compressed already
            self._unpacked += len(data)
            if self._unpacked > (PLAIN_BYTES if self._packer is None else SQUEEZED_AT_ONCE):
                self._squeeze()

    def tail(self) -> bytes:
        """Return the end of what is kept, enough to see how a stream ended."""
        return self._tail + b"".join(self.body[-8:])

    def whole(self) -> bytes:
        """Return what is kept of the answer in one piece."""
        if len(self.body) != 1:
            self.body = [b"".join(self.body)]
        return self.body[0]

    def write(self, admission: Admission, then: Done, *, kind: ErrorKind, message: str) -> None:
        """Write the record; `then` is called with None once it is durable, or with why it could not be written."""
        principal, call, target, asked = admission.principal, admission.call, admission.target, admission.wishes
        assert principal is not None  # noqa: S101 - a call that is recorded has been understood so far
        assert call is not None  # noqa: S101 - likewise
        assert asked is not None  # noqa: S101 - likewise
        response, form = self._response(kind)
        record = LogRecord(
            id=self.id,
            project_id=principal.project_id or "",
            source="gateway",
            kind=self._kind,
            requested_at=self.requested_at,
            received_at=time.time_ns() // 1000 if self.status is not None else None,
            first_byte_at=self.first_byte_at,
            key_id=principal.key_id,
            provider=target.provider if target else "",
            provider_kind=target.kind if target else "",
            model=call.model,
            upstream_model=target.model if target else "",
            stream=call.stream,
            status=self.status,
            error_kind=kind,
            error_message=message,
            request=call.raw,
            response=response,
            response_form=form,
            response_truncated=self.truncated,
            request_type=call.content_type.decode("latin-1"),
            response_type=self.media_type.decode("latin-1"),
            tags=asked.tags,
        )
        place = asked.place
        if place is not NOWHERE:  # most calls say nothing of it, and pay nothing for it
            record.trace_id, record.parent_id, record.session_id = place.trace_id, place.parent_id, place.session_id
            record.prompt_id, record.version_id = place.prompt_id, place.version_id
            record.span_id = span_of(self.id) if place.trace_id else ""
        self._house.recorder.record(record, then)
        self._house.metrics.answered(self.status, kind)
        self._house.metrics.took(time.time_ns() // 1000 - self.requested_at)

    def _response(self, kind: ErrorKind) -> tuple[bytes, BodyForm]:
        """Return what is kept of the answer and how it is to be read."""
        if self._packer is not None:
            self._squeeze()
            return b"".join((*self._packed, self._packer.flush())), "sse-zlib"
        response = self.whole()
        if not response:
            return response, "none"
        if self.media_type:
            return response, "text" if is_text(self.media_type) else "binary"
        if self.is_stream:
            return response, "sse"
        # What broke off is not the JSON it would have become.
        return response, "json" if kind in ("", "upstream_status", "refused") else "text"

    def _squeeze(self) -> None:
        """Squeeze what is held: the events of a stream repeat each other, and many long streams may be under way."""
        if self._packer is None:
            self._packer = zlib.compressobj(1)
        data = b"".join(self.body)
        self._packed.append(self._packer.compress(data))
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        self._unpacked = 0
        self.body.clear()
