"""What is decided before anybody else is asked; its refusals are tested through the door in test_exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logwright.errors import LogwrightError
from logwright.gateway.admission import Admission
from logwright.gateway.message import Request

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig


def a_request(body: bytes, *headers: tuple[bytes, bytes]) -> Request:
    request = Request()
    request.headers = list(headers)
    request.body = [body]
    return request


def test_an_admitted_call_is_ready_to_send(rig: Rig) -> None:
    def admit() -> tuple[bytes, dict[str, int]]:
        admission = Admission(rig.house, "chat_completion")
        key = (b"authorization", b"Bearer " + rig.key.encode())
        data = admission.admit(a_request(b'{"model":"gpt-4o"}', key))
        busy = dict(rig.house.in_flight)
        admission.release()
        admission.release()
        return data, busy

    data, busy = rig.on_loop(admit)

    assert data.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert data.endswith(b'content-length: 18\r\n\r\n{"model":"gpt-4o"}')
    assert busy == {"prj_1": 1}
    assert rig.house.in_flight == {}


def test_what_was_read_is_let_go_once_it_is_decided_upon(rig: Rig) -> None:
    """Parsed, a body can take twenty times its bytes, and the provider's answer may be minutes away."""

    def admit() -> tuple[object, bytes]:
        admission = Admission(rig.house, "chat_completion")
        key = (b"authorization", b"Bearer " + rig.key.encode())
        admission.admit(a_request(b'{"model":"gpt-4o","messages":[[],[],[]]}', key))
        assert admission.call is not None
        return admission.call.body, admission.call.raw

    parsed, raw = rig.on_loop(admit)

    assert parsed == {}
    assert raw == b'{"model":"gpt-4o","messages":[[],[],[]]}'


def test_a_stranger_learns_nothing_about_what_was_sent(rig: Rig) -> None:
    def refuse() -> tuple[str, bool]:
        admission = Admission(rig.house, "chat_completion")
        try:
            admission.admit(a_request(b"not even json"))
        except LogwrightError as error:
            return error.code, admission.is_recorded
        raise AssertionError("it was admitted")

    assert rig.on_loop(refuse) == ("UNAUTHORIZED", False)
