"""What the same machine does at the same time: the bare disk, and SQLite's full-text search on the same logs."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from logwright.logs.record import LogRecord


def write_speed(folder: Path, mebibytes: int = 512) -> float:
    """Write a file and sync it; return MB/s."""
    path = folder / "written"
    piece = os.urandom(1 << 20)
    began = time.perf_counter()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        for _ in range(mebibytes):
            os.write(descriptor, piece)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    took = time.perf_counter() - began
    path.unlink()
    return mebibytes * 1.048576 / took


@dataclass(frozen=True, slots=True, kw_only=True)
class Sqlite:
    """What SQLite with FTS5 did with a part of the logs."""

    logs: int
    per_second: float
    bytes_per_log: float
    rare_word: float
    """Milliseconds for page and count."""
    inside_a_word: float
    """Milliseconds; the index cannot help here."""


def sqlite_full_text(folder: Path, logs: Iterable[LogRecord], rare: str, inside: str) -> Sqlite:
    """Store logs in SQLite with a full-text index, in transactions of 1,000, and ask it two questions."""
    path = folder / "peer.db"
    database = sqlite3.connect(path)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE logs (id TEXT PRIMARY KEY, at INTEGER, model TEXT, status INTEGER, request TEXT, response TEXT);"
        "CREATE INDEX by_time ON logs (at);"
        "CREATE VIRTUAL TABLE bodies USING fts5 (request, response, content='logs', content_rowid='rowid');"
    )
    count = 0
    began = time.perf_counter()
    for log in logs:
        row = (log.id, log.requested_at, log.model, log.status, log.request.decode(), log.response.decode())
        cursor = database.execute("INSERT INTO logs VALUES (?, ?, ?, ?, ?, ?)", row)
        database.execute(
            "INSERT INTO bodies (rowid, request, response) VALUES (?, ?, ?)", (cursor.lastrowid, row[4], row[5])
        )
        count += 1
        if count % 1000 == 0:
            database.commit()
    database.commit()
    took = time.perf_counter() - began

    def timed(sql: str, *values: str) -> float:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            database.execute(sql, values).fetchall()
            times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times)

    rare_word = timed("SELECT count(*) FROM bodies WHERE bodies MATCH ?", rare)
    within = timed("SELECT count(*) FROM logs WHERE request LIKE ? OR response LIKE ?", f"%{inside}%", f"%{inside}%")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    database.close()
    return Sqlite(
        logs=count,
        per_second=count / took,
        bytes_per_log=size / max(count, 1),
        rare_word=rare_word,
        inside_a_word=within,
    )
