"""Puts media back into the bodies that refer to them: the way back from `lifting`.

Only what the log itself refers to is put back. A reference that a caller wrote into a
body of its own opens nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from logwright.blobs.types import BlobMissing, BlobStore
from logwright.logs.types import Log

_REFERENCE: Final = re.compile(r'\{"\$blob":"sha256:([0-9a-f]{64})"')
_read_object: Final = json.JSONDecoder().raw_decode
_encode: Final = msgspec.json.Encoder().encode


def inlined(text: str, referred: Collection[str], get: Callable[[str], bytes]) -> str:
    """Return JSON text with the media that `referred` names in place of the references to them.

    Base64 and data URLs come back as they stood; a file becomes an object with `base64`. A medium that is no longer
    there stays a reference.
    """
    pieces: list[str] = []
    done = 0
    for found in _REFERENCE.finditer(text):
        if found.start() < done or found[1] not in referred:
            continue
        try:
            reference, end = _read_object(text, found.start())
            put_back = _put_back(reference, get(found[1]))
        except (ValueError, BlobMissing):
            continue
        pieces += (text[done : found.start()], put_back)
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


def with_media(log: Log, blobs: BlobStore) -> Log:
    """Return a log with its media in its bodies."""
    if not log.blobs:
        return log
    referred = frozenset(log.blobs)
    return replace(
        log,
        request=inlined(log.request, referred, blobs.get),
        response=inlined(log.response, referred, blobs.get),
        details=inlined(log.details, referred, blobs.get),
    )


async def each_with_media(batches: AsyncIterator[Sequence[Log]], blobs: BlobStore) -> AsyncGenerator[Sequence[Log]]:
    """Pass batches on with the media in the bodies; a log that has some comes alone, so that memory is bounded."""
    async for batch in batches:
        plain: list[Log] = []
        for log in batch:
            if not log.blobs:
                plain.append(log)
                continue
            if plain:
                yield plain
                plain = []
            yield [await asyncio.to_thread(with_media, log, blobs)]
        if plain:
            yield plain


def _put_back(reference: Mapping[str, Any], data: bytes) -> str:
    """Write the medium as it stood, or for a file as an object."""
    text = base64.b64encode(data).decode()
    match reference.get("encoding"):
        case "base64":
            return f'"{text}"'
        case "data-url":
            return f'"{reference.get("prefix", "")}{text}"'
        case _:
            told = {name: value for name, value in reference.items() if name != "$blob"}
            return _encode({**told, "base64": text}).decode()
