"""AWS's signature of a request: arithmetic on what is sent, with a key that never leaves.

Source: AWS, Signature Version 4 for API requests (IAM user guide, read 2026). Paths are
encoded a second time in what is signed, as every service but S3 wants it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

ALGORITHM: Final = "AWS4-HMAC-SHA256"


class AwsKey(NamedTuple):
    """What AWS knows its caller by."""

    id: str
    secret: str
    token: str = ""
    """Of a temporary key."""


def sign(
    url: str, body: bytes, key: AwsKey, *, region: str, service: str, at: int, method: str = "POST"
) -> dict[str, str]:
    """Return the headers that sign a request at `at`, in seconds since 1970; without a query in the address."""
    where = urlsplit(url)
    return authorized(
        key,
        method,
        quote(where.path or "/", safe="/-_.~"),
        "",
        headers={"host": where.netloc},
        payload=hashlib.sha256(body).hexdigest(),
        region=region,
        service=service,
        at=at,
    )


def authorized(
    key: AwsKey,
    method: str,
    path: str,
    query: str,
    *,
    headers: Mapping[str, str],
    payload: str,
    region: str,
    service: str,
    at: int,
) -> dict[str, str]:
    """Return these headers, which must name the host, and those that sign the request.

    `path` and `query` are encoded as the service wants them in what is signed; `payload` is the SHA-256 of the body.
    """
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "x-amz-date": moment}
    if key.token:
        sent["x-amz-security-token"] = key.token
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    names = ";".join(sorted(sent))
    lines = (f"{name}:{sent[name].strip()}" for name in sorted(sent))
    request = "\n".join((method, path, query, *lines, "", names, payload))
    text = "\n".join((ALGORITHM, moment, scope, hashlib.sha256(request.encode()).hexdigest()))
    signature = hmac.new(_signing_key(key.secret, scope), text.encode(), hashlib.sha256).hexdigest()
    shown = f"{ALGORITHM} Credential={key.id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**sent, "authorization": shown}


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def read_key(secret: str) -> AwsKey | None:
    """Read `ACCESS_KEY_ID:SECRET_ACCESS_KEY[:SESSION_TOKEN]`; None when it is no such pair."""
    parts = secret.split(":", 2)
    return AwsKey(*parts) if len(parts) >= 2 else None
