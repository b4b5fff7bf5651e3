"""Reports that wait on disk while Logwright cannot be reached, for this process or a later one to send.

A spool is a folder of small append-only files for one destination. Whoever writes
or re-sends a file holds a lock on it, so that two processes never send the same
one; a process that dies lets go of its lock and leaves its files to the next.
Nothing is synced: a power cut may cost the tail, which the frame's checksum shows.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from logwright.sdk.options import Destination
from logwright.sdk.report import Parcel

_FRAME: Final = struct.Struct("<II")  # length and CRC-32 of what follows
_ENDING: Final = ".spool"
_FILE_BYTES: Final = 4 << 20
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Parcel).decode


def folder_of(target: Destination) -> Path | None:
    """Give the folder for one address and key, which are in its name only as a digest, or None without a spool."""
    if target.spool is None:
        return None
    digest = hashlib.sha256(f"{target.base_url}\n{target.api_key}".encode()).hexdigest()
    return target.spool / digest[:24]


class Spool:
    """The files of one destination. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, max_bytes: int, file_bytes: int = _FILE_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._file_bytes = file_bytes
        self._lock = threading.Lock()
        self._file = -1
        self._path: Path | None = None
        self._written = 0

    def append(self, parcel: Parcel) -> bool:
        """Keep a report; False when the spool is full or the disk refuses."""
        payload = _encode(parcel)
        frame = _FRAME.pack(len(payload), zlib.crc32(payload)) + payload
        with self._lock:
            try:
                if self._file < 0 or self._written >= self._file_bytes:
                    self._shut()
                    if self._held_bytes() + len(frame) > self._max_bytes:
                        return False
                    self._start_file()
                if os.write(self._file, frame) != len(frame):
                    # A short write leaves a torn frame behind, and nothing after one is read: go on in another file.
                    self._shut()
                    return False
            except OSError:
                self._shut()
                return False
            self._written += len(frame)
            return True

    def has_any(self) -> bool:
        """Tell whether any process has left something here."""
        return any(self._files())

    def claim(self) -> Claim | None:
        """Take the oldest file that nobody else holds, our own unfinished one included; None when there is none."""
        for path in sorted(self._files()):
            with self._lock:
                if path == self._path:
                    self._shut()
            claim = Claim.take(path)
            if claim is not None:
                return claim
        return None

    def close(self) -> None:
        """Let go of the file being written."""
        with self._lock:
            self._shut()

    def forget(self) -> None:
        """Drop what was inherited over a fork: the file is the parent's, and so is its lock."""
        self._lock = threading.Lock()
        with self._lock:
            self._shut()

    def _files(self) -> Iterator[Path]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - a list, so that a missing folder shows here
        except OSError:
            return
        for name in names:
            if name.endswith(_ENDING):
                yield self._folder / name

    def _held_bytes(self) -> int:
        total = 0
        for path in self._files():
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                continue  # sent by another process meanwhile
        return total

    def _start_file(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{time.time_ns():020d}-{os.getpid()}-{os.urandom(3).hex()}{_ENDING}"
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file, self._path, self._written = file, path, 0

    def _shut(self) -> None:
        # Forgotten before it is closed: a fork in between must not leave a child a number that means another file.
        file, self._file, self._path = self._file, -1, None
        if file >= 0:
            os.close(file)


class Claim:
    """A spool file that this process alone is sending."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file
        self._waiting = _frames(file)

    @classmethod
    def take(cls, path: Path) -> Claim | None:
        """Lock the file, or return None when another process holds it or has just finished it."""
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking another process may have sent the file and removed it.
            if os.fstat(file).st_nlink > 0:
                return cls(path, file)
        except OSError:
            pass
        os.close(file)
        return None

    def first(self) -> Parcel | None:
        """Give the next report to send, the same one until `sent`; None when all are."""
        return self._waiting[0] if self._waiting else None

    def sent(self) -> None:
        """Go on to the next. A process that dies amid a file repeats it; the reports' ids make that harmless."""
        del self._waiting[0]

    def finish(self) -> None:
        """Remove the file: everything in it has arrived."""
        self._path.unlink(missing_ok=True)
        self.abandon()

    def abandon(self) -> None:
        """Let another process have it."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def _frames(file: int) -> list[Parcel]:
    """Read every whole frame; a torn or damaged one ends the file, as nothing after it can be trusted."""
    data = os.pread(file, os.fstat(file).st_size, 0)
    found: list[Parcel] = []
    at = 0
    while at + _FRAME.size <= len(data):
        length, checksum = _FRAME.unpack_from(data, at)
        payload = data[at + _FRAME.size : at + _FRAME.size + length]
        if len(payload) < length or zlib.crc32(payload) != checksum:
            break
        try:
            found.append(_decode(payload))
        except msgspec.DecodeError:
            break
        at += _FRAME.size + length
    return found
