"""What every answer carries."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.http.headers import AnswerHeaders


@pytest.fixture
def client(plain_app: FastAPI) -> TestClient:
    plain_app.add_middleware(AnswerHeaders)
    return TestClient(plain_app)


def test_an_answer_keeps_browsers_from_doing_more_than_read_it(client: TestClient) -> None:
    headers = client.get("/plain").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_errors_carry_the_same_headers(client: TestClient) -> None:
    assert client.get("/nowhere").headers["cache-control"] == "no-store"


def test_a_route_may_set_its_own(client: TestClient) -> None:
    headers = client.get("/cached").headers

    assert headers["cache-control"] == "max-age=60"
    assert headers["x-request-id"] == "own"


def test_the_callers_request_id_is_kept(client: TestClient) -> None:
    answer = client.get("/plain", headers={"x-request-id": "trace-1.2:3_4"})

    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "trace-1.2:3_4"


@pytest.mark.parametrize("given", ["", "with space", "x" * 129, 'quote"', "semi;colon"])
def test_a_request_id_that_could_do_harm_is_replaced(client: TestClient, given: str) -> None:
    answer = client.get("/plain", headers={"x-request-id": given})

    assert answer.headers["x-request-id"].startswith("req_")
