"""Blobs in a bucket that speaks S3: Amazon's, or any server with the same API.

The bucket is the operator's, named in the settings as the database is, so it may
have any address. Redirects are not followed. Each blob is the object
`<prefix>/ab/cd/abcd…`, as in a folder; its time of last change says when it was put.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from queue import Empty, Full, LifoQueue
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from logwright.blobs.folder import checked
from logwright.blobs.signing import EMPTY, Credentials, encoded_path, encoded_query, signed
from logwright.blobs.types import PIECE_BYTES, BlobDamaged, BlobInfo, BlobMissing, Digest, is_digest
from logwright.errors import Misconfigured, Unavailable

PATIENCE_SECONDS: Final = 30.0
_RESTING: Final = 4
_FORM: Final = "s3://BUCKET/PREFIX?region=REGION&endpoint=https://HOST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where the objects are."""

    scheme: str
    host: str
    path: str
    """Before each object's own name; begins and ends with a slash."""
    prefix: str
    """The part of `path` that belongs to the objects' names in the bucket."""
    credentials: Credentials


def read_address(address: str, environment: Mapping[str, str]) -> Bucket:
    """Read `s3://BUCKET/PREFIX?region=…&endpoint=…`, the credentials from AWS's own variables.

    Raises:
        Misconfigured: what is wrong or missing.
    """
    url = urlsplit(address)
    options = dict(parse_qsl(url.query))
    if url.scheme != "s3" or not url.hostname:
        raise Misconfigured(f"blobs is {url.scheme}://…; it takes {_FORM}, or nothing for a folder", param="blobs")
    if url.username or url.password:
        raise Misconfigured("blobs must not hold a key; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", param="blobs")
    if unknown := set(options) - {"region", "endpoint"}:
        raise Misconfigured(f"blobs has the option {min(unknown)}, which is none; it takes {_FORM}", param="blobs")
    region = options.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    key_id, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        raise Misconfigured("For blobs in a bucket, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", param="blobs")
    credentials = Credentials(
        key_id=key_id,
        secret=secret,
        session_token=environment.get("AWS_SESSION_TOKEN", ""),
        region=region or "us-east-1",
    )
    prefix = url.path.strip("/") + "/" if url.path.strip("/") else ""
    if endpoint := options.get("endpoint"):
        at = urlsplit(endpoint)
        if at.scheme not in {"http", "https"} or not at.netloc or at.username:
            raise Misconfigured(f"blobs has the endpoint {at.scheme}://…, which is no http or https URL", param="blobs")
        path = f"{at.path.rstrip('/')}/{url.hostname}/{prefix}"
        return Bucket(scheme=at.scheme, host=at.netloc, path=path, prefix=prefix, credentials=credentials)
    host = f"{url.hostname}.s3.{credentials.region}.amazonaws.com"
    return Bucket(scheme="https", host=host, path=f"/{prefix}", prefix=prefix, credentials=credentials)


class S3Blobs:
    """A bucket of blobs; calls block, and any number of threads may make them."""

    def __init__(self, bucket: Bucket, *, patience: float = PATIENCE_SECONDS) -> None:
        """Prepare; nothing is asked before the first call."""
        self._bucket = bucket
        self._patience = patience
        self._resting: LifoQueue[http.client.HTTPConnection] = LifoQueue(_RESTING)
        self._closed = False
        self._tls = ssl.create_default_context() if bucket.scheme == "https" else None

    def put(self, data: bytes) -> Digest:
        """Store an object, or store it again, which renews its time."""
        digest = hashlib.sha256(data).hexdigest()
        headers = {"content-type": "application/octet-stream", "content-length": str(len(data))}
        with self._ask("PUT", self._path(digest), headers=headers, body=data, payload=digest) as answer:
            self._expect(answer, 200)
        return digest

    def get(self, digest: Digest) -> bytes:
        """Read an object whole and hold it against its name."""
        with self._ask("GET", self._path(digest)) as answer:
            self._expect(answer, 200, digest)
            data = answer.read()
        if hashlib.sha256(data).hexdigest() != digest:
            raise BlobDamaged(digest)
        return data

    def read(self, digest: Digest, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Read an object in pieces."""
        whole = start == 0 and length is None
        if length == 0:
            return
        last = "" if length is None else str(start + length - 1)
        headers = {} if whole else {"range": f"bytes={start}-{last}"}
        with self._ask("GET", self._path(digest), headers=headers) as answer:
            if answer.status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            self._expect(answer, 200 if whole else 206, digest)
            pieces = iter(lambda: answer.read(PIECE_BYTES), b"")
            yield from checked(digest, pieces) if whole else pieces

    def size(self, digest: Digest) -> int | None:
        """Ask for an object's size."""
        found = self._head(digest)
        return None if found is None else found.size

    def discard(self, digest: Digest, before: float) -> bool:
        """Delete an object that has not been put since; between look and deletion lies one round trip."""
        found = self._head(digest)
        if found is None or found.put_at >= before:
            return False
        with self._ask("DELETE", self._path(digest)) as answer:
            self._expect(answer, 204)
        return True

    def iterate(self) -> Iterator[BlobInfo]:
        """List the objects below the prefix, a thousand at a time."""
        query = {"list-type": "2", "prefix": self._bucket.prefix}
        base = self._bucket.path.removesuffix(self._bucket.prefix)
        while True:
            with self._ask("GET", base, query=query) as answer:
                self._expect(answer, 200)
                text = answer.read().decode()
            for entry in _CONTENTS.findall(text):
                found = _ENTRY.search(entry)
                size = _SIZE.search(entry)
                changed = _CHANGED.search(entry)
                if found and size and changed and is_digest(found[1]):
                    yield BlobInfo(found[1], int(size[1]), datetime.fromisoformat(changed[1]).timestamp())
            more = _NEXT.search(text)
            if more is None:
                return
            query["continuation-token"] = _unescaped(more[1])

    def close(self) -> None:
        """Close the resting connections; one that is in use is closed by whoever uses it."""
        self._closed = True
        while True:
            try:
                self._resting.get_nowait().close()
            except Empty:
                return

    def _let_rest(self, connection: http.client.HTTPConnection) -> None:
        try:
            self._resting.put_nowait(connection)
        except Full:
            connection.close()
        if self._closed:  # it may have been emptied between the two
            self.close()

    def _head(self, digest: Digest) -> BlobInfo | None:
        with self._ask("HEAD", self._path(digest)) as answer:
            if answer.status == http.client.NOT_FOUND:
                return None
            self._expect(answer, 200)
            changed = parsedate_to_datetime(answer.headers["last-modified"])
            return BlobInfo(digest, int(answer.headers["content-length"]), changed.timestamp())

    def _path(self, digest: Digest) -> str:
        if not is_digest(digest):
            raise BlobMissing(digest[:64])
        return f"{self._bucket.path}{digest[:2]}/{digest[2:4]}/{digest}"

    def _expect(self, answer: http.client.HTTPResponse, status: int, digest: Digest | None = None) -> None:
        if answer.status == status:
            return
        if answer.status == http.client.NOT_FOUND and digest is not None:
            raise BlobMissing(digest)
        code = _CODE.search(answer.read(1 << 16).decode("utf-8", "replace"))
        told = f" ({code[1]})" if code else ""
        raise Unavailable(f"The bucket at {self._bucket.host} answered {answer.status}{told}", retry_after=5.0)

    @contextmanager
    def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        payload: str = EMPTY,
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a signed request; the connection rests again when its answer was read to the end."""
        bucket = self._bucket
        sent = signed(
            bucket.credentials,
            method,
            bucket.host,
            path,
            query=query or {},
            headers=headers or {},
            payload=payload,
            at=datetime.now(UTC),
        )
        target = encoded_path(path) + (f"?{encoded_query(query)}" if query else "")
        try:
            connection, answer = self._exchange(method, target, sent, body)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"The bucket at {bucket.host} cannot be asked: {error!r}", retry_after=5.0) from error
        try:
            yield answer
            if answer.status < 300 and not answer.isclosed():
                answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(f"The bucket at {bucket.host} broke off: {error}", retry_after=5.0) from error
        finally:
            if answer.isclosed() and not answer.will_close:
                self._let_rest(connection)
            else:
                connection.close()

    def _exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Send over a resting connection; where that was closed meanwhile, once more over a new one.

        All requests may be sent twice: what they do a second time changes nothing.
        """
        try:
            connection, is_fresh = self._resting.get_nowait(), False
        except Empty:
            connection, is_fresh = self._connect(), True
        while True:
            try:
                connection.request(method, target, body=body, headers=dict(headers))
                return connection, connection.getresponse()
            except (OSError, http.client.HTTPException):
                connection.close()
                if is_fresh:
                    raise
                connection, is_fresh = self._connect(), True

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._bucket.host, timeout=self._patience)
        return http.client.HTTPSConnection(self._bucket.host, timeout=self._patience, context=self._tls)


# The names of our objects need no XML parser: they are digits, and what else the bucket may hold is passed over.
_CONTENTS: Final = re.compile(r"<Contents>(.*?)</Contents>", re.DOTALL)
_ENTRY: Final = re.compile(r"<Key>[^<]*?([0-9a-f]{64})</Key>")
_SIZE: Final = re.compile(r"<Size>(\d+)</Size>")
_CHANGED: Final = re.compile(r"<LastModified>([^<]+)</LastModified>")
_NEXT: Final = re.compile(r"<NextContinuationToken>([^<]+)</NextContinuationToken>")
_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
