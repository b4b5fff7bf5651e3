"""Where a call stands in its caller's work: the trace, the step that made it, the session, and the prompt.

Source of `traceparent`: W3C Trace Context, level 2 (2024), section 3.2.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from logwright.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

TRACE_HEADER: Final = b"traceparent"
SESSION_HEADER: Final = b"x-session-id"
PROMPT_HEADER: Final = b"op-prompt"
PLACE_HEADERS: Final = frozenset({TRACE_HEADER, SESSION_HEADER, PROMPT_HEADER})

SESSION_TAG: Final = "session_id"
"""The member of a request's metadata that names its session as well."""

MAX_SESSION_ID: Final = 256
_PARENT: Final = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?")
_PROMPT: Final = re.compile(rb"([A-Za-z0-9_-]{1,100})/([A-Za-z0-9_-]{1,100})")
_NOWHERE: Final = (b"0" * 32, b"0" * 16)


class Place(NamedTuple):
    """Empty texts stand for what the caller did not say."""

    trace_id: str = ""
    parent_id: str = ""
    """The span that made the call."""
    session_id: str = ""
    prompt_id: str = ""
    """The prompt that the call is one of; where none is named it is the implicit one of its model."""
    version_id: str = ""


NOWHERE: Final = Place()


def place(headers: Mapping[bytes, bytes], tags: Mapping[str, str]) -> Place:
    """Read a call's place from its headers; its session from its tags where no header names one.

    A `traceparent` that is not one is ignored, as its specification demands.

    Raises:
        InvalidRequest: the session's name is longer than 256 characters or not readable, or the prompt is not named by
            its id and its version's.
    """
    prompt, version = _prompt(headers)
    found = _PARENT.fullmatch(headers.get(TRACE_HEADER, b"").strip())
    trace, parent = ("", "")
    if found is not None and found[1] != _NOWHERE[0] and found[2] != _NOWHERE[1]:
        trace, parent = found[1].decode(), found[2].decode()
    given = headers.get(SESSION_HEADER)
    if given is None:
        return Place(trace, parent, tags.get(SESSION_TAG, "")[:MAX_SESSION_ID], prompt, version)
    try:
        session = given.decode().strip()
    except UnicodeDecodeError as error:
        raise InvalidRequest("the header x-session-id must be UTF-8 text", param="x-session-id") from error
    if len(session) > MAX_SESSION_ID:
        raise InvalidRequest(f"the header x-session-id has more than {MAX_SESSION_ID} characters", param="x-session-id")
    return Place(trace, parent, session, prompt, version)


def _prompt(headers: Mapping[bytes, bytes]) -> tuple[str, str]:
    given = headers.get(PROMPT_HEADER)
    if given is None:
        return "", ""
    found = _PROMPT.fullmatch(given.strip())
    if found is None:
        raise InvalidRequest(
            "the header op-prompt must hold a prompt's id, a slash and its version's", param="op-prompt"
        )
    return found[1].decode(), found[2].decode()


def span_of(log_id: str) -> str:
    """Return the span id of a log that we made: 16 hexadecimal digits, the same for the same log."""
    return hashlib.blake2b(log_id.encode(), digest_size=8).hexdigest()
