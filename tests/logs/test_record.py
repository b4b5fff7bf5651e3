"""The bytes of a record stay readable whatever is added to it later."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import pytest

from logwright.logs.record import LogRecord, decode, encode
from logwright.testing.factories import a_record

FIRST_FIELDS: Final = [
    "id",
    "project_id",
    "source",
    "kind",
    "requested_at",
    "received_at",
    "first_byte_at",
    "key_id",
    "provider",
    "provider_kind",
    "model",
    "upstream_model",
    "stream",
    "status",
    "error_kind",
    "error_message",
    "request",
    "response",
    "response_form",
    "response_truncated",
    "tags",
    "idempotency_key",
    "cache",
    "parent_id",
    "fallback_index",
]
"""The fields of 0.1.0; others may follow them, none may come between."""


def test_a_record_comes_back_as_it_was() -> None:
    record = a_record(tags={"env": "dev"}, response=b"\xff\x00 not text", response_truncated=True)
    assert decode(encode(record)) == record


def test_the_order_of_the_fields_is_that_of_the_first_release() -> None:
    """Journals on disk are arrays: a field that moves would make old ones say something else."""
    assert list(LogRecord.__struct_fields__[: len(FIRST_FIELDS)]) == FIRST_FIELDS


def test_a_record_of_an_older_release_lacks_its_end_and_is_readable() -> None:
    old = msgspec.msgpack.encode(["log_1", "prj_1", "gateway", "embedding", 17])
    record = decode(old)
    assert (record.id, record.requested_at, record.tags, record.status) == ("log_1", 17, {}, None)


def test_a_record_of_a_newer_release_has_more_at_its_end_and_is_readable() -> None:
    fields = msgspec.msgpack.decode(encode(a_record(id="log_1")))
    assert decode(msgspec.msgpack.encode([*fields, "something new"])).id == "log_1"


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"\x90", msgspec.msgpack.encode({"id": "x"})])
def test_what_is_no_record_is_refused(payload: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, msgspec.ValidationError)):
        decode(payload)


def test_a_record_written_today_stays_readable(request: pytest.FixtureRequest) -> None:
    """A record of the first release, kept as a file; it must decode for ever."""
    kept = Path(request.path).parent / "fixtures" / "record_0_1_0.msgpack"
    record = decode(kept.read_bytes())
    assert record.tags == {"prompt_id": "triage"}
    assert record.response_form == "sse"
    assert record.idempotency_key == "once"
