"""The demonstration: a provider that needs no key, and a company's worth of traffic through the gateway.

Two processes, so that the calls are as real as any: `python -m logwright.testing.demo provider --port 9000`
and `python -m logwright.testing.demo play --url http://127.0.0.1:8700`, the key in `LOGWRIGHT_DEMO_KEY`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx2
import uvloop

from logwright.testing.answers import Door, Said, answer
from logwright.testing.events import dumps
from logwright.testing.traffic import Planned, plan, planned_for
from logwright.testing.upstream import FakeUpstream, Script

HISTORY: Final = 400
"""Calls of the last week that are reported before the live ones begin."""
_WEEK_SECONDS: Final = 7 * 24 * 3600
_AT_ONCE: Final = 8
_LIVE_SEED: Final = 1_000_000  # live calls follow the reported ones without repeating them


def provider(*, host: str = "127.0.0.1", port: int = 0) -> FakeUpstream:
    """Return the demonstration's provider, not started; it answers every call sensibly and keeps nothing."""
    return FakeUpstream(host=host, port=port, record=False, respond=_respond)


async def play(
    base_url: str, key: str, *, rate: float = 1.0, stop: asyncio.Event, history: int = HISTORY, seed: int = 1
) -> None:
    """Report a week of history in a burst, then call through the gateway `rate` times a second until `stop` is set.

    `base_url` is the gateway's address without a path. A call that fails stays failed: it is in the log, which is
    where a demonstration wants it.
    """
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(base_url=base_url, headers=headers, timeout=60.0, trust_env=False) as client:
        await _report_history(client, history, seed, stop)
        dice = random.Random(seed)  # noqa: S311 - variety, not secrecy
        running: set[asyncio.Task[None]] = set()
        number = _LIVE_SEED + seed
        while not stop.is_set():
            number += 1
            if len(running) < 4 * _AT_ONCE:
                task = asyncio.create_task(_call(client, plan(number)))
                running.add(task)
                task.add_done_callback(running.discard)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), dice.expovariate(rate))
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _report_history(client: httpx2.AsyncClient, count: int, seed: int, stop: asyncio.Event) -> None:
    """Report calls spread over the last week, busier by day than by night, oldest first."""
    dice = random.Random(seed)  # noqa: S311 - variety, not secrecy
    now = time.time()
    moments: list[float] = []
    while len(moments) < count:
        ago = dice.random() * _WEEK_SECONDS
        hour = (now - ago) / 3600 % 24
        if dice.random() < (1.0 if 8 <= hour < 18 else 0.25):
            moments.append(now - ago)
    waiting = iter([(seed + at, moment) for at, moment in enumerate(sorted(moments))])

    async def report() -> None:
        for number, moment in waiting:
            if stop.is_set():
                return
            with contextlib.suppress(httpx2.HTTPError):
                path, body = _reported(plan(number), moment, number)
                await client.post(path, json=body)

    await asyncio.gather(*(report() for _ in range(_AT_ONCE)))


def _reported(planned: Planned, moment: float, number: int) -> tuple[str, dict[str, Any]]:
    """Write a call as a caller would report it; return where to as well."""
    failed = planned.status >= 400
    request = dict(planned.request)
    body: dict[str, Any] = {
        "requestedAt": int(moment * 1000),
        "receivedAt": int((moment + (0.2 if failed else planned.seconds)) * 1000),
        "reqPayload": request,
        "respPayload": _error_body(planned) if failed else answer(planned.door, planned.said, request, number),
        "statusCode": planned.status,
    }
    if failed:
        body["errorMessage"] = planned.error
    if planned.door == "messages":
        return "/api/v1/report-anthropic", {**body, "metadata": dict(planned.tags)}
    request["metadata"] = dict(planned.tags)
    return "/api/v1/report", body


_PATHS: Final = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "embeddings": "/v1/embeddings"}


async def _call(client: httpx2.AsyncClient, planned: Planned) -> None:
    request = dict(planned.request)
    headers = {"op-tags": json.dumps(dict(planned.tags))}
    if planned.door == "chat":
        request["metadata"] = dict(planned.tags)
        headers = {}
    with contextlib.suppress(httpx2.HTTPError):
        async with client.stream("POST", _PATHS[planned.door], json=request, headers=headers) as reply:
            async for _ in reply.aiter_raw():
                pass


def _respond(door: Door, request: Mapping[str, Any], number: int) -> Script:
    """Answer as the scenario has planned, or in a friendly way to what is not one of them."""
    del number
    planned = planned_for(request)
    if planned is None:
        return Script(said=_friendly(door, request), delay=0.15, interval=0.02)
    if planned.status >= 400:
        headers = {"retry-after": "2"} if planned.status == 429 else {}
        return Script(status=planned.status, body=dumps(_error_body(planned)), headers=headers, delay=0.08)
    if request.get("stream") is True:
        return Script(said=planned.said, delay=min(planned.seconds, 1.0) / 2, interval=0.015)
    return Script(said=planned.said, delay=min(planned.seconds, 4.0))


def _friendly(door: Door, request: Mapping[str, Any]) -> Said:
    """Answer someone who tries the demonstration by hand."""
    asked = ""
    messages = request.get("messages")
    if isinstance(messages, list) and messages and isinstance(messages[-1], dict):
        asked = str(messages[-1].get("content") or "")
    text = (
        "Hello! I am the demonstration's own model: I cannot think, but this call was real. "
        "It went through the gateway and is in your log already."
    )
    if len(asked) > 40:
        text += f" You sent {len(asked)} characters."
    del door
    return Said(text=text, input_tokens=8 + len(asked) // 4, output_tokens=len(text) // 4)


def _error_body(planned: Planned) -> dict[str, Any]:
    """Write the error in the form of the provider that was asked."""
    if planned.door == "messages":
        kind = {429: "rate_limit_error", 400: "invalid_request_error"}.get(planned.status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": planned.error}}
    kind, code = {
        429: ("requests", "rate_limit_exceeded"),
        400: ("invalid_request_error", "content_filter"),
    }.get(planned.status, ("server_error", None))
    return {"error": {"message": planned.error, "type": kind, "param": None, "code": code}}


async def _play_until_stopped(url: str, key: str, rate: float, history: int, seed: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await play(url, key, rate=rate, stop=stop, history=history, seed=seed)


def main() -> None:
    """Run one half of the demonstration until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m logwright.testing.demo", description=__doc__)
    halves = parser.add_subparsers(dest="half", required=True)
    serving = halves.add_parser("provider", help="answer calls")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, required=True)
    playing = halves.add_parser("play", help="make calls; the key is read from LOGWRIGHT_DEMO_KEY")
    playing.add_argument("--url", required=True, help="the gateway's address without a path")
    playing.add_argument("--rate", type=float, default=1.0, help="calls a second")
    playing.add_argument("--history", type=int, default=HISTORY, help="calls of the last week to report first")
    playing.add_argument("--seed", type=int, default=1, help="another number, other calls")
    chosen = parser.parse_args()
    if chosen.half == "provider":
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(provider(host=chosen.host, port=chosen.port).serve())
        return
    key = os.environ.get("LOGWRIGHT_DEMO_KEY", "")
    if not key:
        parser.error("the project's key is expected in LOGWRIGHT_DEMO_KEY")
    uvloop.run(_play_until_stopped(chosen.url, key, chosen.rate, chosen.history, chosen.seed))


if __name__ == "__main__":
    main()
