"""The fake provider answers as it is told, over a real socket, and keeps what it received."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

import anthropic
import httpx2
import openai
import pytest

from logwright.testing.server import free_port
from logwright.testing.upstream import FakeUpstream, Said, Script, ToolCall

HELLO = [{"role": "user", "content": "Hello"}]


def client(upstream: FakeUpstream) -> openai.OpenAI:
    return openai.OpenAI(api_key="sk-test", base_url=upstream.base_url, max_retries=0, timeout=10)


def post(upstream: FakeUpstream, path: str = "/v1/chat/completions", **body: object) -> httpx2.Response:
    return httpx2.post(upstream.url + path, json={"model": "m", "messages": HELLO, **body}, trust_env=False, timeout=10)


def test_openais_client_reads_its_answers(upstream: FakeUpstream) -> None:
    upstream.answers(text="Hi there.", input_tokens=3)
    with client(upstream) as ai:
        chat = ai.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
        assert chat.choices[0].message.content == "Hi there."
        assert chat.usage is not None
        assert chat.usage.prompt_tokens == 3
        assert ai.completions.create(model="m", prompt="Once").choices[0].text == "Hi there."
        assert ai.responses.create(model="m", input="Hello").output_text == "Hi there."
        assert len(ai.embeddings.create(model="m", input=["a", "b"]).data) == 2
        assert "gpt-4o" in [model.id for model in ai.models.list()]


def test_openais_client_reads_its_streams(upstream: FakeUpstream) -> None:
    upstream.answers(chunks=["Once", " upon"])
    with client(upstream) as ai:
        chunks = list(ai.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], stream=True))
        assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "Once", " upon", None]
        with ai.responses.stream(model="m", input="x") as stream:
            assert stream.get_final_response().output_text == "Once upon"


def test_anthropics_client_reads_its_answers_and_streams(upstream: FakeUpstream) -> None:
    upstream.answers(said=Said(text="Sure.", tool_calls=[ToolCall(name="f", arguments='{"a": 1}')]))
    with anthropic.Anthropic(api_key="k", base_url=upstream.url, max_retries=0) as claude:
        message = claude.messages.create(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}])
        assert [block.type for block in message.content] == ["text", "tool_use"]
        with claude.messages.stream(model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}]) as stream:
            assert stream.get_final_message().content[1].type == "tool_use"
    assert "anthropic-version" in upstream.calls[0].headers


def test_answers_come_in_order_and_the_last_stays(upstream: FakeUpstream) -> None:
    upstream.answers(text="one").answers(status=429, text="slow down", headers={"retry-after": "3"}).answers(text="two")
    replies = [post(upstream) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 429, 200, 200]
    assert replies[1].headers["retry-after"] == "3"
    assert replies[1].json()["error"]["message"] == "slow down"
    assert replies[3].json()["choices"][0]["message"]["content"] == "two"


def test_what_was_received_is_kept(upstream: FakeUpstream) -> None:
    post(upstream, temperature=0.5)
    (call,) = upstream.wait_for_calls(1)
    assert (call.method, call.path, call.number) == ("POST", "/v1/chat/completions", 1)
    assert call.json["temperature"] == 0.5
    assert call.headers["content-type"] == "application/json"
    upstream.clear()
    assert upstream.calls == ()


def test_a_body_can_be_given_byte_for_byte(upstream: FakeUpstream) -> None:
    upstream.answers(body=b"<oops>", status=500, headers={"content-type": "text/html"})
    reply = post(upstream)
    assert (reply.status_code, reply.content, reply.headers["content-type"]) == (500, b"<oops>", "text/html")


def test_an_answer_can_be_delayed(upstream: FakeUpstream) -> None:
    upstream.answers(delay=timedelta(milliseconds=50))
    began = time.monotonic()
    post(upstream)
    assert time.monotonic() - began >= 0.05


def test_a_client_that_leaves_is_noted(upstream: FakeUpstream) -> None:
    upstream.answers(delay=30)
    with pytest.raises(httpx2.TimeoutException):
        httpx2.post(f"{upstream.base_url}/chat/completions", json={"model": "m"}, timeout=0.1, trust_env=False)
    (cancelled,) = upstream.wait_for_cancelled()
    assert cancelled.call.number == 1
    assert cancelled.at >= cancelled.call.at


def test_a_client_that_leaves_a_stream_is_noted(upstream: FakeUpstream) -> None:
    upstream.answers(interval=0.01, chunks=["word"] * 1000)
    url = f"{upstream.base_url}/chat/completions"
    with httpx2.stream("POST", url, json={"model": "m", "stream": True}, trust_env=False) as reply:
        next(reply.iter_raw())
    assert len(upstream.wait_for_cancelled()) == 1


def test_a_client_that_stays_is_not_noted(upstream: FakeUpstream) -> None:
    post(upstream, stream=True)
    post(upstream)
    assert upstream.cancelled == ()


def test_it_can_refuse_connections_and_take_them_again(upstream: FakeUpstream) -> None:
    upstream.refuse()
    with pytest.raises(httpx2.ConnectError):
        post(upstream)
    upstream.accept()
    assert post(upstream).status_code == 200


def test_an_unknown_path_is_404(upstream: FakeUpstream) -> None:
    assert post(upstream, path="/v1/nothing").status_code == 404


def test_an_unknown_fault_is_refused_at_once(upstream: FakeUpstream) -> None:
    with pytest.raises(ValueError, match="There is no fault 'resset'"):
        upstream.fails("resset")


def test_waiting_for_calls_that_do_not_come_ends(upstream: FakeUpstream) -> None:
    with pytest.raises(TimeoutError, match="0 of 1 calls came"):
        upstream.wait_for_calls(1, timeout=0.01)


def test_a_responder_decides_from_the_request() -> None:
    def respond(door: str, request: object, number: int) -> Script:
        return Script(said=Said(text=f"{door} {number}"))

    with FakeUpstream(respond=respond, record=False) as upstream:
        assert post(upstream).json()["choices"][0]["message"]["content"] == "chat 1"
        assert upstream.calls == ()


def test_a_port_that_is_taken_is_an_error() -> None:
    with FakeUpstream() as first, pytest.raises(OSError, match="in use"):
        FakeUpstream(port=first.port).start()


def test_it_must_run_before_it_can_refuse() -> None:
    with pytest.raises(RuntimeError, match="call start"):
        FakeUpstream().refuse()


def test_it_serves_on_a_loop_of_the_caller() -> None:
    async def ask() -> int:
        upstream = FakeUpstream(port=free_port())
        serving = asyncio.create_task(upstream.serve())
        async with httpx2.AsyncClient(trust_env=False) as web:
            while not upstream.open_connections:
                try:
                    status = (await web.get(f"{upstream.base_url}/models")).status_code
                except httpx2.ConnectError:
                    await asyncio.sleep(0.01)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return status

    assert asyncio.run(ask()) == 200


def test_it_runs_alone_as_a_program() -> None:
    port = free_port()
    command = [sys.executable, "-m", "logwright.testing.upstream", "--port", str(port), "--text-bytes", "100"]
    with subprocess.Popen(command) as process:
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    assert time.monotonic() < deadline
                    time.sleep(0.02)
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            reply = httpx2.post(url, json={"model": "m"}, trust_env=False)
            assert reply.json()["choices"][0]["message"]["content"] == "a" * 100
        finally:
            process.terminate()


def test_a_stream_is_held_while_its_client_does_not_read(upstream: FakeUpstream) -> None:
    body = b'{"model": "fault-endless-stream", "stream": true}'
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", upstream.port))
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        connection.recv(16)
        sent: list[Sequence[int]] = []
        while len(sent) < 5 or sent[-5:] != [sent[-1]] * 5:
            sent.append(upstream.streamed_bytes)
            time.sleep(0.05)

    assert 0 < sent[-1][0] < 16 * 1024 * 1024
