"""Answers that are no JSON: sound and pictures pass as they come, plain text passes whole.

A passing medium has no event that says that it is complete: the end of its body does.
So the last piece and that end are what is held back until the record is durable.
"""

from __future__ import annotations

from typing import Final

TEXTS: Final = (b"text/plain", b"text/vtt", b"text/srt", b"application/x-subrip")
"""What transcripts come in beside JSON (OpenAI API reference, `response_format` of transcriptions)."""

_NOT_MEDIA: Final = (b"application/json", b"application/problem+json", b"text/")


def is_media(content_type: bytes) -> bool:
    """Say whether a body of this type is media, to be passed on piece by piece."""
    return not content_type.lower().startswith(_NOT_MEDIA)


def is_text(content_type: bytes) -> bool:
    """Say whether a body of this type is a transcript as text."""
    return content_type.lower().startswith(TEXTS)


class Passage:
    """A medium on its way through; to whoever sends it on it is what `Relay` is for a stream of events."""

    __slots__ = ("held", "saw_end")

    def __init__(self) -> None:
        self.held = b""
        """The last piece, to be sent once the record is durable."""
        self.saw_end = True
        """Always true: whether the medium is complete the framing of the body says, not the body."""

    def feed(self, data: bytes) -> bytes:
        """Take a piece and return the one before."""
        passed, self.held = self.held, data
        return passed

    def rest(self) -> bytes:
        """Return nothing: what is left is held."""
        return b""
