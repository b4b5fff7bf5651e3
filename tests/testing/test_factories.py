"""Factories fill in everything but what a test is about."""

from __future__ import annotations

import json
from datetime import timedelta

from logwright.clock import to_micros
from logwright.logs.record import decode, encode
from logwright.testing.factories import START, a_completion, a_log, a_record, a_row


def test_records_follow_each_other_in_time_and_differ() -> None:
    first, second = a_record(), a_record()
    assert second.requested_at - first.requested_at == 1_000_000
    assert first.id != second.id
    assert decode(encode(first)) == first


def test_bodies_may_be_json_values_text_or_bytes() -> None:
    record = a_record(request={"ä": 1}, response=b"<oops>", response_form="text")
    assert record.request == '{"ä":1}'.encode()
    assert record.response == b"<oops>"
    assert a_row(response="plain").response == "plain"


def test_what_is_given_wins() -> None:
    row = a_row(tags={"env": "dev"}, status=500, cost=None)
    assert (row.tags, row.status, row.cost) == ({"env": "dev"}, 500, None)
    log = a_log(requested_at=START, model="m", response=a_completion("Hi"))
    assert log.requested_at == START
    assert log.model == "m"
    assert json.loads(log.response)["choices"][0]["message"]["content"] == "Hi"
    assert a_record(requested_at=START + timedelta(days=1)).requested_at == to_micros(START + timedelta(days=1))
