"""The asynchronous client of a Logwright project: its logs found, tagged, exported, and calls reported to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx2

from logwright.errors import NotFound
from logwright.sdk import asks
from logwright.sdk.asks import JSON, Ask, Direction, ExportFormat, LogPage, SortKey, Tags
from logwright.sdk.options import destination


class AsyncClient:
    """Speaks to one project. The key and the address come from the environment where they are not given.

    Every method raises the errors of `logwright.errors`: `Unauthorized`, `NotFound`, `InvalidRequest`, and
    `Unavailable` where the server cannot be reached.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        project: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        target = destination({"api_key": api_key, "base_url": base_url})
        self._base_url = target.base_url
        # An administrator's key is good for every project and has to say which.
        self._params = {} if project is None else {"project": project}
        self._http = httpx2.AsyncClient(
            base_url=target.base_url,
            headers={"authorization": f"Bearer {target.api_key}"} if target.api_key else {},
            timeout=timeout,
        )
        self.logs = AsyncLogs(self)

    async def report(
        self,
        *,
        requested_at: int | None = None,
        received_at: int | None = None,
        req_payload: JSON = None,
        resp_payload: JSON = None,
        status_code: int | None = None,
        error_message: str | None = None,
        tags: Tags | None = None,
    ) -> JSON:
        """Record a call that was made elsewhere, in OpenAI's form, and wait until it is durable.

        Times are milliseconds since 1970. Returns `{"status": "ok"}`.
        """
        return await self.ask(
            asks.report(
                requested_at=requested_at,
                received_at=received_at,
                req_payload=req_payload,
                resp_payload=resp_payload,
                status_code=status_code,
                error_message=error_message,
                tags=tags,
            )
        )

    async def report_anthropic(
        self,
        *,
        requested_at: int | None = None,
        received_at: int | None = None,
        req_payload: JSON = None,
        resp_payload: JSON = None,
        status_code: int | None = None,
        error_message: str | None = None,
        metadata: Mapping[str, str] | None = None,
        tags: Tags | None = None,
    ) -> JSON:
        """Record a call in Anthropic's form; it is stored in OpenAI's."""
        return await self.ask(
            asks.report(
                path="report-anthropic",
                requested_at=requested_at,
                received_at=received_at,
                req_payload=req_payload,
                resp_payload=resp_payload,
                status_code=status_code,
                error_message=error_message,
                tags=tags,
                metadata=metadata,
            )
        )

    async def update_log_metadata(
        self, *, filters: Sequence[Mapping[str, Any]], metadata: Mapping[str, str | None]
    ) -> JSON:
        """Set tags (text) or remove them (None) on the logs that all filters match; OpenPipe's form of `logs.tag`.

        Each filter is `{"field": "completionId", "equals": "..."}` or the like. No filter at all means every log.
        Returns `{"matchedLogs": n}`.
        """
        return await self.ask(asks.update_log_metadata(filters, metadata))

    async def ask(self, ask: Ask) -> JSON:
        """Make one request and read its JSON."""
        async with self.stream(ask) as response:
            await response.aread()
            return asks.answer(response)

    @asynccontextmanager
    async def stream(self, ask: Ask, *, patience: httpx2.Timeout | None = None) -> AsyncIterator[httpx2.Response]:
        """Make one request and give its answer unread, unless it is an error, which is raised."""
        request = self._http.build_request(
            ask.method,
            ask.path,
            params={**ask.params, **(self._params if ask.path.startswith("/api/manage/") else {})},
            content=ask.body,
            headers=ask.headers,
            timeout=patience or self._http.timeout,
        )
        try:
            response = await self._http.send(request, stream=True)
        except httpx2.TransportError as error:
            raise asks.unreachable(self._base_url, error) from error
        try:
            if not response.is_success:
                await response.aread()
            asks.refuse(response)
            yield response
        except httpx2.TransportError as error:
            raise asks.unreachable(self._base_url, error) from error
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class AsyncLogs:
    """The logs of the project. Queries are written in the query language (`model:gpt-4o* status:>=400 "refund"`)."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def search(
        self,
        query: str = "",
        *,
        sort: SortKey = "time",
        order: Direction = "desc",
        after: str | None = None,
        limit: int = 50,
    ) -> LogPage:
        """Find one page of logs, without their bodies; `after` is the `next` of the page before."""
        return asks.page(await self._client.ask(asks.search(query, sort=sort, order=order, after=after, limit=limit)))

    async def iterate(
        self, query: str = "", *, sort: SortKey = "time", order: Direction = "desc"
    ) -> AsyncIterator[JSON]:
        """Find all logs, page by page, without their bodies."""
        after: str | None = None
        while True:
            page = await self.search(query, sort=sort, order=order, after=after, limit=200)
            for item in page.items:
                yield item
            after = page.next
            if after is None:
                return

    async def get(self, log_id: str) -> JSON | None:
        """Read one log whole; None when the project has none of that id."""
        try:
            return await self._client.ask(asks.get(log_id))
        except NotFound:
            return None

    async def stats(self, query: str = "") -> JSON:
        """Read figures over all logs that match: count, latency, tokens, cost."""
        return await self._client.ask(asks.stats(query))

    async def tail(self, query: str = "", *, after: str | None = None) -> AsyncIterator[JSON]:
        """Give the logs that match as they come in, without end: from now on, or since the log whose id is `after`."""
        # A comment comes every 15 seconds: longer silence means a dead connection.
        endless = httpx2.Timeout(60.0)
        async with self._client.stream(asks.tail(query, after=after), patience=endless) as response:
            async for line in response.aiter_lines():
                event = asks.event(line)
                if event is not None:
                    yield event

    async def tag(self, query: str, tags: Tags, *, everything: bool = False) -> int:
        """Set tags or remove them (None) on all logs that match; return how many those are.

        An empty query means every log of the project and is refused unless `everything` is set.
        """
        return int((await self._client.ask(asks.tag(query, tags, everything=everything)))["matched"])

    async def export(
        self,
        output: Path | str,
        query: str = "",
        *,
        form: ExportFormat = "jsonl",
        remove_duplicates: bool = False,
        exclude_errors: bool = False,
        sample: int | None = None,
        seed: int | None = None,
    ) -> Path:
        """Write all logs that match, or a random sample of them, to a file and return its path.

        A file that could not be finished is left under `NAME.part`.
        """
        final = Path(output)
        part = final.with_name(final.name + ".part")
        # No limit between two pieces: the first may take a scan of the whole store.
        patient = httpx2.Timeout(60.0, read=600.0)
        ask = asks.export(
            query,
            form=form,
            remove_duplicates=remove_duplicates,
            exclude_errors=exclude_errors,
            sample=sample,
            seed=seed,
        )
        with part.open("wb") as file:
            async with self._client.stream(ask, patience=patient) as response:
                async for piece in response.aiter_bytes():
                    file.write(piece)
        return part.replace(final)

    async def delete(self, query: str, *, everything: bool = False) -> int:
        """Delete all logs that match for good; return how many those were. Empty queries are as in `tag`."""
        return int((await self._client.ask(asks.delete(query, everything=everything)))["deleted"])
