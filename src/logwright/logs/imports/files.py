"""Opening what is to be imported: files, folders and pipes of JSON, JSONL, CSV or Parquet, compressed or not.

A file is told by its first bytes, and only where these say nothing by its name.
Nothing is held whole but one item, whatever the size of the file; how far a
reading is shows in bytes of the file itself.
"""

from __future__ import annotations

import bisect
import csv
import gzip
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from logwright.errors import InvalidRequest
from logwright.logs.imports.base import Item

_PIECE: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_ZIP: Final = b"PK\x03\x04"
_PARQUET: Final = b"PAR1"
_MARK: Final = b"\xef\xbb\xbf"
_LISTS: Final = ("data", "records", "inferences", "spans", "observations", "traces", "logs")
"""Under these names a saved answer of an API lists its objects."""
_ENDINGS: Final = frozenset({".jsonl", ".ndjson", ".json", ".csv", ".parquet", ".gz", ".zst", ".zip"})
_ROWS: Final = 256
_LONGEST_CELL: Final = (1 << 31) - 1
_SHOWN: Final = 1000


class Source:
    """Files to import, one after the other; `-` is the standard input."""

    def __init__(self, paths: Sequence[str], *, pattern: str = "**/*") -> None:
        """Find the files; `pattern` says which ones of a folder.

        Raises:
            InvalidRequest: when one is not there, or a folder has none.
        """
        self.paths = [path for given in paths for path in _found(given, pattern)]
        self.total: int | None = None
        """Bytes of all files; None where one is a pipe."""
        if all(path.is_file() for path in self.paths):
            self.total = sum(path.stat().st_size for path in self.paths)
        self._starts: list[int] = []
        self._finished = 0
        self._open: IO[bytes] | None = None

    @property
    def done(self) -> int:
        """Bytes read so far."""
        try:
            return self._finished + (0 if self._open is None or self.total is None else self._open.tell())
        except ValueError:  # just closed
            return self._finished

    def items(self) -> Iterator[Item]:
        """Yield every item, numbered on from file to file; `place` tells which is which."""
        before = 0
        for path in self.paths:
            self._starts.append(before)
            last = 0
            for item in self._file(path):
                last = item.number
                yield Item(before + last, item.raw)
            before += last + 1

    def place(self, number: int) -> tuple[Path, int]:
        """Return the file of an item, and its line or position there."""
        index = bisect.bisect_left(self._starts, number) - 1
        return self.paths[max(index, 0)], number - self._starts[max(index, 0)]

    def _file(self, path: Path) -> Iterator[Item]:
        if str(path) == "-":
            yield from _read(sys.stdin.buffer, "")
            return
        try:
            with path.open("rb") as file:
                self._open = file
                yield from _read(file, path.name)
                self._finished += path.stat().st_size
        except OSError as error:
            raise InvalidRequest(f"{path} cannot be read: {error.strerror or error}") from error
        except (EOFError, zipfile.BadZipFile, gzip.BadGzipFile) as error:
            raise InvalidRequest(f"{path} is damaged or was cut short: {error}") from error
        finally:
            self._open = None


def _found(given: str, pattern: str) -> list[Path]:
    path = Path(given)
    if given == "-" or path.is_file() or path.is_fifo():
        return [path]
    if not path.is_dir():
        raise InvalidRequest(f"There is no file {given}")
    inside = [each for each in path.glob(pattern) if each.is_file() and each.suffix in _ENDINGS]
    if not inside:
        raise InvalidRequest(f"The folder {given} holds no file that could be imported ({pattern})")
    return sorted(inside, key=lambda each: [_by_number(part) for part in each.relative_to(path).parts])


def _by_number(part: str) -> tuple[int, int, str]:
    """Order `2.jsonl` before `10.jsonl`."""
    stem = part.partition(".")[0]
    return (0, int(stem), part) if stem.isdecimal() else (1, 0, part)


def _read(file: IO[bytes], name: str) -> Iterator[Item]:
    """Yield the items of one file, numbered from 1."""
    buffered = file if isinstance(file, io.BufferedReader) else _apart(file)
    head = buffered.peek(16)[:16]
    if head.startswith(_GZIP):
        with gzip.GzipFile(fileobj=buffered) as opened:
            yield from _read(_apart(opened), name.removesuffix(".gz"))
    elif head.startswith(_ZSTD):
        import pyarrow as pa

        with pa.CompressedInputStream(pa.PythonFile(buffered, mode="r"), "zstd") as opened:
            yield from _read(_apart(opened), name.removesuffix(".zst"))
    elif head.startswith(_ZIP):
        yield from _zip(buffered)
    elif head.startswith(_PARQUET):
        yield from _parquet(buffered)
    else:
        yield from _text(buffered, name)


class _Raw(io.RawIOBase):
    """What has only `read`, as a raw file that can be buffered."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._file.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _apart(file: Any) -> io.BufferedReader:
    """Buffer a file without owning it: who opened it closes it."""
    return io.BufferedReader(_Raw(file), _PIECE)


def _zip(file: IO[bytes]) -> Iterator[Item]:
    before = 0
    if not file.seekable():
        raise InvalidRequest("A zip archive cannot be read from a pipe; name it as a file")
    with zipfile.ZipFile(file) as archive:
        for entry in sorted(archive.infolist(), key=lambda each: each.filename):
            if entry.is_dir() or entry.filename.startswith("__MACOSX/"):
                continue
            last = 0
            with archive.open(entry) as opened:
                for item in _read(_apart(opened), entry.filename):
                    last = item.number
                    yield Item(before + last, item.raw)
            before += last


def _parquet(file: IO[bytes]) -> Iterator[Item]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not file.seekable():
        raise InvalidRequest("Parquet cannot be read from a pipe or from within an archive; name it as a file")
    number = 0
    try:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=_ROWS):
            for row in batch.to_pylist():
                number += 1
                yield Item(number, msgspec.json.encode(row, enc_hook=str))
    except pa.ArrowException as error:
        raise InvalidRequest(f"This is no whole Parquet file: {error}") from error


def _text(file: io.BufferedReader, name: str) -> Iterator[Item]:
    if file.peek(3)[:3] == _MARK:
        file.read(3)
    head = file.peek(_PIECE)[:_PIECE].lstrip()
    if not head:
        return
    if head.startswith(b"["):
        yield from _documents(file)
    elif head.startswith(b"{") and not name.endswith(".csv"):
        if _begins_with_line(head):
            yield from _lines(file)
        else:
            yield from _documents(file)
    else:
        yield from _csv(file)


def _begins_with_line(head: bytes) -> bool:
    """Tell lines from a document over several: the first line of such a one ends where more must follow."""
    line, end, _ = head.partition(b"\n")
    return not end or not line.rstrip().endswith((b"{", b"[", b",", b":"))


def _lines(file: io.BufferedReader) -> Iterator[Item]:
    number = 0
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        if number == 1 and (inner := _listed(line)) is not None:
            yield from (Item(at, raw) for at, raw in enumerate(inner, start=1))
            continue
        yield Item(number, line.strip())


def _listed(document: bytes) -> list[bytes] | None:
    """Return what an API's saved answer lists; None where it is not one."""
    try:
        found = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return None
    if "id" in found:
        return None
    for name in _LISTS:
        if bytes(found.get(name, b"")).startswith(b"["):
            return [bytes(each) for each in msgspec.json.decode(found[name], type=list[msgspec.Raw])]
    return None


def _documents(file: IO[bytes]) -> Iterator[Item]:
    """Yield the objects of a JSON array, or of documents over several lines, one at a time."""
    text = io.TextIOWrapper(_apart(file), "utf-8", errors="surrogateescape", newline="")
    decoder = json.JSONDecoder()
    buffer, at, number, size, in_array = "", 0, 0, _PIECE, False
    while True:
        at = _skip(buffer, at)
        if at >= len(buffer):
            buffer, at = text.read(size), 0
            if not buffer:
                return
            continue
        if buffer[at] in "[,]" and (in_array or number == 0):
            in_array = True
            at += 1
            continue
        try:
            _, end = decoder.raw_decode(buffer, at)
        except ValueError:
            more = text.read(size)
            if more:
                buffer, at, size = buffer[at:] + more, 0, size * 2
                continue
            yield Item(number + 1, buffer[at : at + _SHOWN].encode("utf-8", "surrogateescape"))
            return
        raw = buffer[at:end].encode("utf-8", "surrogateescape")
        at, size = end, _PIECE
        inner = None if in_array else _listed(raw)
        for each in [raw] if inner is None else inner:
            number += 1
            yield Item(number, each)


def _skip(buffer: str, at: int) -> int:
    while at < len(buffer) and buffer[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _csv(file: IO[bytes]) -> Iterator[Item]:
    csv.field_size_limit(_LONGEST_CELL)
    text = io.TextIOWrapper(_apart(file), "utf-8-sig", errors="replace", newline="")
    rows = csv.DictReader(text)
    if len(rows.fieldnames or ()) < 2:
        raise InvalidRequest("This is neither JSON, JSONL, CSV nor Parquet")
    for row in rows:
        yield Item(rows.line_num, msgspec.json.encode({name: value for name, value in row.items() if name}))
