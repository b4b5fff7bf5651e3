"""The callers that keep account, against a real server."""

from __future__ import annotations

import time

import pytest

from logwright.testing.load import Load, found, shortfall, wait_until
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream


def test_callers_know_what_was_acknowledged_and_the_server_has_it() -> None:
    with FakeUpstream(record=False) as upstream, Server(upstream=upstream) as server:
        with Load(server.port, server.key, callers=3) as load:
            wait_until(lambda: len(load.acknowledged) >= 30, 20, "thirty acknowledged calls")
        texts = found(server.url, server.key)
        assert shortfall(load, texts) == []
        assert len(load.acknowledged) == len(load.sent) == sum(texts.values())
        assert load.broken == 0
        with Load(server.port, "wrong key", callers=1) as refused:
            wait_until(lambda: refused.refused[401] > 0, 20, "a refusal")
        assert refused.acknowledged == {}


def test_what_is_wrong_is_told_call_by_call() -> None:
    load = Load(1, "key")
    load.sent = {"a", "b", "c"}
    load.acknowledged = {"a": 1.0, "b": 2.0}
    assert shortfall(load, {"b": 2, "x": 1}) == [
        "acknowledged and not found: a",
        "found 2 times: b",
        "found and never sent: x",
    ]
    assert shortfall(load, {"a": 1, "b": 1}) == []


def test_waiting_ends_with_words() -> None:
    assert wait_until(lambda: True, 1, "anything") < 1
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"the sun did not come true within 0\.05 seconds"):
        wait_until(lambda: False, 0.05, "the sun")
    assert time.monotonic() - began < 5
