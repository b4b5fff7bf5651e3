"""Errors by what the caller does next: fix the request, show a key, wait, install something.

Each carries the words for a person and what the two families of clients read:
`code` in OpenPipe's vocabulary and `type` in OpenAI's (`body` renders both).
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any, ClassVar


class LogwrightError(Exception):
    """The base of everything we refuse on purpose; its message is safe to show to the caller."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"
    type: ClassVar[str] = "server_error"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        issues: Sequence[str] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        """The JSON path of what was wrong, such as `messages[2].role`."""
        self.issues = tuple(issues)
        self.retry_after = retry_after
        """Seconds after which the same request may succeed."""


class InvalidRequest(LogwrightError):
    """The request is wrong; sending it again unchanged cannot succeed."""

    status = 400
    code = "BAD_REQUEST"
    type = "invalid_request_error"


class MalformedBody(InvalidRequest):
    """The body is not the JSON it claims to be."""

    code = "PARSE_ERROR"


class Unauthorized(LogwrightError):
    """No key, a key we do not know, or one that has ended."""

    status = 401
    code = "UNAUTHORIZED"
    type = "authentication_error"


class Forbidden(LogwrightError):
    """The key is good and does not allow this."""

    status = 403
    code = "FORBIDDEN"
    type = "permission_error"


class NotFound(LogwrightError):
    """There is no such thing, or none that this key may know of: both answer alike."""

    status = 404
    code = "NOT_FOUND"
    type = "not_found_error"


class MethodNotAllowed(LogwrightError):
    """The path exists and does not take this method."""

    status = 405
    code = "METHOD_NOT_SUPPORTED"
    type = "invalid_request_error"


class Timeout(LogwrightError):
    """The caller was too slow in sending its request."""

    status = 408
    code = "TIMEOUT"
    type = "timeout_error"


class Conflict(LogwrightError):
    """What should be made is there already, or has changed meanwhile."""

    status = 409
    code = "CONFLICT"
    type = "conflict_error"


class TooLarge(LogwrightError):
    """The request is over a limit of size."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"
    type = "invalid_request_error"


class UnsupportedMedia(LogwrightError):
    """The body is in a form we do not take, such as a compressed one."""

    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"
    type = "invalid_request_error"


class RateLimited(LogwrightError):
    """Too many at once; wait `retry_after` seconds."""

    status = 429
    code = "TOO_MANY_REQUESTS"
    type = "rate_limit_error"


class HeadTooLarge(LogwrightError):
    """The request line or the headers are over their limit (RFC 6585)."""

    status = 431
    code = "PAYLOAD_TOO_LARGE"
    type = "invalid_request_error"


class Unavailable(LogwrightError):
    """We cannot do our part at present, for example because the disk is full; nothing was sent to a provider."""

    status = 503
    code = "SERVICE_UNAVAILABLE"
    type = "server_error"


class UpstreamUnreachable(LogwrightError):
    """The provider could not be reached or broke off before it answered."""

    status = 502
    code = "BAD_GATEWAY"
    type = "upstream_error"


class UpstreamTimeout(LogwrightError):
    """The provider did not answer within its time."""

    status = 504
    code = "GATEWAY_TIMEOUT"
    type = "upstream_error"


class MissingExtra(LogwrightError):
    """A part that is installed on request is not installed; the message says how."""

    status = 501
    code = "NOT_IMPLEMENTED"
    type = "server_error"


class Misconfigured(LogwrightError):
    """The installation cannot run as it stands; the message says what to change. Ends a command with status 2."""


def body(error: LogwrightError) -> dict[str, Any]:
    """Render an error so that OpenPipe's clients (`message`, `code`, `issues`) and OpenAI's (`error`) both read it."""
    shown: dict[str, Any] = {
        "message": error.message,
        "code": error.code,
        "error": {"message": error.message, "type": error.type, "param": error.param, "code": error.code},
    }
    if error.issues:
        shown["issues"] = [{"message": issue} for issue in error.issues]
    return shown


def described(error: BaseException) -> str:
    """Return where an error came from: the lines of code and the errors' kinds, without their messages.

    A message may hold what a caller sent, such as the parameters of a statement,
    and that has no place in the process log (S-10). An operating system's own
    words are safe.
    """
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        words = f": {seen.strerror}" if isinstance(seen, OSError) and seen.strerror else ""
        parts.append("".join(traceback.format_tb(seen.__traceback__)) + type(seen).__qualname__ + words)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\ncaused by:\n".join(parts)
