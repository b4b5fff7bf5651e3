"""Every error in the one shape that both families of clients read."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.errors import Unauthorized
from logwright.http.errors import answer, json_path


@pytest.fixture
def client(plain_app: FastAPI) -> TestClient:
    return TestClient(plain_app)


def test_an_unknown_path_is_not_found(client: TestClient) -> None:
    reply = client.get("/nowhere")

    assert reply.status_code == 404
    assert reply.json() == {
        "message": "Not found",
        "code": "NOT_FOUND",
        "error": {"message": "Not found", "type": "not_found_error", "param": None, "code": "NOT_FOUND"},
    }


def test_a_wrong_method_says_so_and_which_are_right(client: TestClient) -> None:
    reply = client.delete("/plain")

    assert reply.status_code == 405
    assert reply.json()["code"] == "METHOD_NOT_SUPPORTED"
    assert reply.headers["allow"] == "GET"


def test_a_validation_error_names_the_path_of_each_fault(client: TestClient) -> None:
    reply = client.get("/typed/x?limit=y")

    assert reply.status_code == 400
    assert reply.json()["message"] == "Input validation failed"
    assert reply.json()["code"] == "BAD_REQUEST"
    assert [issue["message"].partition(":")[0] for issue in reply.json()["issues"]] == ["path.number", "query.limit"]
    assert reply.json()["error"]["param"] == "path.number"


def test_waiting_times_are_told_in_whole_seconds_rounded_up(client: TestClient) -> None:
    reply = client.get("/limited")

    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "2"


def test_a_missing_key_is_told_how_to_authenticate() -> None:
    assert answer(Unauthorized("No key")).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("location", "path"),
    [(("messages", 2, "role"), "messages[2].role"), ((0, "a"), "[0].a"), ((), ""), (("a",), "a")],
)
def test_a_place_is_written_as_a_person_would(location: tuple[str | int, ...], path: str) -> None:
    assert json_path(location) == path
