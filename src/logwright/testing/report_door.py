"""A stand-in for the door that takes reports: a real HTTP server that answers, stumbles, hangs or lies as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self

_LONGEST_WAIT: Final = 10.0
_LONGEST_HANG: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request that came."""

    path: str
    headers: Mapping[str, str]
    """By name in lower case."""
    body: Any
    """The JSON."""


class ReportDoor:
    """Takes reports in threads of its own; use it as a context manager.

    `status` and `answer` are what every request is answered with; while `hangs` is set none is answered.
    """

    def __init__(self) -> None:
        self.status = 200
        self.answer = b'{"status": "ok"}'
        self.url = ""
        self._changed = threading.Condition()
        self._received: list[Received] = []
        self._hangs = False
        self._server: _Server | None = None
        self._port = 0

    def hang(self) -> None:
        """Take requests from now on and answer none, until `answer_all` or `close`."""
        self._hangs = True

    def answer_all(self) -> None:
        """Answer those that wait, and again every new one."""
        with self._changed:
            self._hangs = False
            self._changed.notify_all()

    def open(self) -> Self:
        """Listen; after `close` on the same port again."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._port = self._server.server_port
        self.url = f"http://127.0.0.1:{self._port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def close(self) -> None:
        """Refuse connections from now on."""
        self.answer_all()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def reports(self) -> list[Received]:
        """What came so far, in order."""
        with self._changed:
            return list(self._received)

    @property
    def ids(self) -> list[str]:
        """The idempotency keys of what came so far, in order."""
        return [report.headers.get("idempotency-key", "") for report in self.reports]

    def wait_for(self, count: int, timeout: float = _LONGEST_WAIT) -> list[Received]:
        """Return the reports as soon as there are `count`."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._received) >= count, timeout):
                raise TimeoutError(f"After {timeout} s, {len(self._received)} of {count} reports came")
            return list(self._received)

    def only(self) -> Any:
        """Wait for one report and return its body; an error when there are more."""
        (report,) = self.wait_for(1)
        return report.body

    def take(self, received: Received) -> None:
        """Note a request, and hang if told to."""
        with self._changed:
            self._received.append(received)
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._hangs, _LONGEST_HANG)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], door: ReportDoor) -> None:
        self.door = door
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that give up are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.door.take(Received(path=self.path, headers=headers, body=json.loads(body)))
        answer = self.server.door.answer
        head = f"HTTP/1.1 {self.server.door.status} Status\r\ncontent-type: application/json\r\n"
        self.wfile.write(f"{head}content-length: {len(answer)}\r\n\r\n".encode() + answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""
