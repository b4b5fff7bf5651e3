"""Signs requests to S3 as AWS describes it: Signature Version 4, a pure computation on the request.

Source: Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)",
whose worked examples are this file's tests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote

EMPTY: Final = hashlib.sha256(b"").hexdigest()
"""The digest of no body."""

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


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

    `path` is not yet encoded; `payload` is the SHA-256 of the body in hexadecimal; `at` is in UTC.
    """
    moment = at.strftime("%Y%m%dT%H%M%SZ")
    sent = {"host": host, **headers, "x-amz-content-sha256": payload, "x-amz-date": moment}
    if credentials.session_token:
        sent["x-amz-security-token"] = credentials.session_token
    names = sorted(sent)
    request = "\n".join(
        (
            method,
            encoded_path(path),
            encoded_query(query),
            *(f"{name}:{sent[name].strip()}" for name in names),
            "",
            ";".join(names),
            payload,
        )
    )
    scope = f"{moment[:8]}/{credentials.region}/s3/aws4_request"
    to_sign = "\n".join((_ALGORITHM, moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = b"AWS4" + credentials.secret.encode()
    for part in (moment[:8], credentials.region, "s3", "aws4_request"):
        key = _digest(key, part)
    signature = _digest(key, to_sign).hex()
    sent["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.key_id}/{scope},SignedHeaders={';'.join(names)},Signature={signature}"
    )
    return sent


def encoded_path(path: str) -> str:
    """Encode a path as the signature wants it and the request carries it."""
    return quote(path, safe="/-_.~")


def encoded_query(query: Mapping[str, str]) -> str:
    """Encode a query likewise, in order of the names."""
    return "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))


def _digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
