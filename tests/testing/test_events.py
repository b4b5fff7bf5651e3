"""Events as they go over the wire."""

from __future__ import annotations

from logwright.testing.events import data_event, named_event


def test_an_event_is_one_line_of_data_and_a_blank_one() -> None:
    assert data_event({"text": "é"}) == 'data: {"text":"é"}\n\n'.encode()


def test_an_event_may_be_named_by_its_type() -> None:
    assert named_event({"type": "ping"}) == b'event: ping\ndata: {"type":"ping"}\n\n'
