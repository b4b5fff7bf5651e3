"""Refusals in Bifrost's form, whoever refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI, Query
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from logwright.errors import InvalidRequest, Unauthorized, Unavailable
from logwright.faces.bifrost.refusals import BifrostRoute, refusal

router = APIRouter(route_class=BifrostRoute)


@router.get("/ours")
async def ours() -> None:
    raise InvalidRequest("wrong", param="limit")


@router.get("/later")
async def later() -> None:
    raise Unavailable("later", retry_after=1.2)


@router.get("/who")
async def who() -> None:
    raise Unauthorized("who are you?")


@router.get("/theirs")
async def theirs() -> None:
    raise HTTPException(413, "too large")


@router.get("/checked")
async def checked(number: int = Query()) -> int:
    return number


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router)
    with TestClient(app) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/ours", 400, "wrong"),
        ("/later", 503, "later"),
        ("/who", 401, "who are you?"),
        ("/theirs", 413, "too large"),
        ("/checked?number=x", 400, "number: "),
    ],
)
def test_every_refusal_has_the_form(client: TestClient, path: str, status: int, message: str) -> None:
    answer = client.get(path)

    assert answer.status_code == answer.json()["status_code"] == status
    assert answer.json()["is_bifrost_error"] is False
    assert answer.json()["error"]["message"].startswith(message)


def test_headers_that_clients_read_are_there(client: TestClient) -> None:
    assert client.get("/later").headers["retry-after"] == "2"
    assert client.get("/who").headers["www-authenticate"] == "Bearer"


def test_a_refusal_names_only_what_is_known() -> None:
    assert refusal(404, "gone") == {"is_bifrost_error": False, "status_code": 404, "error": {"message": "gone"}}
