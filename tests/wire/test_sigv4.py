"""AWS's signature, held against AWS's own example; tests/providers/test_bedrock.py holds it against botocore."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from logwright.wire.sigv4 import AwsKey, read_key, sign


def test_the_example_of_aws_gives_its_signature() -> None:
    """The case `get-vanilla` of AWS's test suite for signature version 4."""
    at = int(datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp())
    key = AwsKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

    signed = sign(
        "https://example.amazonaws.com/", b"", key, region="us-east-1", service="service", at=at, method="GET"
    )

    assert signed["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("AKIA:s", AwsKey("AKIA", "s", "")),
        ("ASIA:s:to:ken", AwsKey("ASIA", "s", "to:ken")),
        ("bedrock-api-key", None),
        ("", None),
    ],
)
def test_a_pair_is_told_from_an_api_key(secret: str, key: AwsKey | None) -> None:
    assert read_key(secret) == key
