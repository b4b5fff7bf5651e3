"""A collector of spans that listens on a port of its own and does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.proto.trace.v1.trace_pb2 import Span


class FakeCollector:
    """What came in, and the statuses that are answered next; 200 when there are none left."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self._bodies: list[bytes] = []
        self._heard = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/traces"

    def take(self, headers: dict[str, str], body: bytes) -> int:
        with self._heard:
            status = self.statuses.pop(0) if self.statuses else 200
            self.headers.append(headers)
            if status == 200:
                self._bodies.append(body)
            self._heard.notify_all()
            return status

    def spans(self, count: int, *, seconds: float = 20.0) -> Sequence[Span]:
        """Wait until so many spans have come, and return all."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self._all()) >= count, seconds), f"{len(self._all())} spans came"
            return self._all()

    def _all(self) -> list[Span]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        return [
            span
            for body in self._bodies
            for group in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in group.scope_spans
            for span in scope.spans
        ]


@contextmanager
def collecting() -> Iterator[FakeCollector]:
    """Run a collector for the length of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = collector.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = FakeCollector(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
