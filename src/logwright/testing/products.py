"""Other products' paged APIs, as small as an import needs them, on a real socket and with the moods of real ones."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from logwright.logs.imports.pages import Auth

KEY: Final = "pk-test:sk-test"
"""The key that every product here wants to see, in the way of its own."""

Rows = Sequence[Mapping[str, Any]]
Answer = Callable[["FakeProduct", str, Mapping[str, str], Any], Any]


class FakeProduct:
    """One product's API over some rows; use it as a context manager.

    `page` rows come at once, and the call numbers in `moods` are answered with the status there instead.
    """

    def __init__(self, name: str, rows: Rows, *, page: int = 2, traces: Rows = ()) -> None:
        self.name = name
        self.rows = rows
        self.page = page
        self.traces = traces
        self.moods: dict[int, int] = {}
        self.asked: list[str] = []
        """The paths and queries so far."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def cut(self, begin: int) -> Rows:
        """Return the page that begins with a row."""
        return self.rows[begin : begin + self.page]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        product = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer(None)

            def do_POST(self) -> None:
                self._answer(json.loads(self.rfile.read(int(self.headers["content-length"]))))

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's signature
                pass

            def _answer(self, body: Any) -> None:
                product.asked.append(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, answer = product.answer(self.path, headers, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                if status == 429:
                    self.send_header("retry-after", "3")
                self.end_headers()
                self.wfile.write(data)

        return Handler

    def answer(self, target: str, headers: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """Answer one request: its mood, its key, then what it asks for."""
        mood = self.moods.pop(len(self.asked), None)
        if mood is not None:
            return mood, {"error": "not now"}
        if not _shows_key(_AUTH[self.name], headers):
            return 401, {"error": "no such key"}
        split = urlsplit(target)
        found = _ANSWERS[self.name](self, split.path, dict(parse_qsl(split.query)), body)
        return (404, {"error": "no such path"}) if found is None else (200, found)


def _shows_key(auth: Auth, headers: Mapping[str, str]) -> bool:
    shown = headers.get("authorization", "")
    match auth:
        case "bearer":
            return shown == f"Bearer {KEY}"
        case "basic":
            return shown == f"Basic {base64.b64encode(KEY.encode()).decode()}"
        case "x-api-key":
            return headers.get("x-api-key") == KEY


def _openai(to: FakeProduct, path: str, query: Mapping[str, str], _: Any) -> Any:
    parts = path.removeprefix("/v1/chat/completions").strip("/").split("/")
    if parts == [""]:
        after = query.get("after")
        begin = 0 if after is None else next(i for i, row in enumerate(to.rows) if row["id"] == after) + 1
        found = [{name: value for name, value in row.items() if name != "messages"} for row in to.cut(begin)]
        return {"object": "list", "data": found, "has_more": begin + to.page < len(to.rows)}
    said = next((row["messages"] for row in to.rows if row["id"] == parts[0]), None)
    return None if said is None else {"object": "list", "data": said}


def _langfuse(to: FakeProduct, path: str, query: Mapping[str, str], _: Any) -> Any:
    rows = {"/api/public/observations": to.rows, "/api/public/traces": to.traces}.get(path)
    if rows is None:
        return None
    number = int(query["page"])
    pages = -(-len(rows) // to.page)
    found = rows[(number - 1) * to.page : number * to.page]
    return {"data": found, "meta": {"page": number, "limit": to.page, "totalItems": len(rows), "totalPages": pages}}


def _litellm(to: FakeProduct, path: str, query: Mapping[str, str], _: Any) -> Any:
    if path == "/spend/logs":
        return to.rows
    if path != "/spend/logs/v2":
        return None
    number = int(query["page"])
    found = to.cut((number - 1) * to.page)
    return {"data": found, "total": len(to.rows), "page": number, "total_pages": -(-len(to.rows) // to.page)}


def _phoenix(to: FakeProduct, path: str, query: Mapping[str, str], _: Any) -> Any:
    if path != "/v1/projects/default/spans":
        return None
    begin = int(query.get("cursor", "0"))
    more = begin + to.page < len(to.rows)
    return {"data": to.cut(begin), "next_cursor": str(begin + to.page) if more else None}


def _tensorzero(to: FakeProduct, path: str, _: Mapping[str, str], body: Any) -> Any:
    if path != "/v1/inferences/list_inferences":
        return None
    return {"inferences": to.rows[body["offset"] : body["offset"] + body["limit"]]}


def _humanloop(to: FakeProduct, path: str, query: Mapping[str, str], _: Any) -> Any:
    number = int(query.get("page", "1"))
    if path == "/v5/files":
        return {"records": [{"id": "pr_1", "type": "prompt"}] if number == 1 else [], "page": number, "total": 1}
    if path == "/v5/logs" and query.get("file_id") == "pr_1":
        return {"records": to.cut((number - 1) * to.page), "page": number, "total": len(to.rows)}
    return None


_AUTH: Final[Mapping[str, Auth]] = {
    "openai": "bearer",
    "langfuse": "basic",
    "litellm": "bearer",
    "phoenix": "bearer",
    "tensorzero": "bearer",
    "humanloop": "x-api-key",
}
_ANSWERS: Final[Mapping[str, Answer]] = {
    "openai": _openai,
    "langfuse": _langfuse,
    "litellm": _litellm,
    "phoenix": _phoenix,
    "tensorzero": _tensorzero,
    "humanloop": _humanloop,
}
