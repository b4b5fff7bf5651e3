"""A bucket that fails says so in words, and its address is read strictly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from logwright.blobs.s3 import S3Blobs, read_address
from logwright.blobs.types import BlobDamaged
from logwright.errors import Misconfigured, Unavailable
from logwright.testing.bucket import FakeBucket

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.fixture
def server() -> Iterator[FakeBucket]:
    with FakeBucket() as bucket:
        yield bucket


@pytest.fixture
def blobs(server: FakeBucket) -> Iterator[S3Blobs]:
    with closing(S3Blobs(read_address(server.address(), server.environment), patience=5)) as kept:
        yield kept


def test_an_object_lies_below_bucket_and_prefix(server: FakeBucket, blobs: S3Blobs) -> None:
    digest = blobs.put(b"a")

    assert list(server.objects) == [f"/media/logs/{digest[:2]}/{digest[2:4]}/{digest}"]


def test_an_altered_object_is_noticed(server: FakeBucket, blobs: S3Blobs) -> None:
    digest = blobs.put(b"a")
    for name, (_, changed) in list(server.objects.items()):
        server.objects[name] = (b"b", changed)

    with pytest.raises(BlobDamaged):
        blobs.get(digest)


def test_a_wrong_secret_is_the_buckets_to_refuse(server: FakeBucket) -> None:
    address = read_address(server.address(), {**server.environment, "AWS_SECRET_ACCESS_KEY": "wrong"})

    with closing(S3Blobs(address)) as blobs, pytest.raises(Unavailable, match=r"403 \(SignatureDoesNotMatch\)"):
        blobs.put(b"a")


def test_a_bucket_that_is_down_is_unavailable(server: FakeBucket, blobs: S3Blobs) -> None:
    server.fails = 503
    with pytest.raises(Unavailable, match="503"):
        blobs.put(b"a")


def test_nobody_there_is_unavailable() -> None:
    blobs = S3Blobs(read_address("s3://b?endpoint=http://127.0.0.1:1", KEYS))

    with pytest.raises(Unavailable, match="cannot be asked"):
        blobs.get("0" * 64)


def test_a_connection_serves_many_calls(server: FakeBucket, blobs: S3Blobs) -> None:
    for number in range(5):
        blobs.get(blobs.put(str(number).encode()))

    assert blobs._resting.qsize() == 1


def test_amazons_own_bucket_is_a_name_in_its_region() -> None:
    bucket = read_address("s3://media?region=eu-central-1", {**KEYS, "AWS_SESSION_TOKEN": "t"})

    assert (bucket.scheme, bucket.host, bucket.path) == ("https", "media.s3.eu-central-1.amazonaws.com", "/")
    assert bucket.credentials.session_token == "t"


@pytest.mark.parametrize(
    ("address", "environment", "words"),
    [
        ("gs://media", KEYS, "gs://"),
        ("s3:///prefix", KEYS, "it takes s3://BUCKET"),
        ("s3://AKID:secret@media", KEYS, "must not hold a key"),
        ("s3://media?regoin=x", KEYS, "regoin"),
        ("s3://media?endpoint=ftp://x", KEYS, "ftp"),
        ("s3://media", {}, "AWS_ACCESS_KEY_ID"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(address: str, environment: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words) as caught:
        read_address(address, environment)
    assert "secret@" not in caught.value.message


def test_a_request_that_outlives_the_close_leaves_no_connection_open(server: FakeBucket, blobs: S3Blobs) -> None:
    """As the last one of a thread that moves blobs does when the store stops."""
    digest = blobs.put(b"a")
    blobs.close()
    assert blobs.get(digest) == b"a"
    assert blobs._resting.empty()
