"""The worked examples of Amazon's reference come out to the digit."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from logwright.blobs.signing import EMPTY, Credentials, signed

# "Authenticating Requests: Using the Authorization Header", Amazon S3 API reference; the credentials are its own.
AMAZONS = Credentials(key_id="AKIAIOSFODNN7EXAMPLE", secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
AT = datetime(2013, 5, 24, tzinfo=UTC)
HOST = "examplebucket.s3.amazonaws.com"


def signature(**request: object) -> str:
    given = {"query": {}, "headers": {}, "payload": EMPTY, **request}
    return signed(AMAZONS, host=HOST, at=AT, **given)["authorization"].rpartition("Signature=")[2]  # type: ignore[arg-type]  # a table of requests


@pytest.mark.parametrize(
    ("request_given", "expected"),
    [
        (
            {"method": "GET", "path": "/test.txt", "headers": {"range": "bytes=0-9"}},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            {
                "method": "PUT",
                "path": "/test$file.text",
                "headers": {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
                "payload": hashlib.sha256(b"Welcome to Amazon S3.").hexdigest(),
            },
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            {"method": "GET", "path": "/", "query": {"lifecycle": ""}},
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            {"method": "GET", "path": "/", "query": {"prefix": "J", "max-keys": "2"}},
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
    ids=["get", "put", "lifecycle", "list"],
)
def test_the_signature_is_amazons(request_given: dict[str, object], expected: str) -> None:
    assert signature(**request_given) == expected


def test_a_session_token_is_signed_along() -> None:
    temporary = Credentials(key_id="A", secret="s", session_token="t")
    sent = signed(temporary, "GET", HOST, "/", query={}, headers={}, payload=EMPTY, at=AT)

    assert sent["x-amz-security-token"] == "t"
    assert "x-amz-security-token" in sent["authorization"]
    assert "'s'" not in repr(temporary)
