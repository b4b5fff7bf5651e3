"""Blobs in a folder are whole or not there, whatever ends the process."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from pathlib import Path

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.types import PIECE_BYTES, BlobDamaged, BlobMissing

DATA = b"a picture"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


def path_of(folder: Path, digest: str = DIGEST) -> Path:
    return folder / "blobs" / digest[:2] / digest[2:4] / digest


def test_a_blob_lies_under_its_digest_for_its_owner_alone(blobs: FolderBlobs, tmp_path: Path) -> None:
    assert blobs.put(DATA) == DIGEST
    assert path_of(tmp_path).read_bytes() == DATA
    assert stat.S_IMODE(path_of(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700


def test_putting_twice_keeps_one_and_renews_its_time(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put(DATA)
    os.utime(path_of(tmp_path), (1, 1))
    blobs.put(DATA)

    assert [(info.digest, info.size) for info in blobs.iterate()] == [(DIGEST, len(DATA))]
    assert path_of(tmp_path).stat().st_mtime > 1


def test_a_file_cut_short_by_a_power_cut_is_written_anew(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put(DATA)
    path_of(tmp_path).write_bytes(b"a")
    blobs.put(DATA)

    assert blobs.get(DIGEST) == DATA


def test_a_disk_that_is_full_leaves_nothing_behind(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        blobs.put(DATA)

    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


def test_a_blob_that_was_altered_is_noticed(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put(DATA)
    path_of(tmp_path).write_bytes(b"A picture")

    with pytest.raises(BlobDamaged):
        blobs.get(DIGEST)
    with pytest.raises(BlobDamaged):
        list(blobs.read(DIGEST))


def test_of_a_damaged_large_blob_the_end_is_never_given(blobs: FolderBlobs, tmp_path: Path) -> None:
    large = bytes(PIECE_BYTES) + b"end"
    digest = blobs.put(large)
    path_of(tmp_path, digest).write_bytes(b"x" + large[1:])
    pieces = blobs.read(digest)

    assert next(pieces) == b"x" + bytes(PIECE_BYTES - 1)
    with pytest.raises(BlobDamaged):
        next(pieces)


def test_a_blob_goes_unless_it_was_put_again(blobs: FolderBlobs) -> None:
    blobs.put(DATA)
    now = time.time() + 1

    assert not blobs.discard(DIGEST, before=now - 3600)
    assert blobs.discard(DIGEST, before=now)
    assert not blobs.discard(DIGEST, before=now)
    assert blobs.size(DIGEST) is None


def test_a_blob_that_is_put_while_it_leaves_comes_back(blobs: FolderBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody finds the file there, and renews its time, just before it is moved away."""
    blobs.put(DATA)
    before = time.time() + 1
    rename = Path.rename

    def put_meanwhile(path: Path, target: Path) -> Path:
        os.utime(path, (before + 1, before + 1))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", put_meanwhile)

    assert not blobs.discard(DIGEST, before=before)
    assert blobs.get(DIGEST) == DATA


def test_what_a_crash_left_is_put_back_or_deleted(blobs: FolderBlobs, tmp_path: Path) -> None:
    blobs.put(DATA)
    leaving, incoming = tmp_path / "blobs" / "leaving", tmp_path / "blobs" / "incoming"
    leaving.mkdir()
    path_of(tmp_path).rename(leaving / DIGEST)
    (incoming / "0123").write_bytes(b"half")
    os.utime(incoming / "0123", (1, 1))
    (incoming / "4567").write_bytes(b"somebody writes this now")
    blobs.recover()

    assert blobs.get(DIGEST) == DATA
    assert [path.name for path in incoming.iterdir()] == ["4567"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 63, "a" * 64 + "/.."])
def test_nothing_but_a_digest_becomes_a_path(blobs: FolderBlobs, name: str) -> None:
    with pytest.raises(BlobMissing):
        blobs.get(name)
