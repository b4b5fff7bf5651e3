from __future__ import annotations

import json

import httpx2
import pytest
from pydantic import BaseModel

from logwright import errors
from logwright.sdk import asks


def reply(status: int, **content: object) -> httpx2.Response:
    return httpx2.Response(status, request=httpx2.Request("GET", "http://here/x"), **content)  # type: ignore[arg-type]  # any content


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (418, errors.InvalidRequest),
        (429, errors.RateLimited),
        (500, errors.Unavailable),
        (503, errors.Unavailable),
    ],
)
def test_a_refusal_becomes_the_error_that_says_what_to_do(status: int, kind: type[errors.LogwrightError]) -> None:
    body = {"message": "No", "issues": [{"message": "sort: is unknown"}]}

    with pytest.raises(kind, match="No: sort: is unknown") as raised:
        asks.answer(reply(status, json=body))

    assert type(raised.value) is kind
    assert raised.value.issues == ("sort: is unknown",)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"detail": "x"}'])
def test_a_refusal_by_something_else_names_the_address(body: bytes) -> None:
    with pytest.raises(errors.Unavailable, match="http://here/x answered 502"):
        asks.answer(reply(502, content=body))


def test_a_success_without_json_is_not_logwright() -> None:
    with pytest.raises(errors.Unavailable, match="is it Logwright"):
        asks.answer(reply(200, content=b"<html>"))


def test_an_id_cannot_lead_elsewhere() -> None:
    assert asks.get("../keys?x=1").path == "/api/manage/logs/..%2Fkeys%3Fx%3D1"


def test_unset_parameters_are_left_out_and_booleans_are_words() -> None:
    ask = asks.export("model:a", form="csv", remove_duplicates=True, sample=None)

    assert ask.params == {"q": "model:a", "format": "csv", "remove_duplicates": "true"}


class Answer(BaseModel):
    text: str
    note: str | None = None


def test_objects_of_the_vendors_clients_are_written_with_their_nulls() -> None:
    ask = asks.report(
        requested_at=1,
        received_at=None,
        req_payload={"a": [Answer(text="x")]},
        resp_payload=Answer(text="y"),
        status_code=None,
        error_message=None,
        tags=None,
    )

    assert ask.body is not None
    body = json.loads(ask.body)
    assert body["reqPayload"] == {"a": [{"text": "x", "note": None}]}
    assert body["respPayload"] == {"text": "y", "note": None}
    assert "statusCode" not in body
    with pytest.raises(TypeError, match="holds a object"):
        asks.tag("a", {"x": object()}, everything=False)  # type: ignore[dict-item]  # the point


@pytest.mark.parametrize(
    ("line", "event"),
    [('data: {"a": 1}', {"a": 1}), ("data:", None), (": quiet", None), ("event: log", None), ("", None)],
)
def test_only_data_is_an_event(line: str, event: object) -> None:
    assert asks.event(line) == event
