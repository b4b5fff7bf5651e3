"""ClickHouse's HTTP interface over a chDB in this process: a real engine behind the door that real clients knock at.

Run as `python -m logwright.testing.clickhouse_http --path DIR --port N`. It does what
clients of the interface rely on: statements in the URL, the body or a form, bound
parameters, settings, sessions, credentials, every output format, streamed answers with
exceptions amid them, the codes and headers of errors, compression by gzip. What needs
more than one server (replicas, clusters) it cannot do.

Source: ClickHouse documentation, "HTTP Interface" (read 2026-11).
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
import re
import sys
import threading
import time
import uuid
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

_NO_SETTINGS: Final = frozenset(
    {
        *("query", "database", "user", "password", "session_id", "session_timeout", "session_check", "query_id"),
        *("default_format", "buffer_size", "wait_end_of_query", "quota_key", "role", "client_protocol_version"),
        *("compress", "decompress", "close_session"),
    }
)
_INSERT: Final = re.compile(rb"\s*INSERT\s+INTO\s.*?\sFORMAT\s+(\w+)[ \t]*\n?", re.IGNORECASE | re.DOTALL)
_FORMAT: Final = re.compile(r"\sFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_CODE: Final = re.compile(r"Code: (\d+)\.")
_STATUS: Final[Mapping[int, int]] = {
    516: 403,
    192: 403,
    497: 403,
    60: 404,
    81: 404,
    62: 400,
    115: 400,
    47: 400,
    36: 400,
}
_PIECE: Final = 1 << 16


class Refused(Exception):
    """A statement that was not carried out, with ClickHouse's code."""

    def __init__(self, code: int, message: str, name: str) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {message} ({name}) (version 26.9.1.1)\n")
        self.code = code


class House:
    """The engine, and what is set for everybody."""

    def __init__(self, path: Path, *, user: str, password: str, fault: Path) -> None:
        self.path = path
        self.credentials = (user, password)
        self._fault = fault
        self._sessions: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._kept: dict[str, Any] = {}
        self._first = self._new()
        self._first.query("CREATE DATABASE IF NOT EXISTS default")

    def fault(self) -> Mapping[str, Any]:
        """What a test wants to go wrong at present; see `ClickHouseServer.fail`."""
        with suppress(FileNotFoundError, ValueError):
            found: Mapping[str, Any] = json.loads(self._fault.read_text())
            return found
        return {}

    @contextmanager
    def session(self, session_id: str | None, database: str, settings: Mapping[str, str]) -> Iterator[Any]:
        """Give a session of the engine in which the settings hold."""
        lock = None
        if session_id is not None:
            with self._guard:
                lock = self._sessions.setdefault(session_id, threading.Lock())
            if not lock.acquire(blocking=False):
                raise Refused(373, f"Session {session_id} is locked by a concurrent client.", "SESSION_IS_LOCKED")
        try:
            session = self._kept.get(session_id) if session_id is not None else None
            if session is None:
                session = self._new()
                if session_id is not None:
                    self._kept[session_id] = session
            try:
                session.query(f"USE `{database}`")
                if settings:
                    session.query("SET " + ", ".join(f"{name} = {_literal(text)}" for name, text in settings.items()))
                yield session
            finally:
                if session_id is None:
                    session.close()
        finally:
            if lock is not None:
                lock.release()

    def _new(self) -> Any:
        from chdb.session import Session  # slow to load: after the arguments have been read

        session: Any = Session(str(self.path))  # type: ignore[no-untyped-call]  # it has no annotations
        session.query("SET session_timezone = 'UTC', max_threads = 2")
        return session


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    house: House

    def do_GET(self) -> None:
        """Answer a ping, or a statement in the URL."""
        if urlsplit(self.path).path == "/ping":
            self._send(200, b"Ok.\n")
        else:
            self._serve(b"")

    def do_POST(self) -> None:
        """Carry out a statement."""
        try:
            body = self._body()
        except Refused as error:
            self._fail(error.code, str(error))
        else:
            self._serve(body)

    def _serve(self, body: bytes) -> None:
        fault = self.house.fault()
        time.sleep(float(fault.get("delay", 0)))
        if fault.get("what") == "drop":
            self.close_connection = True
            return
        try:
            values = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            fields, body = self._form(body)
            values |= fields
            self._check(values)
            if fault.get("what") == "error":
                raise Refused(int(fault["code"]), str(fault["message"]), str(fault["name"]))
            self._run(values, body, mute=fault.get("what") == "mute")
        except Refused as error:
            self._fail(error.code, str(error))
        except ConnectionError:
            self.close_connection = True  # the client has left
        except RuntimeError as error:  # chDB's own
            told = str(error).removeprefix("Streaming query failed: ")
            code = _CODE.search(told)
            self._fail(int(code[1]) if code else 1000, told + "\n")

    def _run(self, values: Mapping[str, str], body: bytes, *, mute: bool) -> None:
        statement = values.get("query", "").encode()
        statement = statement + b"\n" + body if statement else body
        parameters = {name[6:]: value for name, value in values.items() if name.startswith("param_")}
        settings = {
            name: value for name, value in values.items() if name not in _NO_SETTINGS and not name.startswith("param_")
        }
        form = values.get("default_format", "TabSeparated")
        database = values.get("database") or "default"
        with self.house.session(values.get("session_id"), database, settings) as session:
            insert = _INSERT.match(statement)
            if insert is not None:
                _insert(session, statement, insert, parameters)
                answer = _once(b"")
            else:
                text = statement.decode()
                named = _FORMAT.search(text)
                form = named[1] if named else form
                if values.get("wait_end_of_query") == "1" or text.lstrip()[:6].upper() != "SELECT":
                    answer = _once(bytes(session.query(text, form, params=parameters or None).bytes()))
                else:
                    answer = _pieces(session, text, form, parameters)
            if mute:
                self.close_connection = True  # carried out, and nobody hears of it
                return
            with closing(answer):  # before its session is: a statement that outlives its session ends the engine
                self._answer(answer, form)

    def _answer(self, pieces: Iterator[bytes], form: str) -> None:
        """Send an answer in chunks; a failure before the first byte is still an error of its own."""
        first = next(pieces, b"")
        tag = uuid.uuid4().hex[:16]
        packed = "gzip" in self.headers.get("Accept-Encoding", "") and "enable_http_compression=1" in self.path
        self.send_response(200)
        self._named(form, tag)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        squeeze = zlib.compressobj(wbits=31) if packed else None
        try:
            self._chunk(first, squeeze)
            for piece in pieces:
                self._chunk(piece, squeeze)
        except RuntimeError as error:
            message = f"{error}\n"
            told = f"\r\n__exception__\r\n{tag}\r\n{message}{len(message)} {tag}\r\n__exception__\r\n"
            self._chunk(told.encode(), squeeze)
        if squeeze is not None:
            self._chunk(squeeze.flush(), None)
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, piece: bytes, squeeze: Any) -> None:
        if squeeze is not None and piece:
            piece = squeeze.compress(piece)
        for start in range(0, len(piece), _PIECE):
            part = piece[start : start + _PIECE]
            self.wfile.write(b"%x\r\n" % len(part) + part + b"\r\n")

    def _check(self, values: Mapping[str, str]) -> None:
        """Compare the credentials, wherever they stand."""
        given = (values.get("user", "default"), values.get("password", ""))
        header = self.headers.get("Authorization", "")
        if header.startswith("Basic "):
            user, _, password = base64.b64decode(header[6:]).decode().partition(":")
            given = (user, password)
        elif "X-ClickHouse-User" in self.headers:
            given = (self.headers["X-ClickHouse-User"], self.headers.get("X-ClickHouse-Key", ""))
        if given != self.house.credentials:
            raise Refused(516, f"{given[0]}: Authentication failed: password is incorrect", "AUTHENTICATION_FAILED")

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            read = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                read += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            read = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        match self.headers.get("Content-Encoding", "").lower():
            case "gzip":
                return gzip.decompress(read)
            case "deflate":
                return zlib.decompress(read)
            case "" | "identity":
                return read
            case other:
                raise Refused(48, f"Content-Encoding {other} is not built into this server", "NOT_IMPLEMENTED")

    def _form(self, body: bytes) -> tuple[dict[str, str], bytes]:
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return {}, body
        message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
        found = {}
        for part in message.iter_parts():
            data = part.get_payload(decode=True)
            name = part.get_param("name", header="content-disposition")
            found[str(name)] = data.decode() if isinstance(data, bytes) else ""
        return found, b""

    def _fail(self, code: int, message: str) -> None:
        self._send(_STATUS.get(code, 500), message.encode(), {"X-ClickHouse-Exception-Code": str(code)})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self._named("TabSeparated", "")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _named(self, form: str, tag: str) -> None:
        self.send_header("X-ClickHouse-Server-Display-Name", "testing")
        self.send_header("X-ClickHouse-Query-Id", str(uuid.uuid4()))
        self.send_header("X-ClickHouse-Format", form)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("X-ClickHouse-Summary", '{"read_rows":"0","read_bytes":"0","written_rows":"0"}')
        if tag:
            self.send_header("X-ClickHouse-Exception-Tag", tag)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
        """Say nothing of what goes well."""


def _insert(session: Any, statement: bytes, head: re.Match[bytes], parameters: Mapping[str, str]) -> None:
    """Carry out an INSERT whose rows follow it, from a file in memory."""
    named = head[1].decode()
    text = head[0].decode().rstrip()
    into = text[: len(text) - len(named)].rstrip()[: -len("FORMAT")].rstrip()
    place = re.search(r"\sSETTINGS\s", into)
    target, settings = (into[: place.start()], into[place.start() :]) if place else (into, "")
    descriptor = os.memfd_create("rows", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(statement[head.end() :])
        sql = f"{target} FROM INFILE '/proc/self/fd/{descriptor}'{settings} FORMAT {named}"
        session.query(sql, "TabSeparated", params=dict(parameters) or None)
    finally:
        os.close(descriptor)


def _once(data: bytes) -> Generator[bytes, None, None]:
    yield data


def _pieces(session: Any, text: str, form: str, parameters: Mapping[str, str]) -> Generator[bytes, None, None]:
    with session.send_query(text, form, params=dict(parameters) or None) as result:
        for piece in result:
            yield bytes(piece.bytes())


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def main() -> int:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", default="default")
    parser.add_argument("--password", default="")
    options = parser.parse_args()
    Handler.house = House(
        options.path, user=options.user, password=options.password, fault=options.path.with_suffix(".fault")
    )
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
