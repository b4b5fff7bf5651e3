"""Signs requests to S3: a pure computation on the request, with what S3 wants otherwise than AWS's other services.

Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)",
whose worked examples are this file's tests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote

from logwright.wire.sigv4 import AwsKey, authorized

EMPTY: Final = hashlib.sha256(b"").hexdigest()
"""The digest of no body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who signs, and for where."""

    key_id: str
    secret: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    """Of temporary credentials; empty for others."""
    region: str = "us-east-1"


def signed(
    credentials: Credentials,
    method: str,
    host: str,
    path: str,
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    payload: str,
    at: datetime,
) -> dict[str, str]:
    """Return the headers to send, the signature among them.

    `path` is not yet encoded, and S3 wants it encoded once only; `payload` is the SHA-256 of the body in hexadecimal,
    which S3 wants to be told.
    """
    return authorized(
        AwsKey(credentials.key_id, credentials.secret, credentials.session_token),
        method,
        encoded_path(path),
        encoded_query(query),
        headers={"host": host, **headers, "x-amz-content-sha256": payload},
        payload=payload,
        region=credentials.region,
        service="s3",
        at=int(at.timestamp()),
    )


def encoded_path(path: str) -> str:
    """Encode a path as the signature wants it and the request carries it."""
    return quote(path, safe="/-_.~")


def encoded_query(query: Mapping[str, str]) -> str:
    """Encode a query likewise, in order of the names."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))
