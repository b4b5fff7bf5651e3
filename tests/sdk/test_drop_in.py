from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from logwright import AsyncOpenAI, OpenAI
from logwright.errors import InvalidRequest, Unauthorized
from logwright.sdk.options import ClientOptions, Destination
from logwright.sdk.reporter import shared_reporter
from logwright.testing.answers import ToolCall
from logwright.testing.report_door import ReportDoor
from logwright.testing.upstream import FakeUpstream

ASK: list[Any] = [{"role": "user", "content": "Where does this ticket go?"}]


@pytest.fixture
def ours(target: Destination) -> Iterator[ClientOptions]:
    options: ClientOptions = {
        "api_key": target.api_key,
        "base_url": target.base_url,
        "spool": target.spool,
        "flush_seconds": target.flush_seconds,
    }
    yield options
    shared_reporter(target).close()
    shared_reporter.cache_clear()


@pytest.fixture
def client(upstream: FakeUpstream, ours: ClientOptions) -> Iterator[OpenAI]:
    with closing(OpenAI(api_key="sk-1", base_url=upstream.base_url, max_retries=0, logwright=ours)) as client:
        yield client


Run = Callable[[Callable[[AsyncOpenAI], Any]], Any]


@pytest.fixture
def run(upstream: FakeUpstream, ours: ClientOptions) -> Run:
    """Run an asynchronous function with a client of its own."""

    async def with_client(do: Callable[[AsyncOpenAI], Any]) -> Any:
        async with AsyncOpenAI(api_key="sk-1", base_url=upstream.base_url, max_retries=0, logwright=ours) as client:
            return await do(client)

    return lambda do: asyncio.run(with_client(do))


# ------------------------------------------------------------------ direct calls


def test_a_direct_call_goes_to_openai_and_is_reported(client: OpenAI, upstream: FakeUpstream, door: ReportDoor) -> None:
    upstream.answers(text="To billing.")

    answer = client.chat.completions.create(
        model="gpt-5", messages=ASK, metadata={"prompt_id": "triage"}, logwright={"tags": {"env": "test"}}
    )

    assert answer.choices[0].message.content == "To billing."
    report = door.only()
    assert report["reqPayload"] == {"model": "gpt-5", "messages": ASK, "metadata": {"prompt_id": "triage"}}
    assert report["respPayload"]["choices"][0]["message"]["content"] == "To billing."
    assert report["respPayload"]["usage"] == answer.model_dump(exclude_unset=True)["usage"]
    assert report["statusCode"] == 200
    assert report["tags"]["env"] == "test"
    assert report["receivedAt"] >= report["requestedAt"]


def test_metadata_reach_openai_only_with_store(client: OpenAI, upstream: FakeUpstream, door: ReportDoor) -> None:
    """OpenAI refuses metadata unless the completion is stored; the log has them either way."""
    client.chat.completions.create(model="gpt-5", messages=ASK, metadata={"a": "1"})
    client.chat.completions.create(model="gpt-5", messages=ASK, metadata={"a": "1"}, store=True)

    assert [call.json.get("metadata") for call in upstream.calls] == [None, {"a": "1"}]
    assert [report.body["reqPayload"]["metadata"] for report in door.wait_for(2)] == [{"a": "1"}, {"a": "1"}]


def test_openai_sees_nothing_of_us(client: OpenAI, upstream: FakeUpstream) -> None:
    client.chat.completions.create(model="gpt-5", messages=ASK, logwright={"tags": {"a": "1"}})

    (call,) = upstream.calls
    assert call.json == {"model": "gpt-5", "messages": ASK}
    assert "logwright" not in json.dumps(dict(call.headers)).lower()
    assert not [name for name in call.headers if name.startswith("op-")]


def test_the_callers_objects_stay_as_they_were(client: OpenAI, door: ReportDoor) -> None:
    messages, tags, metadata = [{"role": "user", "content": "Hi"}], {"a": "1"}, {"b": "2"}
    options: Any = {"tags": tags}

    client.chat.completions.create(model="gpt-5", messages=messages, metadata=metadata, openpipe=options)
    messages[0]["content"] = "changed afterwards"

    assert (tags, metadata, options) == ({"a": "1"}, {"b": "2"}, {"tags": {"a": "1"}})
    assert door.only()["reqPayload"]["messages"][0]["content"] == "Hi"


def test_the_old_spelling_works(upstream: FakeUpstream, door: ReportDoor, ours: ClientOptions) -> None:
    with closing(OpenAI(api_key="sk-1", base_url=upstream.base_url, openpipe=ours)) as client:
        client.chat.completions.create(model="gpt-5", messages=ASK, openpipe={"tags": {"a": "1"}})

    assert door.only()["tags"]["a"] == "1"


@pytest.mark.parametrize(
    ("options", "more"),
    [({"log_request": False}, {}), ({}, {"store": False}), ({"log_request": False}, {"store": True})],
    ids=["log_request", "store", "log_request over store"],
)
def test_a_call_that_shall_not_be_recorded_is_not(client: OpenAI, door: ReportDoor, options: Any, more: Any) -> None:
    client.chat.completions.create(model="gpt-5", messages=ASK, logwright=options, **more)

    assert client.flush(10)
    assert door.reports == []


def test_an_unknown_option_is_refused_before_anything_is_sent(client: OpenAI, upstream: FakeUpstream) -> None:
    misspelled: Any = {"tag": {}}

    with pytest.raises(InvalidRequest, match="`tag` is unknown"):
        client.chat.completions.create(model="gpt-5", messages=ASK, logwright=misspelled)

    assert not upstream.calls


def test_without_a_key_of_logwright_calls_are_made_and_not_reported(
    upstream: FakeUpstream, door: ReportDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGWRIGHT_API_KEY", "OPENPIPE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with closing(OpenAI(api_key="sk-1", base_url=upstream.base_url, logwright={"base_url": door.url})) as client:
        assert client.chat.completions.create(model="gpt-5", messages=ASK).choices
        with pytest.raises(Unauthorized, match="LOGWRIGHT_API_KEY"):
            client.chat.completions.create(model="openai:gpt-5", messages=ASK)

    assert door.reports == []


class Route(BaseModel):
    team: str


def test_a_parsed_answer_is_an_object_for_the_caller_and_plain_in_the_log(
    client: OpenAI, upstream: FakeUpstream, door: ReportDoor
) -> None:
    upstream.answers(text='{"team": "billing"}')

    answer = client.chat.completions.parse(model="gpt-5", messages=ASK, response_format=Route)

    assert answer.choices[0].message.parsed == Route(team="billing")
    report = door.only()
    assert report["respPayload"]["choices"][0]["message"]["content"] == '{"team": "billing"}'
    assert "parsed" not in report["respPayload"]["choices"][0]["message"]
    assert report["reqPayload"]["response_format"]["json_schema"]["name"] == "Route"


def test_raw_responses_are_handed_out_as_asked(client: OpenAI, upstream: FakeUpstream, door: ReportDoor) -> None:
    raw = client.chat.completions.with_raw_response.create(model="gpt-5", messages=ASK)
    with client.chat.completions.with_streaming_response.create(model="gpt-5", messages=ASK) as streaming:
        streamed = json.loads(b"".join(streaming.iter_bytes()))

    assert raw.parse().choices[0].message.content == streamed["choices"][0]["message"]["content"]
    first, second = door.wait_for(2)
    assert second.body["respPayload"] == streamed
    assert first.body["respPayload"]["object"] == "chat.completion"


@pytest.mark.parametrize("kind", ["embeddings", "completions", "responses"])
def test_other_calls_are_reported_too(client: OpenAI, door: ReportDoor, kind: str) -> None:
    match kind:
        case "embeddings":
            client.embeddings.create(model="text-embedding-3-small", input="Hi", logwright={"tags": {"a": "1"}})
        case "completions":
            client.completions.create(model="gpt-5", prompt="Hi", logwright={"tags": {"a": "1"}})
        case _:
            client.responses.create(model="gpt-5", input="Hi", logwright={"tags": {"a": "1"}})

    report = door.only()
    assert report["statusCode"] == 200
    assert report["respPayload"]["object"] in {"list", "text_completion", "response"}
    assert report["tags"]["a"] == "1"


def test_a_changed_client_reports_to_the_same_place(client: OpenAI, door: ReportDoor) -> None:
    client.with_options(timeout=5).chat.completions.create(model="gpt-5", messages=ASK)

    assert door.only()["statusCode"] == 200


# ------------------------------------------------------------------ streams


def test_a_stream_is_reported_as_the_completion_it_makes(
    client: OpenAI, upstream: FakeUpstream, door: ReportDoor
) -> None:
    calls = [ToolCall(name="route", arguments='{"team": "billing"}'), ToolCall(name="close", id="call_2")]
    upstream.answers(text=None, tool_calls=calls)

    stream = client.chat.completions.create(
        model="gpt-5", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)

    report = door.only()
    message = report["respPayload"]["choices"][0]["message"]
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["route", "close"]
    assert message["tool_calls"][0]["function"]["arguments"] == '{"team": "billing"}'
    assert report["respPayload"]["choices"][0]["finish_reason"] == "tool_calls"
    assert chunks[-1].usage is not None
    assert report["respPayload"]["usage"]["total_tokens"] == chunks[-1].usage.total_tokens
    assert "errorMessage" not in report


def test_a_stream_that_is_left_early_is_reported_with_what_was_read(
    client: OpenAI, upstream: FakeUpstream, door: ReportDoor
) -> None:
    upstream.answers(chunks=["Once", " upon", " a", " time"], interval=0.05)

    with client.chat.completions.create(model="gpt-5", messages=ASK, stream=True) as stream:
        for chunk in stream:
            if chunk.choices[0].delta.content == " upon":
                break

    report = door.only()
    assert report["respPayload"]["choices"][0]["message"]["content"].startswith("Once upon")
    assert "stopped reading" in report["errorMessage"]


def test_a_stream_that_is_dropped_is_reported_when_it_is_collected(
    client: OpenAI, upstream: FakeUpstream, door: ReportDoor
) -> None:
    upstream.answers(chunks=["Once", " upon"], interval=0.05)
    stream = client.chat.completions.create(model="gpt-5", messages=ASK, stream=True)
    next(iter(stream))
    stream.response.close()
    del stream
    gc.collect()

    assert "stopped reading" in door.only()["errorMessage"]


def test_a_stream_that_breaks_off_is_reported_and_raises(
    client: OpenAI, upstream: FakeUpstream, door: ReportDoor
) -> None:
    upstream.fails("close-mid-body")

    with pytest.raises(openai.APIConnectionError):
        list(client.chat.completions.create(model="gpt-5", messages=ASK, stream=True))

    report = door.only()
    assert "broke off" in report["errorMessage"]
    assert report["statusCode"] == 200


def test_the_event_helpers_work_and_are_reported(client: OpenAI, upstream: FakeUpstream, door: ReportDoor) -> None:
    upstream.answers(text="To billing.")

    with client.chat.completions.stream(model="gpt-5", messages=ASK, logwright={"tags": {"a": "1"}}) as stream:
        answer = stream.get_final_completion()

    assert answer.choices[0].message.content == "To billing."
    report = door.only()
    assert report["respPayload"]["choices"][0]["message"]["content"] == "To billing."
    assert report["tags"]["a"] == "1"


def test_a_stream_of_responses_is_reported(client: OpenAI, upstream: FakeUpstream, door: ReportDoor) -> None:
    upstream.answers(text="To billing.")
    list(client.responses.create(model="gpt-5", input="Hi", stream=True))

    report = door.only()
    assert report["respPayload"]["object"] == "response"
    assert report["respPayload"]["output"][0]["content"][0]["text"] == "To billing."


# ------------------------------------------------------------------ failures


def test_an_error_of_the_provider_is_reported_and_raised_unchanged(
    client: OpenAI, upstream: FakeUpstream, door: ReportDoor
) -> None:
    upstream.answers(status=429, text="Slow down")

    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(model="gpt-5", messages=ASK)

    assert raised.value.status_code == 429
    report = door.only()
    assert report["statusCode"] == 429
    assert report["errorMessage"] == "Slow down"
    assert report["respPayload"]["error"]["message"] == "Slow down"


def test_a_timeout_is_reported_and_raised_unchanged(client: OpenAI, upstream: FakeUpstream, door: ReportDoor) -> None:
    upstream.answers(delay=5)

    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model="gpt-5", messages=ASK, timeout=0.2)

    report = door.only()
    assert "statusCode" not in report
    assert "timed out" in report["errorMessage"]
    assert report["reqPayload"]["messages"] == ASK


def test_a_provider_that_cannot_be_reached_is_reported(
    client: OpenAI, upstream: FakeUpstream, door: ReportDoor
) -> None:
    upstream.refuse()

    with pytest.raises(openai.APIConnectionError):
        client.chat.completions.create(model="gpt-5", messages=ASK)

    assert "statusCode" not in door.only()


def test_a_call_that_could_not_even_be_sent_is_not_reported(client: OpenAI, door: ReportDoor) -> None:
    with pytest.raises(TypeError):
        client.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": object()}])

    assert client.flush(10)
    assert door.reports == []


@pytest.mark.parametrize("state", ["down", "hangs", "garbage"])
def test_the_application_does_not_feel_the_state_of_logwright(client: OpenAI, door: ReportDoor, state: str) -> None:
    """A hundred calls take the same time whether reports are taken or not."""

    def hundred() -> float:
        began = time.perf_counter()
        for _ in range(100):
            client.chat.completions.create(model="gpt-5", messages=ASK)
        return time.perf_counter() - began

    hundred()
    healthy = hundred()
    if state == "down":
        door.close()
    elif state == "hangs":
        door.hang()
    else:
        door.answer = b"<html>"

    # Twice the time and a second leave room for a busy machine; one wait for a timeout would take longer.
    assert hundred() < 2 * healthy + 1


# ------------------------------------------------------------------ through the gateway


@pytest.fixture
def through(upstream: FakeUpstream) -> Iterator[OpenAI]:
    """A client whose Logwright is the upstream itself: what arrives there is what the gateway would get."""
    with closing(
        OpenAI(api_key="sk-1", base_url="http://127.0.0.1:9/v1", max_retries=0, logwright=_gateway(upstream))
    ) as client:
        yield client
    _forget(upstream)


def _gateway(upstream: FakeUpstream) -> ClientOptions:
    return {"api_key": "lwk_gateway", "base_url": upstream.url, "spool": None, "flush_seconds": 0.0}


def _forget(upstream: FakeUpstream) -> None:
    shared_reporter(Destination(base_url=upstream.url, api_key="lwk_gateway", spool=None, flush_seconds=0.0)).close()
    shared_reporter.cache_clear()


@pytest.mark.parametrize("model", ["openpipe:triage", "openai:gpt-5", "anthropic:claude-opus-4", "gemini:gemini-3"])
def test_a_prefixed_model_goes_through_the_gateway(through: OpenAI, upstream: FakeUpstream, model: str) -> None:
    through.chat.completions.create(
        model=model, messages=ASK, metadata={"a": "1"}, logwright={"tags": {"env": "test"}, "criteria": ["tone@v1"]}
    )

    (call,) = upstream.calls
    assert call.path == "/api/v1/chat/completions"
    assert call.headers["authorization"] == "Bearer lwk_gateway"
    assert call.json == {"model": model, "messages": ASK, "metadata": {"a": "1"}}
    assert json.loads(call.headers["op-tags"])["env"] == "test"
    assert call.headers["op-log-request"] == "true"
    assert json.loads(call.headers["op-criteria"]) == ["tone@v1"]
    assert "op-cache" not in call.headers


def test_a_call_with_cache_goes_through_the_gateway_whatever_its_model(through: OpenAI, upstream: FakeUpstream) -> None:
    chunks = through.chat.completions.create(
        model="gpt-5", messages=ASK, stream=True, logwright={"cache": "readWrite", "log_request": False}
    )

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    (call,) = upstream.calls
    assert call.headers["op-cache"] == "readWrite"
    assert call.headers["op-log-request"] == "false"


def test_embeddings_go_through_the_gateways_own_path(through: OpenAI, upstream: FakeUpstream) -> None:
    through.embeddings.create(model="openai:text-embedding-3-small", input="Hi")

    assert upstream.calls[0].path == "/v1/embeddings"


def test_a_gateway_client_needs_no_key_of_openai(upstream: FakeUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    with closing(OpenAI(logwright=_gateway(upstream))) as client:
        assert client.chat.completions.create(model="openai:gpt-5", messages=ASK).choices
        with pytest.raises(openai.OpenAIError, match="OPENAI_API_KEY"):
            client.chat.completions.create(model="gpt-5", messages=ASK)
    _forget(upstream)


def test_a_fallback_answers_directly_when_the_gateway_fails(upstream: FakeUpstream, door: ReportDoor) -> None:
    """The gateway answers 404 to the model; the fallback goes to OpenAI and is reported."""
    upstream.answers(text="From OpenAI.")
    door.status, door.answer = 404, b'{"message": "The model does not exist"}'
    ours: ClientOptions = {"api_key": "lwk_fb", "base_url": door.url, "spool": None, "flush_seconds": 0.0}
    with closing(OpenAI(api_key="sk-1", base_url=upstream.base_url, max_retries=0, logwright=ours)) as client:
        answer = client.chat.completions.create(
            model="openpipe:gone", messages=ASK, logwright={"fallback": {"model": "gpt-5", "timeout": 5}}
        )

        assert answer.choices[0].message.content == "From OpenAI."
        assert upstream.calls[0].json["model"] == "gpt-5"
        first, second = door.wait_for(2)
        assert first.path == "/api/v1/chat/completions"
        assert second.path == "/api/v1/report"
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="openpipe:gone", messages=ASK)
    target = Destination(base_url=door.url, api_key="lwk_fb", spool=None, flush_seconds=0.0)
    shared_reporter(target).close()
    shared_reporter.cache_clear()


# ------------------------------------------------------------------ asynchronously


def test_an_asynchronous_call_is_reported(run: Run, door: ReportDoor) -> None:
    async def do(client: AsyncOpenAI) -> str | None:
        answer = await client.chat.completions.create(model="gpt-5", messages=ASK, metadata={"a": "1"})
        return answer.choices[0].message.content

    text = run(do)

    report = door.only()
    assert report["respPayload"]["choices"][0]["message"]["content"] == text
    assert report["reqPayload"]["metadata"] == {"a": "1"}


def test_an_asynchronous_stream_is_reported(run: Run, door: ReportDoor) -> None:
    async def do(client: AsyncOpenAI) -> str:
        stream = await client.chat.completions.create(model="gpt-5", messages=ASK, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])

    text = run(do)

    assert door.only()["respPayload"]["choices"][0]["message"]["content"] == text


def test_an_asynchronous_stream_left_early_is_reported(run: Run, upstream: FakeUpstream, door: ReportDoor) -> None:
    upstream.answers(chunks=["Once", " upon", " a", " time"], interval=0.05)

    async def do(client: AsyncOpenAI) -> None:
        async with await client.chat.completions.create(model="gpt-5", messages=ASK, stream=True) as stream:
            async for chunk in stream:
                if chunk.choices[0].delta.content == " upon":
                    return

    run(do)

    report = door.only()
    assert report["respPayload"]["choices"][0]["message"]["content"].startswith("Once upon")
    assert "stopped reading" in report["errorMessage"]


def test_an_asynchronous_call_that_is_cancelled_is_reported(run: Run, upstream: FakeUpstream, door: ReportDoor) -> None:
    upstream.answers(delay=5)

    async def do(client: AsyncOpenAI) -> None:
        call = asyncio.ensure_future(client.chat.completions.create(model="gpt-5", messages=ASK))
        await asyncio.to_thread(upstream.wait_for_calls, 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    run(do)

    report = door.only()
    assert "gave up" in report["errorMessage"]
    assert report["reqPayload"]["model"] == "gpt-5"


def test_asynchronous_errors_and_parsing(run: Run, upstream: FakeUpstream, door: ReportDoor) -> None:
    upstream.answers(text='{"team": "billing"}').answers(status=500, text="Broken")

    async def do(client: AsyncOpenAI) -> Route | None:
        answer = await client.chat.completions.parse(model="gpt-5", messages=ASK, response_format=Route)
        with pytest.raises(openai.InternalServerError):
            await client.chat.completions.create(model="gpt-5", messages=ASK)
        return answer.choices[0].message.parsed

    assert run(do) == Route(team="billing")
    first, second = door.wait_for(2)
    assert first.body["statusCode"] == 200
    assert (second.body["statusCode"], second.body["errorMessage"]) == (500, "Broken")


def test_an_asynchronous_call_goes_through_the_gateway(upstream: FakeUpstream) -> None:
    async def do() -> None:
        async with AsyncOpenAI(api_key="sk-1", logwright=_gateway(upstream)) as client:
            stream = await client.chat.completions.create(model="openai:gpt-5", messages=ASK, stream=True)
            assert [chunk async for chunk in stream]

    asyncio.run(do())
    assert upstream.calls[0].path == "/api/v1/chat/completions"
    _forget(upstream)


# ------------------------------------------------------------------ the package


def test_importing_the_package_loads_nothing_heavy() -> None:
    script = "import sys, logwright; print([m for m in ('openai', 'httpx2', 'pydantic', 'chdb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_without_the_openai_package_the_message_says_what_to_install() -> None:
    script = """
import sys
sys.modules["openai"] = None
import logwright
try:
    logwright.OpenAI
except logwright.errors.MissingExtra as error:
    print(error)
logwright.Client(base_url="http://127.0.0.1:9").close()
"""
    done = subprocess.run(
        [sys.executable, "-c", "import logwright.errors\n" + script], capture_output=True, text=True, check=False
    )

    assert "pip install 'logwright[openai]'" in done.stdout, done.stderr
