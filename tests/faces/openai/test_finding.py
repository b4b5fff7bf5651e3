"""Which logs an id of OpenAI's API means."""

from __future__ import annotations

from logwright.faces.openai.finding import named
from logwright.logs.matching import matches
from logwright.testing.factories import a_log, a_row


def test_an_id_of_ours_means_the_log_and_any_other_the_completion() -> None:
    row = a_row(completion_id="chatcmpl-7")

    assert matches(row, named("chat_completion", row.id))
    assert matches(row, named("chat_completion", "chatcmpl-7"))
    assert not matches(row, named("chat_completion", "chatcmpl-8"))
    assert not matches(row, named("responses", row.id))


def test_a_call_that_failed_is_meant_by_no_id() -> None:
    row = a_row(error_kind="upstream_status")

    assert not matches(row, named("chat_completion", row.id))
    assert a_log().id != row.id
