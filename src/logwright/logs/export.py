"""Write logs to a file, whatever their number: read in batches, written as they come, bounded memory.

JSONL is OpenPipe's form (`input`, `output`, `tags`), into which the bodies go as
the text they are; nothing is parsed. The other forms are in `export_rows.py`.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

import msgspec

from logwright.blobs.types import BlobStore
from logwright.logs.media.inlining import each_with_media
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, Log, LogQuery

Format = Literal["jsonl", "csv", "parquet", "openai-sft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which of the matching logs an export holds."""

    remove_duplicates: bool = False
    """Leave out rows that are equal to an earlier one, byte for byte."""
    exclude_errors: bool = False
    """Leave out calls that failed or were answered by a status other than 2xx."""
    sample: int | None = None
    """Take this many of the matches, at random, each as likely as the other."""
    seed: int | None = None
    """The same seed takes the same sample, as long as no log is added or deleted."""


class Writer(Protocol):
    """Turns logs into the bytes of a file."""

    def rows(self, logs: Sequence[Log]) -> Sequence[bytes]:
        """Return one row for each log that has one in this form; equal rows are duplicates of each other."""

    def head(self) -> bytes:
        """Return what comes before the first row."""

    def body(self, rows: Sequence[bytes]) -> bytes:
        """Return what some rows add to the file."""

    def tail(self) -> bytes:
        """Return what comes after the last row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a format is called on the wire and in file names."""

    media_type: str
    suffix: str


KINDS: Final[dict[Format, Kind]] = {
    "jsonl": Kind(media_type="application/jsonl", suffix="jsonl"),
    "csv": Kind(media_type="text/csv; charset=utf-8", suffix="csv"),
    "parquet": Kind(media_type="application/vnd.apache.parquet", suffix="parquet"),
    "openai-sft": Kind(media_type="application/jsonl", suffix="jsonl"),
}


async def export(
    store: LogStore,
    project_id: str,
    query: LogQuery,
    form: Format,
    choice: Choice,
    *,
    inline: BlobStore | None = None,
) -> AsyncGenerator[bytes]:
    """Yield the file's bytes, newest log first. With `inline`, media from there stand in the bodies."""
    if choice.exclude_errors or form == "openai-sft":
        query = replace(query, clauses=(*query.clauses, *_SUCCESSFUL))
    keep = await _sampler(store, project_id, query, choice)
    writer = writer_for(form)
    seen: set[bytes] = set()
    if head := writer.head():
        yield head
    batches = store.iterate(project_id, query)
    if inline is not None:
        batches = each_with_media(batches, inline)
    try:
        async for batch in batches:
            rows = writer.rows([log for log in batch if keep()] if choice.sample is not None else batch)
            if choice.remove_duplicates:
                rows = [row for row in rows if _is_new(row, seen)]
            if rows and (written := writer.body(rows)):
                yield written
    finally:
        if isinstance(batches, AsyncGenerator):  # a reader that leaves early gives the store's stream back at once
            await batches.aclose()
    if tail := writer.tail():
        yield tail


def writer_for(form: Format) -> Writer:
    """Return a fresh writer of a format."""
    if form == "jsonl":
        return JsonLines()
    from logwright.logs import export_rows

    match form:
        case "csv":
            return export_rows.Csv()
        case "parquet":
            return export_rows.Parquet()
        case "openai-sft":
            return export_rows.OpenAiSft()


class JsonLines:
    """One line for each log: `{"input": request, "output": response, "tags": {...}}`."""

    def rows(self, logs: Sequence[Log]) -> Sequence[bytes]:
        """Splice the bodies in as they are."""
        return [
            b'{"input":%b,"output":%b,"tags":%b}\n' % (spliced(log.request), spliced(log.response), _encode(log.tags))
            for log in logs
        ]

    def head(self) -> bytes:
        """Return nothing: the form has no head."""
        return b""

    def body(self, rows: Sequence[bytes]) -> bytes:
        """Join the lines."""
        return b"".join(rows)

    def tail(self) -> bytes:
        """Return nothing: the form has no tail."""
        return b""


_encode: Final = msgspec.json.Encoder().encode
_BREAKS: Final = bytes.maketrans(b"\r\n", b"  ")

_SUCCESSFUL: Final = (
    Clause(field="error", operator="missing"),
    # Negated, because a report need not give a status, and is then taken at its word.
    Clause(field="status", operator=">=", values=(300,), negated=True),
    Clause(field="status", operator="<", values=(200,), negated=True),
)


def spliced(body: str) -> bytes:
    """Return JSON text as it can stand inside one line; `null` where there is none.

    Within JSON text a bare line break stands only between tokens, where a blank says the same.
    """
    if not body:
        return b"null"
    text = body.encode()
    return text.translate(_BREAKS) if b"\n" in text or b"\r" in text else text


def _is_new(row: bytes, seen: set[bytes]) -> bool:
    """Note a row by its digest, which costs about 100 bytes of memory a row whatever its length."""
    digest = hashlib.blake2b(row, digest_size=16).digest()
    if digest in seen:
        return False
    seen.add(digest)
    return True


async def _sampler(store: LogStore, project_id: str, query: LogQuery, choice: Choice) -> Callable[[], bool]:
    """Return a function that says of each match in turn whether it belongs to the sample.

    Selection sampling: the next of `left` matches is taken with probability `wanted / left`, which takes exactly the
    number wanted in one pass (Knuth, The Art of Computer Programming, vol. 2, 3.4.2, algorithm S).
    """
    if choice.sample is None:
        return lambda: True
    left = (await store.stats(project_id, query)).count
    wanted = min(choice.sample, left)
    chance = random.Random(choice.seed)  # noqa: S311 - a sample, not a secret

    def keep() -> bool:
        nonlocal left, wanted
        if wanted <= 0 or left <= 0:  # enough, or a log that came after the count
            return False
        taken = chance.random() * left < wanted
        left -= 1
        wanted -= taken
        return taken

    return keep
