"""The hot path called from inside the process: the same answers, records and limits as over a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from logwright.errors import UpstreamUnreachable
from logwright.gateway import within
from logwright.gateway.within import Answer, Within

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig

T = TypeVar("T")
PATH = "/v1/chat/completions"
PATIENCE = 10.0


@pytest.fixture
def run(rig: Rig) -> Callable[[Coroutine[Any, Any, T]], T]:
    """Run a coroutine on the worker's loop."""

    def on_loop(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, rig._loop).result(PATIENCE)

    return on_loop


async def post(rig: Rig, **body: Any) -> Answer:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hello"}], **body}
    headers = {"authorization": f"Bearer {rig.key}", "content-type": "application/json"}
    return await Within(rig.house).post(PATH, headers, json.dumps(asked).encode())


async def whole(rig: Rig, **body: Any) -> tuple[int, dict[str, str], bytes]:
    answer = await post(rig, **body)
    return answer.status, answer.headers, await answer.body()


def test_a_call_from_inside_is_answered_and_recorded(rig: Rig, run: Callable[..., Any]) -> None:
    rig.upstream.answers(text="Hello.")
    status, headers, body = run(whole(rig))

    assert (status, json.loads(body)["choices"][0]["message"]["content"]) == (200, "Hello.")
    record = rig.notes.only()
    assert headers["x-logwright-log-id"] == record.id
    assert record.response == body
    assert not rig.house.connections


def test_a_stream_comes_in_pieces_and_ends(rig: Rig, run: Callable[..., Any]) -> None:
    rig.upstream.answers(chunks=["Once", " upon"])

    async def read() -> list[bytes]:
        answer = await post(rig, stream=True)
        return [piece async for piece in answer.pieces()]

    text = b"".join(run(read()))
    assert text.count(b"data: ") > 2
    assert text.rstrip().endswith(b"[DONE]")
    assert rig.notes.only().stream


def test_a_refusal_is_an_answer_too(rig: Rig, run: Callable[..., Any]) -> None:
    status, _, body = run(whole(rig, model="unknown"))

    assert status == 404
    assert "does not exist" in json.loads(body)["error"]["message"]


def test_hanging_up_ends_the_call_and_still_leaves_a_record(rig: Rig, run: Callable[..., Any]) -> None:
    rig.upstream.answers(chunks=["a"] * 50, interval=0.05)

    async def leave() -> None:
        answer = await post(rig, stream=True)
        async for _ in answer.pieces():
            break
        answer.hang_up()
        answer.hang_up()

    run(leave())
    assert rig.notes.only().error_kind == "client_disconnected"


def test_a_stream_that_breaks_off_is_not_taken_for_whole(rig: Rig, run: Callable[..., Any]) -> None:
    rig.upstream.answers(chunks=["a"] * 5, fault="reset-mid-body")

    with pytest.raises(UpstreamUnreachable, match="cut off"):
        run(whole(rig, stream=True))


def test_an_answer_waits_for_its_reader(rig: Rig, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The buffer is tiny: the call is held up until somebody reads, and still arrives whole."""
    monkeypatch.setattr(within, "BUFFER_BYTES", 1000)
    rig.upstream.answers(chunks=["x" * 900] * 40)

    async def read() -> int:
        answer = await post(rig, stream=True)
        while not answer._held:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.001)
        return (await answer.body()).count(b"x" * 900)

    assert run(read()) == 40
