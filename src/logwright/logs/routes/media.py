"""Gives out media, harmlessly: a picture is shown, a sound played, and all else is only downloaded (S-13)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Protocol, cast

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from logwright.blobs.types import BlobMissing, BlobStore
from logwright.logs.media.sniffing import ENOUGH_BYTES, HARMLESS, SUFFIXES, sniff
from logwright.logs.routes.selecting import store_of
from logwright.projects.access import Reader

router: Final = APIRouter(tags=["logs"])

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
_GUARDS: Final = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "accept-ranges": "bytes",
}


class Referring(Protocol):
    """What the store knows beside logs; `StoreClient` does."""

    async def refers_to(self, project_id: str, digest: str) -> bool:
        """Say whether a log of the project has taken in a medium."""


def blobs_of(request: Request) -> BlobStore:
    """Return the application's media."""
    return cast("BlobStore", request.app.state.blobs)  # starlette's state is untyped


@router.get(
    "/blobs/{digest}",
    response_class=StreamingResponse,
    summary="Download a medium of a log",
    responses={
        200: {
            "description": "The medium. What is no picture or sound that a browser can show safely is an attachment.",
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        },
        206: {"description": "The part that the Range header asks for."},
        416: {"description": "The medium has no such part."},
    },
)
async def download(
    request: Request,
    access: Reader,
    digest: Annotated[
        str, Path(pattern="^(sha256:)?[0-9a-f]{64}$", description="The digest from a reference `$blob` in a log.")
    ],
    log: Annotated[
        str | None,
        Query(max_length=100, description="The log that refers to it, which is found faster than any that does."),
    ] = None,
    byte_range: Annotated[
        str | None, Header(alias="range", max_length=200, description="One range of bytes, as players ask for it.")
    ] = None,
) -> Response:
    """Return the bytes, if a log of the project refers to them; whoever knows only the digest gets nothing."""
    digest = digest.removeprefix("sha256:")
    blobs = blobs_of(request)
    if not await _is_referred_to(request, access.project.id, digest, log):
        raise BlobMissing(digest)
    size = await run_in_threadpool(blobs.size, digest)
    if size is None:
        raise BlobMissing(digest)
    part = _part(byte_range, size)
    headers = {**_GUARDS, "etag": f'"{digest}"'}
    if part is None:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    kind = sniff(await run_in_threadpool(lambda: b"".join(blobs.read(digest, 0, ENOUGH_BYTES))))
    safe = kind if kind in HARMLESS else "application/octet-stream"
    name = f"{digest[:12]}{SUFFIXES.get(kind, '.bin')}"
    headers["content-disposition"] = f'{"inline" if kind in HARMLESS else "attachment"}; filename="{name}"'
    start, length = part
    is_whole = length == size
    if not is_whole:
        headers["content-range"] = f"bytes {start}-{start + length - 1}/{size}"
    pieces = blobs.read(digest) if is_whole else blobs.read(digest, start, length)
    # The first piece before the head of the answer, so that a medium that cannot be read is a proper refusal.
    first = await run_in_threadpool(next, pieces, b"")
    return StreamingResponse(
        _joined(first, pieces),
        status_code=200 if is_whole else 206,
        media_type=safe,
        headers={**headers, "content-length": str(length)},
    )


async def _is_referred_to(request: Request, project_id: str, digest: str, log_id: str | None) -> bool:
    """Say whether a log of the project has taken in this medium; that its text names it is not enough."""
    store = store_of(request)
    if log_id is not None:
        log = await store.get(project_id, log_id)
        return log is not None and digest in log.blobs
    return await cast("Referring", store).refers_to(project_id, digest)


def _part(asked: str | None, size: int) -> tuple[int, int] | None:
    """Return start and length of what is asked for; None when there is no such part.

    One range is served (RFC 9110, section 14.2, allows to ignore all others); what cannot be read means the whole.
    """
    found = _RANGE.fullmatch(asked.strip()) if asked else None
    if found is None or not (found[1] or found[2]):
        return 0, size
    if not found[1]:  # the last so many bytes
        length = min(int(found[2]), size)
        return (size - length, length) if length else None
    start = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if start >= size:
        return None
    return (start, last - start + 1) if last >= start else (0, size)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
