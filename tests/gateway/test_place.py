"""Where a call stands in its caller's work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logwright.errors import InvalidRequest
from logwright.gateway.place import NOWHERE, Place, place, span_of

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"


def test_a_traceparent_names_the_trace_and_the_step_that_made_the_call() -> None:
    assert place({b"traceparent": f"00-{TRACE}-{SPAN}-01".encode()}, {}) == Place(TRACE, SPAN, "")


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"rubbish",
        f"00-{'0' * 32}-{SPAN}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE.upper()}-{SPAN}-01".encode(),
        f"00-{TRACE}-{SPAN}".encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_traceparent_is_ignored(header: bytes) -> None:
    assert place({b"traceparent": header}, {}) == NOWHERE


def test_a_later_version_with_more_parts_is_read_as_far_as_it_is_known() -> None:
    assert place({b"traceparent": f"01-{TRACE}-{SPAN}-01-more".encode()}, {}).trace_id == TRACE


def test_a_session_is_named_by_its_header_or_by_the_metadata() -> None:
    tags = {"session_id": "from the body"}

    assert place({}, tags).session_id == "from the body"
    assert place({b"x-session-id": b"from the header"}, tags).session_id == "from the header"


def test_a_session_with_too_long_a_name_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match="256") as caught:
        place({b"x-session-id": b"x" * 257}, {})

    assert caught.value.param == "x-session-id"


def test_a_recorded_call_stands_in_its_trace_and_session(rig: Rig) -> None:
    rig.ask(b'{"model":"gpt-4o","messages":[]}', traceparent=f"00-{TRACE}-{SPAN}-01", x_session_id="chat-7")

    record = rig.notes.only()
    assert (record.trace_id, record.parent_id, record.session_id) == (TRACE, SPAN, "chat-7")
    assert record.span_id == span_of(record.id)


def test_a_call_without_a_place_has_none(rig: Rig) -> None:
    rig.ask(b'{"model":"gpt-4o","messages":[]}')

    record = rig.notes.only()
    assert (record.trace_id, record.span_id, record.parent_id, record.session_id) == ("", "", "", "")


def test_a_call_names_its_prompt_and_version(rig: Rig) -> None:
    rig.ask(b'{"model":"gpt-4o","messages":[]}', op_prompt="pr_1/prv_2")

    record = rig.notes.only()
    assert (record.prompt_id, record.version_id) == ("pr_1", "prv_2")


@pytest.mark.parametrize("header", [b"", b"pr_1", b"pr_1/", b"pr 1/prv_1", b"a/b/c", b"x" * 200 + b"/y"])
def test_a_prompt_that_is_not_named_by_both_ids_is_refused(header: bytes) -> None:
    with pytest.raises(InvalidRequest, match="op-prompt") as caught:
        place({b"op-prompt": header}, {})

    assert caught.value.param == "op-prompt"
