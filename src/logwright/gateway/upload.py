"""A request that carries files: a form whose bytes go on as they came, all but the name of the model if need be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from logwright.errors import InvalidRequest
from logwright.gateway.request import Call
from logwright.wire.multipart import boundary_of, is_multipart, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logwright.models.types import CallKind
    from logwright.providers.base import Provider
    from logwright.wire.multipart import Part

_LONGEST_WORD: Final = 1024
"""Bytes of a field that we act upon; none has a longer value."""


def read_call(kind: CallKind, raw: bytes, headers: Sequence[tuple[bytes, bytes]]) -> Call:
    """Read a call that may carry files: a form, or JSON like any other.

    Raises:
        MalformedBody: it is neither as it should be.
        InvalidRequest: a field that we act upon is wrong; `param` names it.
    """
    content_type = next((value for name, value in headers if name == b"content-type"), b"")
    return Upload(kind, raw, content_type) if is_multipart(content_type) else Call(kind, raw)


class Upload(Call):
    """One parsed form. Nothing of its files is looked at, and nothing is copied."""

    __slots__ = ("_model_at",)

    def __init__(self, kind: CallKind, raw: bytes, content_type: bytes) -> None:
        found = parts(raw, boundary_of(content_type))
        self._model_at = _only(found, "model")
        if self._model_at is None:
            raise InvalidRequest("model is required and must be text", param="model")
        model = _word(raw, self._model_at)
        if not model:
            raise InvalidRequest("model is required and must be text", param="model")
        stream = _only(found, "stream")
        self.kind = kind
        self.raw = raw
        self.body = {}
        self.model = model
        self.content_type = content_type
        self.stream = stream is not None and _flag(_word(raw, stream))
        self.wants_usage = False

    def for_upstream(self, provider: Provider, model: str) -> bytes:
        """Return the caller's own bytes, with another model's name in its place where the provider calls it so."""
        del provider
        where = self._model_at
        if model == self.model or where is None:
            return self.raw
        view = memoryview(self.raw)
        return b"".join((view[: where.start], model.encode(), view[where.end :]))


def _only(found: Sequence[Part], name: str) -> Part | None:
    """Return the field of that name.

    Raises:
        InvalidRequest: when it is given twice, which two readers could understand differently.
    """
    fields = [part for part in found if part.name == name]
    if len(fields) > 1:
        raise InvalidRequest(f"{name} is given twice in the form; send it once", param=name)
    return fields[0] if fields else None


def _word(raw: bytes, part: Part) -> str:
    if part.end - part.start > _LONGEST_WORD:
        raise InvalidRequest(f"{part.name} is longer than {_LONGEST_WORD} bytes", param=part.name)
    try:
        return raw[part.start : part.end].decode()
    except UnicodeDecodeError:
        raise InvalidRequest(f"{part.name} is not UTF-8 text", param=part.name) from None


def _flag(word: str) -> bool:
    if word.lower() in {"true", "1"}:
        return True
    if word.lower() in {"false", "0", ""}:
        return False
    raise InvalidRequest(f"stream must be true or false, not {word[:20]!r}", param="stream")
