from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from logwright.errors import InvalidRequest, Unavailable
from logwright.sdk.async_client import AsyncClient, AsyncLogs
from logwright.sdk.client import Client, Logs
from logwright.testing.server import Server, free_port

NOW = time.time_ns() // 1_000_000


def run(server: Server, do: Callable[[AsyncClient], Awaitable[Any]]) -> Any:
    async def with_client() -> Any:
        async with AsyncClient(api_key=server.key, base_url=server.url) as client:
            return await do(client)

    return asyncio.run(with_client())


@pytest.mark.parametrize(("ours", "other"), [(AsyncClient, Client), (AsyncLogs, Logs)], ids=["client", "logs"])
def test_both_clients_offer_the_same(ours: type, other: type) -> None:
    def offer(kind: type) -> dict[str, list[str]]:
        public = {name: value for name, value in vars(kind).items() if callable(value) and not name.startswith("_")}
        return {name: list(inspect.signature(value).parameters) for name, value in public.items()}

    assert offer(ours) == offer(other)


def test_a_log_is_reported_found_tagged_exported_and_deleted(server: Server, tmp_path: Path) -> None:
    async def do(client: AsyncClient) -> None:
        for number in range(3):
            await client.report(
                requested_at=NOW + number, req_payload={"model": "gpt-5", "messages": []}, tags={"test": "async"}
            )
        await client.report_anthropic(error_message="Broken", metadata={"test": "async"})

        assert len((await client.logs.search("tag.test:async", limit=2)).items) == 2
        found = [log async for log in client.logs.iterate("tag.test:async")]
        assert len(found) == 4
        log = await client.logs.get(found[-1]["id"])
        assert log is not None
        assert log["tags"]["test"] == "async"
        assert (await client.logs.stats("tag.test:async"))["count"] == 4
        assert await client.logs.tag("tag.test:async", {"reviewed": "yes"}) == 4
        changed = await client.update_log_metadata(
            filters=[{"field": "metadata.test", "equals": "async"}], metadata={"reviewed": None}
        )
        assert changed == {"matchedLogs": 4}
        path = await client.logs.export(tmp_path / "logs.jsonl", "tag.test:async")
        assert len([json.loads(line) for line in path.read_text().splitlines()]) == 4
        assert await client.logs.delete("tag.test:async") == 4
        assert await client.logs.get(found[0]["id"]) is None

    run(server, do)


def test_a_tail_gives_logs_as_they_come(server: Server) -> None:
    async def do(client: AsyncClient) -> str:
        async def follow() -> str:
            async for log in client.logs.tail("tag.test:async-tail"):
                return str(log["tags"]["test"])
            return ""

        following = asyncio.ensure_future(follow())
        async with asyncio.timeout(20):
            # The tail begins at some moment that we are not told: report until one is seen.
            while not following.done():
                await client.report(requested_at=NOW, tags={"test": "async-tail"})
                await asyncio.wait([following], timeout=0.2)
        return await following

    assert run(server, do) == "async-tail"


def test_errors_are_the_same(server: Server) -> None:
    async def wrong(client: AsyncClient) -> None:
        await client.logs.search("modle:gpt")

    async def nowhere() -> None:
        async with AsyncClient(api_key="lwk_1", base_url=f"http://127.0.0.1:{free_port()}") as client:
            await client.logs.stats()

    with pytest.raises(InvalidRequest, match="modle"):
        run(server, wrong)
    with pytest.raises(Unavailable, match="cannot be reached"):
        asyncio.run(nowhere())
