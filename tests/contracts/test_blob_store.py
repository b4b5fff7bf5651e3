"""What every keeper of blobs promises, held against each of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.s3 import S3Blobs, read_address
from logwright.blobs.spooled import SpooledBlobs
from logwright.blobs.types import PIECE_BYTES, BlobMissing, BlobStore
from logwright.testing.bucket import FakeBucket

UNKNOWN = "0" * 64
LARGE = bytes(range(256)) * (PIECE_BYTES // 100)


@pytest.fixture(params=["folder", "bucket", "waiting", "drained"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BlobStore]:
    with FakeBucket() as server:
        folder = FolderBlobs(tmp_path / "blobs")
        bucket = S3Blobs(read_address(server.address(), server.environment))

        class Drained(SpooledBlobs):
            """Brings what is put to the bucket at once."""

            def put(self, data: bytes) -> str:
                digest = super().put(data)
                self.drain()
                return digest

        match request.param:
            case "folder":
                kept: BlobStore = folder
            case "bucket":
                kept = bucket
            case "waiting":
                kept = SpooledBlobs(folder, bucket)
            case _:
                kept = Drained(folder, bucket)
        yield kept
        kept.close()


@pytest.mark.parametrize("data", [b"", b"a", LARGE], ids=["empty", "small", "large"])
def test_what_was_put_is_there(blobs: BlobStore, data: bytes) -> None:
    digest = blobs.put(data)

    assert digest == hashlib.sha256(data).hexdigest()
    assert blobs.get(digest) == data
    assert b"".join(blobs.read(digest)) == data
    assert blobs.size(digest) == len(data)


def test_putting_twice_is_putting_once(blobs: BlobStore) -> None:
    assert blobs.put(b"a") == blobs.put(b"a")
    assert {(info.digest, info.size) for info in blobs.iterate()} == {(hashlib.sha256(b"a").hexdigest(), 1)}


@pytest.mark.parametrize(("start", "length"), [(0, 10), (5, None), (5, 10), (5, 10**9), (0, 0), (len(LARGE), 5)])
def test_a_part_can_be_read(blobs: BlobStore, start: int, length: int | None) -> None:
    digest = blobs.put(LARGE)
    expected = LARGE[start:] if length is None else LARGE[start : start + length]

    assert b"".join(blobs.read(digest, start, length)) == expected


def test_what_was_never_put_is_missing(blobs: BlobStore) -> None:
    assert blobs.size(UNKNOWN) is None
    assert not blobs.discard(UNKNOWN, time.time() + 10)
    with pytest.raises(BlobMissing):
        blobs.get(UNKNOWN)
    with pytest.raises(BlobMissing):
        next(blobs.read(UNKNOWN))
    with pytest.raises(BlobMissing):
        blobs.get("../../etc/passwd")


def test_all_are_listed_with_the_time_of_their_last_put(blobs: BlobStore) -> None:
    before = time.time() - 2  # a bucket tells whole seconds
    digests = {blobs.put(str(number).encode()) for number in range(8)}

    assert {info.digest for info in blobs.iterate()} == digests
    assert all(before <= info.put_at <= time.time() + 1 for info in blobs.iterate())


def test_a_blob_is_discarded_unless_it_is_young(blobs: BlobStore) -> None:
    digest = blobs.put(b"a")

    assert not blobs.discard(digest, before=time.time() - 3600)
    assert blobs.size(digest) == 1
    assert blobs.discard(digest, before=time.time() + 3600)
    assert blobs.size(digest) is None
    assert not list(blobs.iterate())
