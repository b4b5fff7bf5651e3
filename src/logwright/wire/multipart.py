"""Reads the parts of a `multipart/form-data` body (RFC 7578) without copying what they hold.

Files of many megabytes arrive in this form. A part is told by where it lies in
the body, so that whoever wants its bytes takes them, and whoever must change one
field cuts there and leaves every other byte as it came.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logwright.errors import MalformedBody

MAX_PARTS: Final = 1000
MAX_PART_HEAD_BYTES: Final = 8 * 1024
"""Bounds on a body's shape: no honest form comes near them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One field of a form."""

    name: str
    filename: str | None
    """Given where the field is a file; as the sender wrote it, so never a path of ours."""
    content_type: str
    """Empty where the sender names none."""
    start: int
    end: int
    """Where the content lies in the body."""
    begin: int
    """Where the part's boundary line begins; a new part can be put before it."""


def is_multipart(content_type: bytes) -> bool:
    """Say whether a body of this type is a form with parts."""
    return content_type[:19].lower() == b"multipart/form-data"


def boundary_of(content_type: bytes) -> bytes:
    """Return the text that separates the parts.

    Raises:
        MalformedBody: when the content type names none, or one that RFC 2046 does not allow.
    """
    found = _BOUNDARY.search(content_type)
    boundary = b"" if found is None else (found[1] or found[2])
    if not 1 <= len(boundary) <= 70 or boundary.endswith(b" "):
        raise MalformedBody("the Content-Type multipart/form-data needs a boundary of 1 to 70 characters")
    return boundary


def parts(body: bytes, boundary: bytes) -> Sequence[Part]:
    """Find the parts of a body.

    Raises:
        MalformedBody: when it is not such a form, or was cut short; the message says where.
    """
    delimiter = b"\r\n--" + boundary
    found: list[Part] = []
    if body.startswith(delimiter[2:]):
        begin, at = 0, len(delimiter) - 2
    else:  # a preamble is allowed, and nobody sends one
        begin = body.find(delimiter)
        if begin < 0:
            raise MalformedBody("the body does not hold the boundary that its Content-Type names")
        begin += 2
        at = begin + len(delimiter) - 2
    while True:
        line_end = body.find(b"\r\n", at, at + 256)
        if body.startswith(b"--", at):
            return found
        if line_end < 0 or body[at:line_end].strip(b" \t"):
            raise MalformedBody(f"the boundary at byte {begin} does not end its line")
        if len(found) >= MAX_PARTS:
            raise MalformedBody(f"the form has more than {MAX_PARTS} parts; send fewer")
        head_end = body.find(b"\r\n\r\n", line_end, line_end + MAX_PART_HEAD_BYTES)
        if head_end < 0:
            raise MalformedBody(f"the head of the part at byte {begin} does not end within {MAX_PART_HEAD_BYTES} bytes")
        start = head_end + 4
        end = body.find(delimiter, head_end + 2)  # of an empty part the blank line's own end begins the delimiter
        if end < 0:
            raise MalformedBody(f"the part at byte {begin} has no end: the form was cut short")
        found.append(_part(body[line_end + 2 : head_end], begin, start, max(start, end)))
        begin = end + 2
        at = end + len(delimiter)


_BOUNDARY: Final = re.compile(rb';\s*boundary=(?:"([^"\r\n]*)"|([^\s";,]+))', re.IGNORECASE)
_PARAMETER: Final = re.compile(r';\s*(name|filename|filename\*)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))', re.IGNORECASE)
_ESCAPED: Final = {"%22": '"', "%0D": "\r", "%0A": "\n", "%0d": "\r", "%0a": "\n"}
_ESCAPES: Final = re.compile("%22|%0[DdAa]")


def _part(head: bytes, begin: int, start: int, end: int) -> Part:
    name, filename, content_type = "", None, ""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        field, _, value = line.partition(":")
        match field.strip().lower():
            case "content-disposition":
                for parameter in _PARAMETER.finditer(value):
                    text = _unescaped(parameter[2] if parameter[2] is not None else parameter[3])
                    if parameter[1].lower() == "name":
                        name = text
                    else:
                        filename = text
            case "content-type":
                content_type = value.strip()
            case _:
                pass
    return Part(name=name, filename=filename, content_type=content_type, start=start, end=end, begin=begin)


def _unescaped(text: str) -> str:
    """Read a quoted parameter as browsers write it (HTML, multipart/form-data encoding) or with backslashes."""
    if "%" in text:
        text = _ESCAPES.sub(lambda found: _ESCAPED[found[0]], text)
    return re.sub(r"\\(.)", r"\1", text) if "\\" in text else text
