"""Blobs in a folder: one file each, named by its content, written so that it is whole or not there.

    <root>/ab/cd/abcd…64 digits      a blob, mode 0600
    <root>/incoming/                 files being written; what a crash left there is deleted at a later start
    <root>/leaving/                  files being deleted; what a crash left there is put back

A file's time of change says when its bytes were last put. Deleting goes by way of
`leaving`, so that somebody who puts the same bytes at that moment either finds the
file gone and writes it anew, or has renewed its time and it is put back.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from logwright.blobs.types import PIECE_BYTES, BlobDamaged, BlobInfo, BlobMissing, Digest, is_digest

_INCOMING: Final = "incoming"
_LEAVING: Final = "leaving"
_ABANDONED_SECONDS: Final = 3600.0  # nobody takes that long to write one file


class FolderBlobs:
    """A folder of blobs; any number of processes may have it open."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        """Prepare; the folder is made when the first blob is put.

        Without `durable` a blob survives a killed process and not a power cut.
        """
        self._root = root
        self._durable = durable

    def put(self, data: bytes) -> Digest:
        """Write the bytes under their name, or renew the time of those that are there."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size == len(data):
                now = time.time_ns()  # the kernel's own idea of now is some milliseconds old
                os.utime(path, ns=(now, now))
                self._sync(path.parent)  # whoever wrote it may have been killed before this
                return digest
        self._make_folder(path.parent)
        incoming = self._root / _INCOMING
        self._make_folder(incoming)
        temporary = incoming / secrets.token_hex(16)
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                if self._durable:
                    os.fsync(descriptor)
            temporary.rename(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._sync(path.parent)
        return digest

    def get(self, digest: Digest) -> bytes:
        """Read a file whole and hold it against its name."""
        try:
            data = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise BlobMissing(digest) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise BlobDamaged(digest)
        return data

    def read(self, digest: Digest, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Read a file in pieces."""
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError:
            raise BlobMissing(digest) from None
        with file:
            size = os.fstat(file.fileno()).st_size
            if start == 0 and (length is None or length >= size):
                yield from checked(digest, iter(lambda: file.read(PIECE_BYTES), b""))
                return
            file.seek(start)
            left = size - start if length is None else min(length, size - start)
            while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece

    def size(self, digest: Digest) -> int | None:
        """Return a file's size."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def discard(self, digest: Digest, before: float) -> bool:
        """Delete a file that has not been put since."""
        path = self._path(digest)
        leaving = self._root / _LEAVING / digest
        try:
            if path.stat().st_mtime >= before:
                return False
            self._make_folder(leaving.parent)
            path.rename(leaving)
        except FileNotFoundError:
            return False
        if leaving.stat().st_mtime >= before:
            self._put_back(leaving)
            return False
        leaving.unlink()
        return True

    def iterate(self) -> Iterator[BlobInfo]:
        """Walk the folders."""
        for first in _folders(self._root):
            for second in _folders(first):
                with os.scandir(second) as entries:
                    for entry in entries:
                        if is_digest(entry.name):
                            with contextlib.suppress(FileNotFoundError):
                                found = entry.stat()
                                yield BlobInfo(entry.name, found.st_size, found.st_mtime)

    def close(self) -> None:
        """Nothing is kept open."""

    def recover(self) -> None:
        """Tidy what a crash left; only for the one process that also deletes. Others may write meanwhile."""
        for leaving in self._files(_LEAVING):
            self._put_back(leaving)
        for unfinished in self._files(_INCOMING):
            with contextlib.suppress(FileNotFoundError):
                if unfinished.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                    unfinished.unlink()

    def _files(self, name: str) -> list[Path]:
        folder = self._root / name
        return list(folder.iterdir()) if folder.is_dir() else []

    def _put_back(self, leaving: Path) -> None:
        """Give a file its place again; one that was written there meanwhile is the same."""
        path = self._path(leaving.name)
        self._make_folder(path.parent)
        leaving.rename(path)

    def _path(self, digest: Digest) -> Path:
        if not is_digest(digest):
            raise BlobMissing(digest[:64])
        return self._root / digest[:2] / digest[2:4] / digest

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, each durable before anything is put into it."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        self._sync(folder.parent)

    def _sync(self, folder: Path) -> None:
        if not self._durable:
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def checked(digest: Digest, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass pieces on, the last one only when all of them together have that digest.

    Raises:
        BlobDamaged: when they have not.
    """
    found = hashlib.sha256()
    held = b""
    for piece in pieces:
        if held:
            yield held
        found.update(piece)
        held = piece
    if found.hexdigest() != digest:
        raise BlobDamaged(digest)
    if held:
        yield held


def _folders(parent: Path) -> list[Path]:
    """Return the folders that are named by two digits."""
    if not parent.is_dir():
        return []
    return sorted(path for path in parent.iterdir() if len(path.name) == 2 and path.is_dir())
