"""The demonstration's two halves: a provider that answers everybody, and a company that calls."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx2

from logwright.testing.answers import Door
from logwright.testing.demo import play, provider
from logwright.testing.traffic import plan
from logwright.testing.upstream import FakeUpstream, Script

PATHS: dict[str, str] = {"chat": "/chat/completions", "messages": "/messages", "embeddings": "/embeddings"}


def test_the_provider_answers_each_plan_as_planned() -> None:
    quick = [planned for planned in map(plan, range(120)) if planned.seconds < 0.35]
    assert {planned.door for planned in quick} == set(PATHS)
    with provider() as running, httpx2.Client(base_url=running.base_url, trust_env=False, timeout=10) as web:
        for planned in quick:
            reply = web.post(PATHS[planned.door], json=dict(planned.request))
            assert reply.status_code == planned.status
            if planned.status == 200 and planned.door == "chat" and not planned.request.get("stream"):
                message = reply.json()["choices"][0]["message"]
                assert message["content"] == planned.said.text or message["tool_calls"]


def test_the_provider_greets_who_tries_it_by_hand() -> None:
    with provider() as running:
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Say hello"}]}
        reply = httpx2.post(f"{running.base_url}/chat/completions", json=body, trust_env=False)
        assert reply.json()["choices"][0]["message"]["content"].startswith("Hello!")


def test_history_is_reported_first_and_then_calls_are_made() -> None:
    """The gateway is a stand-in here that notes what arrives; the real one is called in the journeys."""
    reports: list[dict[str, Any]] = []

    async def scene(gateway: FakeUpstream) -> None:
        stop = asyncio.Event()
        playing = asyncio.create_task(play(gateway.url, "lwk_test", rate=200, stop=stop, history=30, seed=1))
        live = 0
        while live < 5:
            await asyncio.sleep(0.01)
            live = sum("/report" not in call.path for call in gateway.calls)
        stop.set()
        await playing

    def respond(door: Door, request: Mapping[str, Any], number: int) -> Script:
        return Script()

    with FakeUpstream(respond=respond) as gateway:
        asyncio.run(scene(gateway))
        calls = gateway.calls
    reports = [call.json for call in calls if "/report" in call.path]
    assert len(reports) == 30
    assert all("/report" in call.path for call in calls[:30])
    assert all(call.headers["authorization"] == "Bearer lwk_test" for call in calls)
    for report in reports:
        assert report["receivedAt"] > report["requestedAt"]
        assert ("errorMessage" in report) == (report["statusCode"] >= 400)
        assert "metadata" in report or "prompt_id" in report["reqPayload"]["metadata"]
    for call in calls[30:]:
        tags = json.loads(call.headers["op-tags"]) if "op-tags" in call.headers else call.json["metadata"]
        assert "prompt_id" in tags
