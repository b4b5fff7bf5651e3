"""Backup and restore of a data directory: one file, made while serving, every byte of it under a checksum.

The file is a plain tar (what is in it is compressed already): the small database, the
store and the journals as of one moment after the backup began, the media of their logs
(those in a bucket stay there), and last a manifest with the SHA-256 of each. So every
log that was acknowledged before the start is in it, a file that was cut short is
noticed by its missing manifest, and nothing is believed that was not checked. The
master key is not in it: it lies outside the data directory on purpose and is kept
apart from backups.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tarfile
import tempfile
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

import msgspec

from logwright import __version__
from logwright.blobs.opening import FOLDER as BLOBS
from logwright.clock import now
from logwright.errors import Conflict, InvalidRequest
from logwright.logs.store.checkpoints import sync_file_system

if TYPE_CHECKING:
    from logwright.db import Database
    from logwright.logs.store.client import StoreClient

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_DATABASE: Final = "logwright.db"
_PIECE: Final = 1 << 20
_BLOCK: Final = 512


class Kept(msgspec.Struct, frozen=True):
    """A file in a backup."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, kw_only=True):
    """What a backup holds."""

    format: int = _FORMAT
    made_at: str
    version: str
    """The release of Logwright that made it."""
    logs: int
    """How many logs the store held."""
    files: dict[str, Kept] = msgspec.field(default_factory=dict)
    links: dict[str, str] = msgspec.field(default_factory=dict)
    """Symbolic links, which all point within the backup."""


async def stream(data: Path, store: StoreClient, database: Database | None) -> AsyncGenerator[bytes, None]:
    """Yield a backup, piece by piece, as fast as it is taken.

    `database` is left out where it is a server's: PostgreSQL has backups of its own (`pg_dump`).

    Raises:
        Unavailable: when the store cannot be asked.
    """
    async with store.snapshot() as name:
        health = await store.health()
        manifest = Manifest(made_at=now().isoformat(), version=__version__, logs=health.logs)
        with tempfile.TemporaryDirectory(dir=data / "run", prefix="backup-") as temporary:
            if database is not None:
                copy = Path(temporary) / _DATABASE
                await asyncio.to_thread(database.copy_to, copy)
                async for piece in _packed(Path(temporary), manifest):
                    yield piece
            async for piece in _packed(data / "store" / "snapshots" / name, manifest):
                yield piece
            # While the snapshot is held nothing is swept, so the media of all its logs are still there.
            async for piece in _packed(data / BLOBS, manifest, below=f"{BLOBS}/"):
                yield piece
        last = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
        yield _head(_MANIFEST, len(last)) + last + bytes(-len(last) % _BLOCK) + bytes(2 * _BLOCK)


async def back_up(data: Path, store: StoreClient, database: Database | None, output: Path) -> int:
    """Write a backup to a new file, durable when this returns; return its size in bytes.

    Raises:
        Conflict: when the file exists.
        Unavailable: when the store cannot be asked.
        OSError: when the file cannot be written; nothing is left behind under its name.
    """
    unfinished = output.with_name(output.name + ".unfinished")
    descriptor = _begin(output, unfinished)
    try:
        with os.fdopen(descriptor, "wb") as file:
            async for piece in stream(data, store, database):
                await asyncio.to_thread(file.write, piece)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
            size = file.tell()
        unfinished.rename(output)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(output.parent)
    return size


def restore(file: Path, target: Path) -> Manifest:
    """Unpack a backup into a data directory that does not exist or is empty, and check every byte.

    Raises:
        Conflict: when the directory holds something.
        InvalidRequest: when the file is no backup, was cut short or altered; nothing is left at `target`.
    """
    target = target.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} is not empty; restore into a new directory")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.restoring-") as temporary:
        unpacked = Path(temporary) / "data"
        unpacked.mkdir(mode=0o700)
        try:
            manifest = _unpack(file, unpacked)
        except (tarfile.TarError, EOFError, msgspec.MsgspecError) as error:
            raise InvalidRequest(f"{file} is not a whole backup: {error}") from error
        sync_file_system(unpacked)
        if target.exists():
            target.rmdir()
        unpacked.rename(target)
    _sync_folder(target.parent)
    return manifest


# ---------------------------------------------------------------------- making


def _begin(output: Path, unfinished: Path) -> int:
    if output.exists():
        raise Conflict(f"{output} exists already; choose another name")
    return os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)


async def _packed(folder: Path, manifest: Manifest, *, below: str = "") -> AsyncGenerator[bytes, None]:
    """Yield the files of a folder as entries of the tar, noting them in the manifest by names that begin with `below`.

    A file that has gone since the folder was read is passed over: one that was never finished, or that is in the
    bucket now.
    """
    for path in await asyncio.to_thread(lambda: sorted(folder.rglob("*"))):
        name = below + path.relative_to(folder).as_posix()
        if path.is_symlink():
            manifest.links[name] = str(path.readlink())
        elif path.is_file():
            with contextlib.suppress(FileNotFoundError):
                pieces = _entry(path, name, manifest)
                while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                    yield piece


def _entry(path: Path, name: str, manifest: Manifest) -> Iterator[bytes]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        yield _head(name, size)
        left = size
        while left > 0:
            piece = file.read(min(_PIECE, left))
            if not piece:
                raise OSError(f"{path} became shorter while it was copied")
            digest.update(piece)
            left -= len(piece)
            yield piece
    if size % _BLOCK:
        yield bytes(-size % _BLOCK)
    manifest.files[name] = Kept(size, digest.hexdigest())


def _head(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    entry.mtime = int(now().timestamp())
    return entry.tobuf(tarfile.PAX_FORMAT)


# ---------------------------------------------------------------------- unpacking


def _unpack(file: Path, folder: Path) -> Manifest:
    """Write out the entries and hold them against the manifest.

    Raises:
        InvalidRequest: when something does not agree.
    """
    found: dict[str, Kept] = {}
    manifest: Manifest | None = None
    with tarfile.open(file, "r|") as archive:
        for entry in archive:
            source = archive.extractfile(entry) if entry.isreg() else None
            if source is None or not _is_inside(entry.name):
                raise InvalidRequest(f"{file} holds {entry.name!r}, which no backup of ours does")
            if entry.name == _MANIFEST:
                manifest = msgspec.json.decode(source.read(), type=Manifest)
            else:
                found[entry.name] = _write_out(source, folder / entry.name)
    if manifest is None:
        raise InvalidRequest(f"{file} was cut short: it has no manifest")
    if manifest.format > _FORMAT:
        raise InvalidRequest(f"{file} was made by a later release ({manifest.version}); restore it with that one")
    for name in sorted({*found, *manifest.files}):
        if found.get(name) != manifest.files.get(name):
            raise InvalidRequest(f"{file} is damaged: {name} is not what was put into it")
    for name, points_to in manifest.links.items():
        if not _is_inside(name) or not _is_inside(os.path.normpath(PurePosixPath(name).parent / points_to)):
            raise InvalidRequest(f"{file} holds a link that leads outside: {name}")
        link = folder / name
        link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        link.symlink_to(points_to)
    return manifest


def _write_out(source: IO[bytes], path: Path) -> Kept:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while piece := source.read(_PIECE):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return Kept(size, digest.hexdigest())


def _is_inside(name: str) -> bool:
    """Say whether a name stays within the folder that it is put into."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\0" not in name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
