"""What every provider that the registry finds must do, asked through the gateway in two languages.

The provider is the fake, which the vendors' own libraries read as theirs
(tests/clients/test_fake_upstream.py). What differs between two providers may show in
what is sent to them and nowhere else.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2
import pytest
from tests.gateway.conftest import Rig

from logwright.logs.record import LogRecord
from logwright.providers.registry import providers
from logwright.settings import Settings
from logwright.testing.answers import Said, ToolCall
from logwright.testing.upstream import FakeUpstream
from logwright.wire.assemble import assemble
from logwright.wire.usage import Usage, usage_of

BASES: Final = {
    "anthropic": "",
    "azure": "",
    "bedrock": "",
    "gemini": "/v1beta",
    "vertex": "/v1/projects/p/locations/l",
}
"""What the base URL ends in, where it is not `/v1`."""

MODELS: Final = {"vertex": ("gemini-test", "claude-test@1", "meta/llama-test"), "bedrock": ("anthropic.claude-v1:0",)}
"""Models that stand for forms of their own at one provider."""

PATHS: Final = {
    "chat_completion": "/v1/chat/completions",
    "messages": "/v1/messages",
    "responses": "/v1/responses",
}


class Way(NamedTuple):
    """A provider, a model there, and the language in which its callers ask."""

    provider: str
    model: str
    kind: str


WAYS: Final = [
    Way(name, model, kind)
    for name, provider in providers().items()
    for model in MODELS.get(name, ("a-model",))
    for kind in PATHS
    if kind != "responses" or "responses" not in getattr(provider, "paths", ())  # where it is passed on, it is theirs
]

CALLS: Final = [ToolCall(name="look", arguments='{"at": "the sky"}', id="call_1"), ToolCall(name="see", id="call_2")]
TOOLS: Final = {
    "chat_completion": [
        {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("look", "see")
    ],
    "messages": [{"name": name, "input_schema": {"type": "object"}} for name in ("look", "see")],
    "responses": [
        {"type": "function", "name": name, "parameters": {"type": "object"}, "strict": False}
        for name in ("look", "see")
    ],
}


class Asked(NamedTuple):
    """One call: what its caller got, what was recorded, and what the provider was sent."""

    answer: httpx2.Response
    record: LogRecord
    sent: Any


class Asking:
    """Asks one way."""

    def __init__(self, rig: Rig, way: Way) -> None:
        self.rig = rig
        self.way = way
        rig.models.kind = way.provider
        rig.models.base_url = rig.upstream.url + BASES.get(way.provider, "/v1")
        rig.upstream.clear()

    def __call__(self, **more: Any) -> Asked:
        self.rig.notes.records.clear()
        asks = [{"role": "user", "content": "Where does this go?"}]
        said = {"input": asks} if self.way.kind == "responses" else {"messages": asks, "max_tokens": 50}
        body = {"model": self.way.model, **said, **more}
        if more.get("stream") and self.way.kind == "chat_completion":
            body["stream_options"] = {"include_usage": True}
        answer = self.rig.ask(json.dumps(body).encode(), path=PATHS[self.way.kind])
        return Asked(answer, self.rig.notes.only(), self.rig.upstream.calls[-1].json if self.rig.upstream.calls else {})

    def said(self, answer: Any) -> tuple[str, list[tuple[str, str, Any]], str]:
        """Return the text, the calls and the reason for the end, in whichever language."""
        if self.way.kind == "responses":
            items = answer["output"]
            parts = [part for item in items if item["type"] == "message" for part in item["content"]]
            calls = [
                (item["call_id"], item["name"], json.loads(item["arguments"]))
                for item in items
                if item["type"] == "function_call"
            ]
            return "".join(part["text"] for part in parts), calls, answer["status"]
        if self.way.kind == "messages":
            blocks = answer["content"]
            text = "".join(block["text"] for block in blocks if block["type"] == "text")
            calls = [(block["id"], block["name"], block["input"]) for block in blocks if block["type"] == "tool_use"]
            return text, calls, answer["stop_reason"]
        choice = answer["choices"][0]
        calls = [
            (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            for call in choice["message"].get("tool_calls") or ()
        ]
        return choice["message"]["content"], calls, choice["finish_reason"]

    def words(self, chat: str, messages: str) -> str:
        return {"messages": messages, "responses": "completed"}.get(self.way.kind, chat)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder: Path = tmp_path_factory.mktemp("providers")
    with FakeUpstream() as upstream:
        made = Rig(folder, upstream, Settings(data=folder))
        made.start()
        yield made
        made.stop()


@pytest.fixture(params=WAYS, ids=lambda way: f"{way.kind} at {way.provider} {way.model}".replace("/", "."))
def asking(rig: Rig, request: pytest.FixtureRequest) -> Asking:
    return Asking(rig, request.param)


def told(answer: Any) -> Any:
    """Leave out what differs from call to call."""
    return {name: value for name, value in answer.items() if name not in {"id", "created", "created_at", "output"}}


def test_text_comes_back_with_its_reason_and_its_counts(asking: Asking) -> None:
    asking.rig.upstream.answers(text="To the data team.", cached_tokens=8)

    asked = asking()

    assert asked.answer.status_code == 200, asked.answer.text
    assert asking.said(asked.answer.json()) == ("To the data team.", [], asking.words("stop", "end_turn"))
    assert asked.record.response == asked.answer.content
    assert (asked.record.kind, asked.record.status, asked.record.error_kind) == (asking.way.kind, 200, "")
    usage = usage_of(asking.way.kind, asked.answer.json())
    assert usage == Usage(input_tokens=24, output_tokens=16, cached_tokens=8)


def test_several_calls_of_tools_come_back_at_once(asking: Asking) -> None:
    asking.rig.upstream.answers(chunks=["I look."], tool_calls=CALLS)

    asked = asking(tools=TOOLS[asking.way.kind])

    text, calls, reason = asking.said(asked.answer.json())
    assert text == "I look."
    assert calls == [("call_1", "look", {"at": "the sky"}), ("call_2", "see", {})]
    assert reason == asking.words("tool_calls", "tool_use")
    assert "look" in json.dumps(asked.sent)
    assert asking.way.model in json.dumps(asked.sent) or asking.way.provider in {"azure", "bedrock", "gemini", "vertex"}


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_an_assembled_stream_is_the_whole_answer(asking: Asking, finish: str) -> None:
    said = Said(chunks=["Once", " upon"], reasoning="Hm.", finish=finish, cached_tokens=8)
    asking.rig.upstream.answers(said=said)

    whole, streamed = asking(), asking(stream=True)

    assert streamed.answer.headers["content-type"].startswith("text/event-stream")
    expected = told(whole.answer.json())
    quirks = providers()[asking.way.provider].quirks
    if quirks is not None and "stream_options" in quirks.leaves_out:
        # It counts without being asked to, as the fake does not.
        expected.pop("usage")
    put_together = assemble(asking.way.kind, streamed.answer.content)
    assert asking.said(put_together) == asking.said(whole.answer.json())
    assembled = told(put_together)
    assert {name: value for name, value in assembled.items() if name in expected} == expected
    assert streamed.record.response_form == "sse"
    assert streamed.record.error_kind == ""


def test_a_stream_brings_several_calls_whole(asking: Asking) -> None:
    asking.rig.upstream.answers(tool_calls=CALLS)

    asked = asking(stream=True, tools=TOOLS[asking.way.kind])

    _, calls, reason = asking.said(assemble(asking.way.kind, asked.answer.content))
    assert calls == [("call_1", "look", {"at": "the sky"}), ("call_2", "see", {})]
    assert reason == asking.words("tool_calls", "tool_use")


@pytest.mark.parametrize("status", [401, 429, 503])
def test_an_error_keeps_its_status_and_its_words(asking: Asking, status: int) -> None:
    asking.rig.upstream.answers(status=status, text="The words.", headers={"retry-after": "3"})

    asked = asking()

    assert (asked.answer.status_code, asked.answer.headers["retry-after"]) == (status, "3")
    assert asked.answer.json()["error"]["message"] == asked.answer.json()["message"] == "The words."
    assert (asked.record.status, asked.record.error_kind) == (status, "upstream_status")
    assert asked.record.error_message == "The words."
    if asking.way.kind == "messages":
        assert asked.answer.json()["type"] == "error"


@pytest.mark.parametrize(
    ("fault", "streamed", "kind"),
    [
        ("reset-before-head", False, "upstream_unreachable"),
        ("bad-json", False, "upstream_malformed"),
        ("not-json", False, "upstream_malformed"),
        ("reset-mid-body", True, "upstream_cut"),
    ],
)
def test_a_fault_is_recorded_by_its_kind(asking: Asking, fault: str, streamed: bool, kind: str) -> None:
    asking.rig.upstream.fails(fault)
    asking.rig.notes.records.clear()

    with contextlib.suppress(httpx2.RemoteProtocolError):
        asking(stream=streamed)

    assert asking.rig.notes.only().error_kind == kind
    assert asking.rig.house.in_flight == {}


def test_what_a_provider_cannot_take_is_named_before_it_is_asked(asking: Asking) -> None:
    """Every provider with a form of its own names a field that no API has; the others pass it on (OP-48)."""
    asked = asking(a_field_of_no_api=1)

    if asked.answer.status_code == 200:
        assert asked.sent["a_field_of_no_api"] == 1
    else:
        assert asked.answer.json()["error"]["param"] == "a_field_of_no_api"
        assert asked.record.error_kind == "refused"
        assert asking.rig.upstream.calls == ()
