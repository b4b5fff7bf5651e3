"""A bucket to test against: a real HTTP server that speaks as much of S3's API as we use, and checks each signature.

It computes the signature from what arrived, not from what was meant to be sent, so a
header or path that is encoded otherwise on the wire than in the signature is refused
as Amazon would.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from logwright.blobs.signing import Credentials, signed

KEY_ID: Final = "AKIDTESTS"
SECRET: Final = "a/secret+of=tests"  # noqa: S105 - of this fake alone
_CREDENTIALS: Final = Credentials(key_id=KEY_ID, secret=SECRET)
_PAGE: Final = 3
"""Objects of one page of a list, few, so that tests see several pages."""


class FakeBucket:
    """A running bucket server; use it as a context manager."""

    def __init__(self) -> None:
        """Prepare."""
        self.objects: dict[str, tuple[bytes, float]] = {}
        """What is stored, by path: bytes and the time of the last change."""
        self.requests: list[tuple[str, str]] = []
        """Method and path of each request that came."""
        self.fails = 0
        """An HTTP status to answer everything with; 0 for none."""
        self._server: ThreadingHTTPServer
        self._thread: threading.Thread

    @property
    def endpoint(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def address(self, name: str = "media/logs") -> str:
        """Return what the setting `blobs` takes for a bucket and prefix here."""
        return f"s3://{name}?endpoint={self.endpoint}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables with the credentials."""
        return {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}

    def __enter__(self) -> Self:
        handler: type[_Handler] = type("Handler", (_Handler,), {"of": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    of: FakeBucket

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self._is_welcome(hashlib.sha256(body).hexdigest()):
            self.of.objects[self._path] = (body, time.time())
            self._answer(200)

    def do_GET(self) -> None:
        if not self._is_welcome():
            return
        if "list-type" in self._query:
            self._list()
            return
        found = self.of.objects.get(self._path)
        if found is None:
            self._refuse(404, "NoSuchKey")
            return
        data, changed = found
        headers = {"last-modified": formatdate(changed, usegmt=True)}
        span = self.headers.get("range", "").removeprefix("bytes=").partition("-")
        if not span[1]:
            self._answer(200, data, headers)
        elif int(span[0]) >= len(data):
            self._refuse(416, "InvalidRange")
        else:
            self._answer(206, data[int(span[0]) : int(span[2]) + 1 if span[2] else None], headers)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        if self._is_welcome():
            self.of.objects.pop(self._path, None)
            self._answer(204)

    def _list(self) -> None:
        prefix = f"{self._path.rstrip('/')}/{self._query['prefix']}"
        names = sorted(name for name in self.of.objects if name.startswith(prefix))
        start = int(self._query.get("continuation-token", "0").removeprefix("more&"))
        entries = "".join(
            f"<Contents><Key>{name.removeprefix(self._path)}</Key><Size>{len(data)}</Size>"
            f"<LastModified>{datetime.fromtimestamp(changed, UTC).isoformat()}</LastModified></Contents>"
            for name in names[start : start + _PAGE]
            for data, changed in [self.of.objects[name]]
        )
        more = start + _PAGE < len(names)
        token = f"<NextContinuationToken>more&amp;{start + _PAGE}</NextContinuationToken>" if more else ""
        self._answer(200, f"<ListBucketResult>{entries}{token}</ListBucketResult>".encode())

    def _is_welcome(self, payload: str = hashlib.sha256(b"").hexdigest()) -> bool:
        """Refuse what is not signed as it came, or what the test wants refused."""
        url = urlsplit(self.path)
        self._path = unquote(url.path)
        self._query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.of.requests.append((self.command, self._path))
        if self.of.fails:
            self._refuse(self.of.fails, "SlowDown")
            return False
        given = self.headers.get("authorization", "")
        names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        covered = {
            name: self.headers.get(name, "")
            for name in names
            if name not in {"host", "x-amz-date", "x-amz-content-sha256"}
        }
        expected = signed(
            _CREDENTIALS,
            self.command,
            self.headers["host"],
            self._path,
            query=self._query,
            headers=covered,
            payload=payload,
            at=datetime.strptime(self.headers.get("x-amz-date", "19700101T000000Z"), "%Y%m%dT%H%M%SZ").replace(
                tzinfo=UTC
            ),
        )
        if expected["authorization"] != given or self.headers.get("x-amz-content-sha256") != payload:
            self._refuse(403, "SignatureDoesNotMatch")
            return False
        return True

    def _refuse(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def _answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
