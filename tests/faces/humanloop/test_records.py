"""What is told becomes a record in the store's units."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from logwright.clock import to_micros
from logwright.faces.humanloop.records import Teller, fields_of, record_of
from logwright.faces.humanloop.requests import EvaluatorLog, FlowLog, PromptLog
from logwright.logs.record import LogRecord
from logwright.prompts.types import Edition, File, FileType, Version
from logwright.testing.factories import a_log

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
TELLER = Teller(project_id="proj", key_id="key", now=NOW)


def edition(type_: FileType = "prompt", **kernel: Any) -> Edition:
    file = File(id="pr_1", project_id="proj", type=type_, path="a", created_at=NOW, updated_at=NOW)
    version = Version(id="prv_1", project_id="proj", file_id="pr_1", kernel=kernel, created_at=NOW, created_by="key")
    return Edition(file, version, ())


def told(**fields: Any) -> LogRecord:
    return record_of(TELLER, edition(model="m", provider="openai"), PromptLog(**fields), parent=None)


def test_a_bare_log_is_of_now() -> None:
    record = told()

    assert (record.requested_at, record.received_at, record.told) == (to_micros(NOW), None, {})
    assert (record.prompt_id, record.version_id, record.model, record.provider) == ("pr_1", "prv_1", "m", "openai")
    assert (record.request, record.response_form, record.kind) == (b'{"model":"m"}', "none", "chat_completion")
    assert json.loads(record.details) == {"api": "humanloop", "created_at": "2026-01-01T12:00:00Z"}


def test_seconds_dollars_and_tokens_are_told_figures() -> None:
    record = told(
        prompt_tokens=1, output_tokens=2, reasoning_tokens=0, prompt_cost=0.5, output_cost=1, provider_latency=2
    )

    assert record.told == {
        "input_tokens": 1,
        "output_tokens": 2,
        "reasoning_tokens": 0,
        "input_cost": 0.5,
        "output_cost": 1,
        "latency": 2,
    }
    assert record.received_at == to_micros(NOW) + 2_000_000


def test_start_and_end_stand_above_the_latency() -> None:
    record = told(start_time=NOW, end_time=NOW + timedelta(seconds=3), provider_latency=1, created_at="2026-01-02")

    assert (record.requested_at, record.told["latency"]) == (to_micros(NOW), 3.0)
    assert json.loads(record.details)["created_at"] == "2026-01-02T00:00:00Z"


def test_text_beside_a_message_that_says_otherwise_is_kept() -> None:
    message = {"role": "assistant", "content": "a"}

    assert "output" not in json.loads(told(output_message=message, output="a").details)
    assert json.loads(told(output_message=message, output="b").details)["output"] == "b"


def test_the_trace_is_the_parents_or_begins_here() -> None:
    parent = a_log(id="log_p", trace_id="t")

    def trace(type_: FileType, body: Any, above: Any = None) -> tuple[str, str]:
        record = record_of(TELLER, edition(type_), body, parent=above)
        return record.trace_id, record.parent_id

    assert trace("flow", FlowLog(log_id="f")) == ("f", "")
    assert trace("prompt", PromptLog(trace_parent_id="log_p"), parent) == ("t", "log_p")
    assert trace("prompt", PromptLog(trace_parent_id="not-told-yet")) == ("not-told-yet", "not-told-yet")
    assert trace("evaluator", EvaluatorLog(parent_id="log_p"), parent) == ("t", "log_p")


def test_null_is_as_good_as_absent() -> None:
    assert fields_of(PromptLog(output=None, metadata={"a": None})) == {"metadata": {"a": None}}


def test_a_log_with_an_id_of_the_callers_cannot_be_told_twice() -> None:
    assert told(log_id="x").idempotency_key == told(log_id="x").idempotency_key != ""
    assert told().idempotency_key == ""
