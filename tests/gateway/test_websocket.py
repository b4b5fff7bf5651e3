"""A WebSocket reaches the application over a real socket, within bounds, and ends in order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

from logwright.gateway.websocket import MOST_MESSAGE_BYTES
from logwright.testing.websocket import WebSocketClient

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13\r\n\r\n"
)


class Parrot:
    """An application that repeats what it is told, and remembers how it ended."""

    def __init__(self) -> None:
        self.scope: Any = None
        self.ended: Any = None
        self.over = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "subprotocol": "parrot" if scope["subprotocols"] else None})
        while (told := await receive())["type"] == "websocket.receive":
            if told.get("text") == "bye":
                await send({"type": "websocket.close", "code": 4000, "reason": "bye"})
            else:
                await send({**told, "type": "websocket.send"})
        self.ended = told
        self.over.set()


@pytest.fixture
def parrot(rig: Rig) -> Parrot:
    rig.application = application = Parrot()
    return application


def overdue(rig: Rig) -> None:
    """Let the time pass that a peer may be silent."""

    def pass_by() -> None:
        for each in rig.house.connections:
            each.deadline = 0.0

    rig.on_loop(pass_by)


def test_messages_go_both_ways(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(f"{rig.url}/a%20b?x=1", headers={"x-test": "1"}, protocols=["other", "parrot"]) as client:
        assert client.accepted() == "parrot"
        client.send(TextMessage(data="Grüße"))
        assert client.text() == "Grüße"
        client.send(BytesMessage(data=b"\0\1", message_finished=False))
        client.send(BytesMessage(data=b"\2"))
        assert client.data() == b"\0\1\2"

    assert (parrot.scope["type"], parrot.scope["path"], parrot.scope["query_string"]) == ("websocket", "/a b", b"x=1")
    assert (b"x-test", b"1") in parrot.scope["headers"]


def test_frames_that_come_with_the_handshake_are_taken(rig: Rig, parrot: Parrot) -> None:
    connection = rig.raw(HANDSHAKE + b"\x81\x82\0\0\0\0hi")  # a masked frame of text, its mask all zeros

    got = b""
    while not got.endswith(b"\x81\x02hi"):
        got += connection.recv(4096)
    assert got.startswith(b"HTTP/1.1 101 ")


def test_a_client_says_goodbye_and_is_answered(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        client.send(CloseConnection(code=1000, reason="done"))
        assert client.closed() == (1000, "done")

    assert parrot.over.wait(5)
    assert parrot.ended == {"type": "websocket.disconnect", "code": 1000, "reason": "done"}


def test_an_application_says_goodbye(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        client.send(TextMessage(data="bye"))
        assert client.closed() == (4000, "bye")
        assert parrot.over.wait(5)


def test_an_application_learns_that_its_peer_left_without_a_word(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()

    assert parrot.over.wait(5)
    assert parrot.ended["code"] == 1006


def test_a_ping_is_answered_and_a_silent_peer_is_asked(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        client.send(Ping(payload=b"x"))
        assert bytes(client.next(Pong).payload) == b"x"
        overdue(rig)
        client.send(client.next(Ping).response())
        client.send(TextMessage(data="still here"))
        assert client.text() == "still here"


def test_a_peer_that_gives_no_sign_of_life_is_given_up(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        overdue(rig)
        client.next(Ping)
        overdue(rig)
        assert parrot.over.wait(5)
        assert parrot.ended["code"] == 1006


def test_a_message_that_is_too_large_ends_it(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        for _ in range(MOST_MESSAGE_BYTES // 1024 + 1):
            client.send(TextMessage(data="a" * 1024, message_finished=False))
        assert client.closed()[0] == 1009


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x02hi", 1002),  # not masked
        (b"\x83\x80\0\0\0\0", 1002),  # no such opcode
        (b"\x81\x81\0\0\0\0\xff", 1007),  # not UTF-8
        (b"\x89\xfe\x01\0\0\0\0\0" + b"a" * 256, 1002),  # a ping that is too long
    ],
)
def test_what_is_no_frame_ends_it_with_a_reason(rig: Rig, parrot: Parrot, frame: bytes, code: int) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        client.send_bytes(frame)
        assert client.closed()[0] == code


async def refuse(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close"})


async def refuse_in_words(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"content-length", b"4")]})
    await send({"type": "websocket.http.response.body", "body": b"No", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b".\n"})


def test_an_application_may_refuse(rig: Rig) -> None:
    for application, expected in ((refuse, (403, b"")), (refuse_in_words, (401, b"No.\n"))):
        rig.application = application
        with WebSocketClient(rig.url + "/") as client:
            assert client.refused() == expected


def test_an_application_that_fails_leaves_the_worker_standing(rig: Rig) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        raise RuntimeError("broken")

    rig.application = broken
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        assert client.closed()[0] == 1011

    assert rig.ask().status_code == 200


def test_an_application_waits_for_a_slow_reader(rig: Rig) -> None:
    sent = []

    async def large(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for number in range(400):
            await send({"type": "websocket.send", "bytes": b"a" * 100_000})
            sent.append(number)

    rig.application = large
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        client.data()
        assert len(sent) < 390
        for _ in range(399):
            assert len(client.data()) == 100_000


def test_a_server_that_stops_says_so(rig: Rig, parrot: Parrot) -> None:
    with WebSocketClient(rig.url + "/") as client:
        client.accepted()
        (connection,) = rig.house.connections
        rig.on_loop(connection.retire)
        assert client.closed()[0] == 1001


@pytest.mark.parametrize(
    "changed",
    [
        (b"sec-websocket-version: 13", b"sec-websocket-version: 12"),
        (b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", b""),
        (b"upgrade: websocket", b"upgrade: h2c"),
        (b"GET", b"POST"),
        (b"\r\n\r\n", b"\r\ncontent-length: 2\r\n\r\n"),
    ],
)
def test_a_handshake_that_is_none_is_refused(rig: Rig, parrot: Parrot, changed: tuple[bytes, bytes]) -> None:
    answer = rig.raw(HANDSHAKE.replace(*changed)).recv(4096)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert parrot.scope is None


def test_a_connection_that_served_pages_may_become_one(rig: Rig) -> None:
    connection = rig.raw(b"GET /page HTTP/1.1\r\nhost: a\r\n\r\n")
    page = b""
    while not page.endswith(b"0\r\n\r\n"):
        page += connection.recv(4096)
    rig.application = Parrot()
    connection.sendall(HANDSHAKE)

    assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
