"""The client speaks to whatever serves WebSockets; the gateway's own tests are driven by it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, Request, TextMessage

from logwright.testing.websocket import WebSocketClient


@pytest.fixture
def url() -> Iterator[str]:
    """Serve one connection that accepts, and says what it was asked for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener,))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def _serve(listener: socket.socket) -> None:
    peer, _ = listener.accept()
    with peer:
        frames = WSConnection(ConnectionType.SERVER)
        frames.receive_data(peer.recv(65_536))
        (asked,) = frames.events()
        assert isinstance(asked, Request)
        if asked.target == "/refused":
            peer.sendall(frames.send(RejectConnection(status_code=404)))
        else:
            peer.sendall(frames.send(AcceptConnection(subprotocol=asked.subprotocols[0])))
            peer.sendall(frames.send(TextMessage(data=asked.target, message_finished=False)))
            peer.sendall(frames.send(TextMessage(data="!")))


def test_it_shows_the_handshake_and_puts_messages_together(url: str) -> None:
    with WebSocketClient(f"{url}/path?x=1", headers={"x-test": "yes"}, protocols=["first", "second"]) as client:
        assert client.accepted() == "first"
        assert client.text() == "/path?x=1!"


def test_an_event_of_another_kind_fails_the_test(url: str) -> None:
    with (
        WebSocketClient(f"{url}/refused", protocols=["first"]) as client,
        pytest.raises(AssertionError, match="expected AcceptConnection, got RejectConnection"),
    ):
        client.accepted()
