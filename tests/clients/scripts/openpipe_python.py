"""Drives the published Python client of OpenPipe through all that it can do with logs; prints what it saw as JSON.

Runs in the client's own environment, which has nothing of ours. Arguments are
one JSON object: `mode` (sync or async), `url` and `key` of the server, `openai`
(a provider to call directly), `anthropic` (the same, Anthropic's form), `run` (a
tag that all logs get).
"""

import asyncio
import inspect
import json
import sys
import time

import anthropic
import openai
from openpipe import AsyncOpenAI, AsyncOpenPipe, OpenAI, OpenPipe
from openpipe.api_client.core.api_error import ApiError

GIVEN = json.loads(sys.argv[1])
IS_ASYNC = GIVEN["mode"] == "async"
SERVER = {"api_key": GIVEN["key"], "base_url": GIVEN["url"]}
NO_RETRIES = {"max_retries": 0}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "route",
            "parameters": {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]},
        },
    }
]


async def settle(value):
    return await value if inspect.isawaitable(value) else value


async def all_of(stream):
    return [chunk async for chunk in stream] if hasattr(stream, "__aiter__") else list(stream)


def text_of(chunks):
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def ask(scenario, **more):
    return {
        "messages": [{"role": "user", "content": f"Where does this ticket go? ({scenario})"}],
        "metadata": {"run": GIVEN["run"], "scenario": scenario},
        **more,
    }


def openpipe_client():
    return (AsyncOpenPipe if IS_ASYNC else OpenPipe)(**SERVER)


def client(**more):
    fallback = (openai.AsyncOpenAI if IS_ASYNC else openai.OpenAI)(
        api_key="provider-key", base_url=GIVEN["openai"], **NO_RETRIES
    )
    made = AsyncOpenAI if IS_ASYNC else OpenAI
    options = {"openpipe": {**SERVER, "fallback_client": fallback}, **NO_RETRIES, **more}
    return made(api_key="provider-key", base_url=GIVEN["openai"], **options)


def millis():
    return int(time.time() * 1000)


async def report():
    answered = {
        "id": f"chatcmpl-{GIVEN['run']}",
        "object": "chat.completion",
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "one"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 28, "total_tokens": 39},
    }
    asked = ask("report", model="gpt-4o")
    said = await settle(
        openpipe_client().report(
            requested_at=millis() - 1500,
            received_at=millis(),
            req_payload=asked,
            resp_payload=answered,
            status_code=200,
            tags={"number": 1, "truth": True, "nothing": None},
        )
    )
    return {"status": said.status, "asked": asked, "answered": answered}


async def report_nothing_but_a_time():
    said = await settle(
        openpipe_client().report(req_payload=ask("report-bare", model="gpt-4o"), resp_payload=None, tags={})
    )
    return {"status": said.status}


async def report_anthropic():
    provider = (anthropic.AsyncAnthropic if IS_ASYNC else anthropic.Anthropic)(
        api_key="provider-key", base_url=GIVEN["anthropic"]
    )
    asked = {
        "model": "claude-3-5-sonnet-20241022",
        "max_tokens": 100,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "Hello, Claude"}],
    }
    answered = await settle(provider.messages.create(**asked))
    tags = {"run": GIVEN["run"], "scenario": "report-anthropic"}
    # The asynchronous form has no metadata; tags do the same for both.
    said = await settle(
        openpipe_client().report_anthropic(
            requested_at=millis() - 1000,
            received_at=millis(),
            req_payload=asked,
            resp_payload=answered,
            status_code=200,
            tags=tags,
        )
    )
    return {"status": said.status, "text": answered.content[0].text, "id": answered.id}


async def update_metadata():
    api = openpipe_client()
    await settle(api.report(req_payload=ask("update", model="gpt-4o"), resp_payload=None, tags={"old": "1"}))
    filters = [
        {"field": "metadata.run", "equals": GIVEN["run"]},
        {"field": "metadata.scenario", "equals": "update"},
        {"field": "model", "equals": "gpt-4o"},
    ]
    changed = await settle(api.update_log_metadata(filters=filters, metadata={"new": "2", "old": None}))
    other = await settle(
        api.update_log_metadata(
            filters=[{"field": "completionId", "equals": "nothing-has-this"}], metadata={"new": "3"}
        )
    )
    return {"matched": changed.matched_logs, "matched_nothing": other.matched_logs}


async def update_tags():
    api = openpipe_client()
    await settle(api.report(req_payload=ask("update-tags", model="gpt-4o"), resp_payload=None, tags={"old": "1"}))
    changed = await settle(
        api.update_log_tags(
            filters=[
                {"field": "tags.run", "equals": GIVEN["run"]},
                {"field": "tags.scenario", "equals": "update-tags"},
            ],
            tags={"number": 3, "truth": False, "old": None},
        )
    )
    return {"matched": changed.matched_logs}


async def check_cache():
    answered = await settle(openpipe_client().base_client.check_cache(requested_at=millis(), req_payload={}, tags={}))
    return {"resp_payload": answered.resp_payload}


async def errors():
    """Refusals of our own, as the client's exception shows them."""
    found = {}
    wrong_key = (AsyncOpenPipe if IS_ASYNC else OpenPipe)(api_key="lwk_wrong", base_url=GIVEN["url"])
    read_only = (AsyncOpenPipe if IS_ASYNC else OpenPipe)(api_key=GIVEN["read_key"], base_url=GIVEN["url"])
    attempts = {
        "wrong_key": lambda: wrong_key.report(req_payload={}, tags={}),
        "read_only": lambda: read_only.report(req_payload={}, tags={}),
        "bad_report": lambda: openpipe_client().report(status_code="odd", tags={}),
        "bad_anthropic": lambda: openpipe_client().report_anthropic(req_payload={"model": "m"}, tags={}),
        "unknown_field": lambda: openpipe_client().update_log_metadata(
            filters=[{"field": "modle", "equals": "a"}], metadata={"a": "b"}
        ),
    }
    for name, attempt in attempts.items():
        try:
            await settle(attempt())
        except ApiError as error:
            found[name] = {"status": error.status_code, "body": error.body}
    return found


async def direct():
    made = await settle(client().chat.completions.create(**ask("direct", model="gpt-4o"), openpipe={"tags": {"n": 1}}))
    return {"text": made.choices[0].message.content, "id": made.id}


async def direct_stream():
    stream = await settle(client().chat.completions.create(**ask("direct-stream", model="gpt-4o"), stream=True))
    return {"text": text_of(await all_of(stream))}


async def direct_unrecorded():
    made = await settle(
        client().chat.completions.create(**ask("direct-unrecorded", model="gpt-4o"), openpipe={"log_request": False})
    )
    return {"text": made.choices[0].message.content}


async def direct_error():
    try:
        await settle(client().chat.completions.create(**ask("direct-error", model="fault-status-429")))
    except openai.APIStatusError as error:
        return {"status": error.status_code, "message": error.body["message"]}
    return {}


async def proxied():
    made = await settle(
        client().chat.completions.create(
            **ask("proxied", model="openai:gpt-4o"), openpipe={"tags": {"n": 1, "b": True, "nothing": None}}
        )
    )
    return {"text": made.choices[0].message.content, "id": made.id, "usage": made.usage.total_tokens}


async def proxied_stream():
    stream = await settle(client().chat.completions.create(**ask("proxied-stream", model="openai:gpt-4o"), stream=True))
    chunks = await all_of(stream)
    return {"text": text_of(chunks), "with_usage": sum(chunk.usage is not None for chunk in chunks)}


async def proxied_tools():
    made = await settle(
        client().chat.completions.create(**ask("proxied-tools", model="openpipe:toolbox/gpt-4o"), tools=TOOLS)
    )
    called = made.choices[0].message.tool_calls[0].function
    return {"name": called.name, "arguments": called.arguments, "finish": made.choices[0].finish_reason}


async def proxied_tools_stream():
    stream = await settle(
        client().chat.completions.create(
            **ask("proxied-tools-stream", model="openpipe:toolbox/gpt-4o"), tools=TOOLS, stream=True
        )
    )
    parts = [call.function for chunk in await all_of(stream) if chunk.choices
             for call in chunk.choices[0].delta.tool_calls or []]  # fmt: skip
    return {"name": parts[0].name, "arguments": "".join(part.arguments or "" for part in parts)}


async def proxied_unrecorded():
    made = await settle(
        client().chat.completions.create(
            **ask("proxied-unrecorded", model="openai:gpt-4o"), openpipe={"log_request": False}
        )
    )
    return {"text": made.choices[0].message.content}


async def proxied_error():
    try:
        await settle(client().chat.completions.create(**ask("proxied-error", model="openai:fault-status-429")))
    except openai.APIStatusError as error:
        return {"status": error.status_code, "message": error.body["message"]}
    return {}


async def unknown_model():
    try:
        await settle(client().chat.completions.create(**ask("unknown-model", model="openpipe:nobody/has-this")))
    except openai.NotFoundError as error:
        return {"status": error.status_code, "message": error.body["message"]}
    return {}


async def fallback():
    made = await settle(
        client().chat.completions.create(
            **ask("fallback", model="openpipe:nobody/has-this"),
            openpipe={"fallback": {"model": "gpt-4o-mini", "timeout": 30}},
        )
    )
    return {"text": made.choices[0].message.content, "model": made.model}


async def parsed():
    from pydantic import BaseModel

    class Route(BaseModel):
        team: str

    made = client()
    chat = made.chat if GIVEN["version"].startswith("5") else made.beta.chat
    answered = await settle(
        chat.completions.parse(**ask("parsed", model="openpipe:jsonic/gpt-4o"), response_format=Route)
    )
    return {"team": answered.choices[0].message.parsed.team}


SCENARIOS = [
    report,
    report_nothing_but_a_time,
    report_anthropic,
    update_metadata,
    update_tags,
    check_cache,
    errors,
    direct,
    direct_stream,
    direct_unrecorded,
    direct_error,
    proxied,
    proxied_stream,
    proxied_tools,
    proxied_tools_stream,
    proxied_unrecorded,
    proxied_error,
    unknown_model,
    fallback,
    parsed,
]


async def main():
    seen = {}
    for scenario in SCENARIOS:
        try:
            seen[scenario.__name__] = await scenario()
        except Exception as error:  # the test that looks at this scenario shows it
            seen[scenario.__name__] = {"raised": f"{type(error).__name__}: {error}"}
    print(json.dumps(seen))


asyncio.run(main())
