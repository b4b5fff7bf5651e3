"""Blobs that are on their way to a bucket: durable in a folder at once, in the bucket soon after.

Nobody who puts a blob waits for the bucket or fails with it. What is not there yet is
read from the folder; `drain` moves it, and may be stopped and begun again anywhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Final

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.types import BlobDamaged, BlobInfo, BlobMissing, BlobStore, Digest

_log: Final = logging.getLogger(__name__)


class SpooledBlobs:
    """A bucket with a folder before it."""

    def __init__(self, folder: FolderBlobs, bucket: BlobStore) -> None:
        """Join the two; each is whole without the other."""
        self._folder = folder
        self._bucket = bucket

    def put(self, data: bytes) -> Digest:
        """Keep bytes in the folder, even those that the bucket has: draining renews their time there."""
        return self._folder.put(data)

    def get(self, digest: Digest) -> bytes:
        """Read from the folder, else from the bucket."""
        try:
            return self._folder.get(digest)
        except BlobMissing:
            return self._bucket.get(digest)

    def read(self, digest: Digest, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Read likewise; a file that is drained meanwhile stays readable to the end."""
        pieces = self._folder.read(digest, start, length)
        try:
            first = next(pieces, b"")
        except BlobMissing:
            yield from self._bucket.read(digest, start, length)
            return
        if first:
            yield first
        yield from pieces

    def size(self, digest: Digest) -> int | None:
        """Ask the folder, then the bucket."""
        found = self._folder.size(digest)
        return self._bucket.size(digest) if found is None else found

    def discard(self, digest: Digest, before: float) -> bool:
        """Delete from both, unless it waits in the folder and was put since."""
        waiting = self._folder.size(digest) is not None
        gone = self._folder.discard(digest, before)
        if waiting and not gone:
            return False
        return self._bucket.discard(digest, before) or gone

    def iterate(self) -> Iterator[BlobInfo]:
        """Yield what waits, then what the bucket holds; what is in both may come twice."""
        yield from self._folder.iterate()
        yield from self._bucket.iterate()

    def drain(self) -> int:
        """Move to the bucket what waits in the folder; return how many blobs that were.

        Raises:
            Unavailable: when the bucket does not take one; it stays, and so do those after it.
        """
        moved = 0
        for info in list(self._folder.iterate()):
            began = time.time()
            try:
                self._bucket.put(self._folder.get(info.digest))
            except BlobMissing:
                continue
            except BlobDamaged as error:
                _log.error("%s It was not moved to the bucket.", error.message)
                continue
            # Put again since we read it: the bucket has it, and the next round renews its time there.
            self._folder.discard(info.digest, began)
            moved += 1
        return moved

    def recover(self) -> None:
        """Tidy what a crash left in the folder."""
        self._folder.recover()

    def close(self) -> None:
        """Close both."""
        self._folder.close()
        self._bucket.close()
