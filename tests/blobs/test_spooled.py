"""What is put is safe at once and in the bucket soon, whatever the bucket does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.s3 import S3Blobs, read_address
from logwright.blobs.spooled import SpooledBlobs
from logwright.errors import Unavailable
from logwright.testing.bucket import FakeBucket


@pytest.fixture
def server() -> Iterator[FakeBucket]:
    with FakeBucket() as bucket:
        yield bucket


@pytest.fixture
def folder(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs")


@pytest.fixture
def blobs(server: FakeBucket, folder: FolderBlobs) -> Iterator[SpooledBlobs]:
    kept = SpooledBlobs(folder, S3Blobs(read_address(server.address(), server.environment)))
    yield kept
    kept.close()


def test_a_bucket_that_is_down_keeps_nobody_waiting(server: FakeBucket, blobs: SpooledBlobs) -> None:
    server.fails = 503
    digest = blobs.put(b"a")

    assert blobs.get(digest) == b"a"
    with pytest.raises(Unavailable):
        blobs.drain()
    server.fails = 0
    assert blobs.drain() == 1
    assert blobs.drain() == 0
    assert blobs.get(digest) == b"a"


def test_what_was_drained_waits_no_longer(blobs: SpooledBlobs, folder: FolderBlobs) -> None:
    digest = blobs.put(b"a")
    blobs.drain()

    assert folder.size(digest) is None
    assert blobs.size(digest) == 1


def test_a_file_that_is_damaged_stays_where_it_is(
    blobs: SpooledBlobs, folder: FolderBlobs, tmp_path: Path, server: FakeBucket
) -> None:
    digest = blobs.put(b"a")
    (tmp_path / "blobs" / digest[:2] / digest[2:4] / digest).write_bytes(b"b")

    assert blobs.drain() == 0
    assert folder.size(digest) == 1
    assert not server.objects


def test_what_is_put_while_it_is_drained_is_drained_again(
    blobs: SpooledBlobs, folder: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = blobs.put(b"a")
    get = FolderBlobs.get

    def put_meanwhile(of: FolderBlobs, name: str) -> bytes:
        data = get(of, name)
        of.put(data)
        return data

    monkeypatch.setattr(FolderBlobs, "get", put_meanwhile)
    blobs.drain()
    monkeypatch.undo()

    assert folder.size(digest) == 1
    assert blobs.drain() == 1
    assert folder.size(digest) is None
