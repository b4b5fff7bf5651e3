"""The requests that a client can make and how their answers are read; both clients share them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

import httpx2

from logwright import errors
from logwright.ids import new_id
from logwright.sdk.report import SDK_TAGS

JSON = Any
"""A JSON value, as the server sent it."""

Tags = Mapping[str, str | int | float | bool | None]

SortKey = Literal["time", "latency", "tokens", "cost"]

Direction = Literal["desc", "asc"]

ExportFormat = Literal["jsonl", "csv", "parquet", "openai-sft"]

_LOGS: Final = "/api/manage/logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request, without address and key."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """One page of a search."""

    items: Sequence[JSON]
    """Logs without their bodies, newest first unless sorted otherwise."""
    next: str | None
    """What to pass as `after` for the following page; None on the last one."""


def search(query: str, *, sort: SortKey, order: Direction, after: str | None, limit: int) -> Ask:
    """Ask for one page of the logs that match."""
    return Ask(method="GET", path=_LOGS, params=_given(q=query, sort=sort, order=order, after=after, limit=limit))


def page(answer: JSON) -> LogPage:
    """Read a page."""
    return LogPage(items=answer["data"], next=answer["next"])


def get(log_id: str) -> Ask:
    """Ask for one log whole."""
    return Ask(method="GET", path=f"{_LOGS}/{quote(log_id, safe='')}")


def stats(query: str) -> Ask:
    """Ask for figures over the logs that match."""
    return Ask(method="GET", path=f"{_LOGS}/stats", params=_given(q=query))


def tail(query: str, *, after: str | None) -> Ask:
    """Ask for the logs that match, as they come in."""
    return Ask(
        method="GET",
        path=f"{_LOGS}/tail",
        params=_given(q=query, after=after),
        headers={"accept": "text/event-stream"},
    )


def tag(query: str, tags: Tags, *, everything: bool) -> Ask:
    """Ask for tags to be set, or with None removed, on all logs that match."""
    return _post(f"{_LOGS}/tags", {"q": query, "tags": dict(tags), "all": everything})


def export(query: str, *, form: ExportFormat, **options: object) -> Ask:
    """Ask for the logs that match as a file; an option that is None is left out."""
    return Ask(method="GET", path=f"{_LOGS}/export", params=_given(q=query, format=form, **options))


def delete(query: str, *, everything: bool) -> Ask:
    """Ask for all logs that match to be deleted for good."""
    return Ask(method="DELETE", path=_LOGS, params=_given(q=query, all=everything))


def report(
    *,
    path: Literal["report", "report-anthropic"] = "report",
    requested_at: int | None,
    received_at: int | None,
    req_payload: JSON,
    resp_payload: JSON,
    status_code: int | None,
    error_message: str | None,
    tags: Tags | None,
    metadata: Mapping[str, str] | None = None,
) -> Ask:
    """Ask for a call to be recorded that was made elsewhere. Times are milliseconds since 1970."""
    members = {
        "requestedAt": requested_at,
        "receivedAt": received_at,
        "reqPayload": req_payload,
        "respPayload": resp_payload,
        "statusCode": status_code,
        "errorMessage": error_message,
        "tags": {**(tags or {}), **SDK_TAGS},
        "metadata": None if metadata is None else {**metadata, **SDK_TAGS},
    }
    # One id for all tries: the transport may repeat the request after a broken connection.
    return _post(
        f"/api/v1/{path}",
        {name: value for name, value in members.items() if value is not None},
        {"idempotency-key": new_id("sdk", (requested_at or 0) * 1000)},
    )


def update_log_metadata(filters: Sequence[Mapping[str, Any]], metadata: Mapping[str, str | None]) -> Ask:
    """Ask for metadata to be set, or with None removed, on the logs that all filters match."""
    return _post("/api/v1/logs/update-metadata", {"filters": list(filters), "metadata": dict(metadata)})


def answer(response: httpx2.Response) -> JSON:
    """Read a JSON answer.

    Raises:
        LogwrightError: the one that the server says, such as `Unauthorized`, `NotFound` or `InvalidRequest`.
        Unavailable: when something else than Logwright seems to answer.
    """
    refuse(response)
    try:
        return response.json()
    except ValueError as error:
        raise errors.Unavailable(
            f"{response.url} answered {response.status_code} without JSON; is it Logwright?"
        ) from error


def refuse(response: httpx2.Response) -> None:
    """Raise the error that an answer carries. The body must have been read unless it is a success."""
    if response.is_success:
        return
    message, issues = _explained(response)
    kind = _BY_STATUS.get(response.status_code)
    if kind is None:
        kind = errors.InvalidRequest if response.is_client_error else errors.Unavailable
    raise kind(message, issues=issues)


def unreachable(base_url: str, error: Exception) -> errors.Unavailable:
    """Give the error for a request that got no answer."""
    return errors.Unavailable(f"Logwright at {base_url} cannot be reached: {str(error) or type(error).__name__}")


def event(line: str) -> JSON:
    """Read one line of a stream of events; None where it carries no data."""
    return json.loads(line[5:]) if line.startswith("data:") and line[5:].strip() else None


_BY_STATUS: Final = {
    kind.status: kind
    for kind in (
        errors.InvalidRequest,
        errors.Unauthorized,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.TooLarge,
        errors.UnsupportedMedia,
        errors.RateLimited,
        errors.Unavailable,
    )
}


def _explained(response: httpx2.Response) -> tuple[str, tuple[str, ...]]:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict) or "message" not in body:
        return f"{response.url} answered {response.status_code}", ()
    issues = [str(issue.get("message", issue)) for issue in body.get("issues", ()) if isinstance(issue, dict)]
    # "Input validation failed" alone helps nobody; OpenPipe's clients read it so, and what is wrong stands beside it.
    said = str(body["message"])
    return f"{said}: {'; '.join(issues[:3])}" if issues else said, tuple(issues)


def _given(**values: object) -> dict[str, str]:
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value is not None
    }


def _post(path: str, body: JSON, headers: Mapping[str, str] | None = None) -> Ask:
    return Ask(
        method="POST",
        path=path,
        body=json.dumps(body, default=_plain).encode(),
        headers={"content-type": "application/json", **(headers or {})},
    )


def _plain(value: object) -> JSON:
    """Turn the objects of the vendors' clients (pydantic models) into what JSON can hold."""
    dump = getattr(value, "model_dump", None)
    if dump is None:
        raise TypeError(f"A payload holds a {type(value).__name__}, which JSON cannot say; pass plain dicts and lists")
    return dump(mode="json")
