"""The vocabulary of the blob room: what is kept under which name, and the seam of those who keep it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from logwright.errors import NotFound, Unavailable

Digest = str
"""The SHA-256 of a blob's bytes, 64 hexadecimal digits in lower case: its only name."""

PIECE_BYTES: Final = 1 << 20
"""How much of a blob is read at once."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    """Say whether a text can be a blob's name; nothing else is ever made into a path."""
    return _DIGEST.fullmatch(text) is not None


class BlobMissing(NotFound):
    """There is no blob of that name."""

    def __init__(self, digest: Digest) -> None:
        super().__init__(f"There is no blob sha256:{digest}")


class BlobDamaged(Unavailable):
    """What is kept under the name is not what was put there."""

    def __init__(self, digest: Digest) -> None:
        super().__init__(f"The blob sha256:{digest} is damaged where it is kept; restore it from a backup")


class BlobInfo(NamedTuple):
    """A blob as a list names it."""

    digest: Digest
    size: int
    put_at: float
    """When it was last put, in seconds since 1970: a second put of the same bytes renews it."""


class BlobStore(Protocol):
    """Keeps bytes under their digests. All calls block and may be made from any thread.

    Implementations: `folder.FolderBlobs`, `s3.S3Blobs`, `spooled.SpooledBlobs`; `tests/contracts/test_blob_store.py`
    holds each against the same tests.

    Raises:
        OSError: when the disk does not take or give it.
        Unavailable: when a bucket cannot be asked.
    """

    def put(self, data: bytes) -> Digest:
        """Keep bytes and return their name; durable when this returns, and nothing new where they are kept already."""

    def get(self, digest: Digest) -> bytes:
        """Return a blob whole, held against its name.

        Raises:
            BlobMissing: there is none.
            BlobDamaged: it is not what was put.
        """

    def read(self, digest: Digest, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a blob in pieces, or `length` bytes of it from `start`.

        Of a whole blob the last piece comes only after all was held against its name; a part cannot be.

        Raises:
            BlobMissing: there is none; raised at the first piece.
            BlobDamaged: it is not what was put; raised before the last piece.
        """

    def size(self, digest: Digest) -> int | None:
        """Return how many bytes a blob has; None when there is none of that name."""

    def discard(self, digest: Digest, before: float) -> bool:
        """Delete a blob unless it was put at or after `before`; say whether it was deleted now."""

    def iterate(self) -> Iterator[BlobInfo]:
        """Yield every blob, in no particular order."""

    def close(self) -> None:
        """Let go of what is open."""
