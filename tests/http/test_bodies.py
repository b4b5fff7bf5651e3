"""Bodies that are too long, compressed or not strict JSON."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.http.bodies import BodyGuard

LIMIT = 64


@pytest.fixture
def client(plain_app: FastAPI) -> TestClient:
    plain_app.add_middleware(BodyGuard, LIMIT)
    return TestClient(plain_app)


def test_a_body_at_the_limit_passes(client: TestClient) -> None:
    assert client.post("/api/v1/echo", content=b"x" * LIMIT).json() == {"length": LIMIT}


def test_a_body_that_announces_too_much_is_refused_unread(client: TestClient) -> None:
    answer = client.post("/api/v1/echo", content=b"x" * (LIMIT + 1))

    assert answer.status_code == 413
    assert answer.json()["code"] == "PAYLOAD_TOO_LARGE"
    assert "max_body_bytes" in answer.json()["message"]


def test_a_body_that_grows_too_long_is_refused(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(LIMIT):
            yield b"xx"

    answer = client.post("/api/v1/echo", content=pieces())

    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_refused(client: TestClient, encoding: str) -> None:
    answer = client.post("/api/v1/echo", content=b"x", headers={"content-encoding": encoding})

    assert answer.status_code == 415
    assert answer.json()["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_identity_is_no_compression(client: TestClient) -> None:
    assert client.post("/api/v1/echo", content=b"x", headers={"content-encoding": "identity"}).status_code == 200


@pytest.mark.parametrize(
    "body", [b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b"{", b"\xff"]
)
def test_the_management_api_takes_strict_json_only(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/manage/echo", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_strict_json_and_no_body_at_all_pass(client: TestClient) -> None:
    json = {"content-type": "application/json"}

    assert client.post("/api/manage/echo", content=b'{"a": 1}', headers=json).json() == {"length": 8}
    assert client.post("/api/manage/echo", headers=json).json() == {"length": 0}
