"""Takes media out of a log's bodies: what was sound or a picture becomes a reference to a blob.

A form becomes a JSON object with a reference for each file, a binary answer an
object with one. In JSON, long base64 is replaced where it stands, character by
character of the text, so that everything around it stays as it came and putting the
media back (`inlining`) gives the very text that was sent. What is not base64 as its
standard writes it stays where it is: nothing is ever cut or lost.

A reference reads `{"$blob":"sha256:…","size":…,"content_type":…}`, with `encoding` (and
for a data URL its `prefix`) where the medium stood as text, and `filename` where it
came as a file.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec

from logwright.errors import MalformedBody
from logwright.logs.media.sniffing import ENOUGH_BYTES, sniff
from logwright.wire.multipart import Part, boundary_of, parts

LEAST_CHARACTERS: Final = 8192
"""Base64 shorter than this stays in the row: 6 KiB of media, below which a blob would cost more than it saves."""

REFERENCE: Final = "$blob"
ALGORITHM: Final = "sha256:"


class Keeper(Protocol):
    """Whoever keeps media; `blobs.types.BlobStore` does."""

    def put(self, data: bytes) -> str:
        """Keep bytes, durably, and return their digest."""


class Lifting:
    """The media of one log."""

    def __init__(self, keeper: Keeper | None) -> None:
        """Without a keeper nothing is lifted, and what has no form as text is written as base64."""
        self._keeper = keeper
        self.digests: list[str] = []
        """What was lifted so far, each once."""

    def text(self, text: str) -> str:
        """Return JSON text with references in place of long base64."""
        if len(text) < LEAST_CHARACTERS or self._keeper is None:
            return text
        return _LONG.sub(lambda found: self._lifted(found) or found[0], text)

    def file(self, data: bytes, content_type: str, filename: str | None = None) -> dict[str, Any]:
        """Return the reference to a medium that came as bytes."""
        told = {"filename": filename} if filename is not None else {}
        kind = content_type or sniff(data[:ENOUGH_BYTES]) or "application/octet-stream"
        about = {"size": len(data), "content_type": kind}
        if self._keeper is None:
            return {**told, **about, "base64": base64.b64encode(data).decode()}
        return {REFERENCE: self._keep(data), **told, **about}

    def form(self, body: bytes, content_type: str) -> dict[str, Any]:
        """Return a form as an object: its fields by name, files as references, what comes several times as a list.

        A form that cannot be read is one file under `form`.
        """
        try:
            found = parts(body, boundary_of(content_type.encode("latin-1", "replace")))
        except MalformedBody:
            return {"form": self.file(body, content_type)}
        fields: dict[str, Any] = {}
        for part in found:
            value = self._field(body, part)
            name = part.name.removesuffix("[]")
            if name != part.name or name in fields:
                before = fields.get(name, [])
                value = [*(before if isinstance(before, list) else [before]), value]
            fields[name] = value
        return fields

    def _field(self, body: bytes, part: Part) -> Any:
        data = body[part.start : part.end]
        if part.filename is None and len(data) <= _LONGEST_FIELD:
            try:
                text = data.decode()
            except UnicodeDecodeError:
                pass
            else:
                return _value(part.name, text)
        return self.file(data, part.content_type, part.filename)

    def _keep(self, data: bytes) -> str:
        assert self._keeper is not None  # noqa: S101 - asked before
        digest = self._keeper.put(data)
        if digest not in self.digests:
            self.digests.append(digest)
        return ALGORITHM + digest

    def _lifted(self, found: re.Match[str]) -> str | None:
        """Return the reference that replaces a string; None when it is no medium, or not one that would come back."""
        prefix, text = found[1], found[2]
        key = _KEY.search(found.string, max(found.start() - _LONGEST_KEY, 0), found.start())
        if not prefix and (key is None or key[1] not in _KEYS):
            return None
        text = text.replace("\\/", "/")
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None
        if base64.b64encode(data) != text.encode():
            return None  # written in a way that we would not write it, so it would not come back as it was
        kind = sniff(data[:ENOUGH_BYTES])
        if prefix:
            prefix = prefix.replace("\\/", "/")
            told = {"encoding": "data-url", "prefix": prefix}
            kind = kind or prefix[len("data:") :].partition(";")[0]
        else:
            about = _said_beside(found)
            if not (kind or about or (key is not None and key[1] in _SURE_KEYS)):
                return None
            told = {"encoding": "base64"}
            kind = kind or about
        about_it = {"size": len(data), "content_type": kind or "application/octet-stream", **told}
        return _encode({REFERENCE: self._keep(data), **about_it}).decode()


_LONGEST_FIELD: Final = 1 << 20
_LONGEST_KEY: Final = 64
_BESIDE: Final = 400
# A string that is nothing but base64, perhaps as a data URL. `\/` is how some write a slash (RFC 8259, section 7).
_LONG: Final = re.compile(
    r'"(?<!\\")(data:[\w.+/\\-]{1,100}(?:;[\w.=+-]{1,100})*;base64,)?'
    rf'([A-Za-z0-9+/\\=]{{{LEAST_CHARACTERS},}})"(?!\s*:)'
)
_KEY: Final = re.compile(r'"(\w+)"\s*:\s*$')
_SURE_KEYS: Final = frozenset({"b64_json", "partial_image_b64", "audio"})
_KEYS: Final = _SURE_KEYS | {"data", "file_data", "result", "image", "base64"}
"""Members that hold media as bare base64 in the providers' forms; of the less telling ones something must tell more."""

_TYPE: Final = re.compile(r'"(?:media_type|mime_type|mimeType|content_type)"\s*:\s*"([\w.+-]+/[\w.+-]+)"')
_FORMAT: Final = re.compile(r'"format"\s*:\s*"([a-z0-9_]{1,20})"')
_SPOKEN: Final = re.compile(r'"(?:transcript|expires_at)"\s*:')
_NUMBERS: Final = frozenset({"n", "temperature", "partial_images", "output_compression", "speed"})
_FLAGS: Final = {"true": True, "false": False}
_encode: Final = msgspec.json.Encoder().encode


def _said_beside(found: re.Match[str]) -> str:
    """Return the content type that members beside a string tell: Anthropic and Gemini name it, OpenAI half of it."""
    before = found.string[max(found.start() - _BESIDE, 0) : found.start()]
    after = found.string[found.end() : found.end() + _BESIDE]
    for text in (after, before):
        if told := _TYPE.search(text):
            return told[1]
    for text in (after, before):
        if told := _FORMAT.search(text):
            return f"audio/{told[1]}"
    return "audio/pcm" if _SPOKEN.search(before) or _SPOKEN.search(after) else ""


def _value(name: str, text: str) -> Any:
    """Read a form's text as what it means where the API says that it is a number or a flag."""
    if name == "stream":
        return _FLAGS.get(text.lower(), text)
    if name in _NUMBERS:
        try:
            return msgspec.json.decode(text, type=float | int, strict=True)
        except msgspec.MsgspecError:
            return text
    return text


def references(value: Any) -> Sequence[dict[str, Any]]:
    """Find the references in a parsed body, in the order in which they stand."""
    found: list[dict[str, Any]] = []
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(each.get(REFERENCE), str):
                found.append(each)
            else:
                waiting.extend(reversed(each.values()))
        elif isinstance(each, list):
            waiting.extend(reversed(each))
    return found
