"""Cross-origin use: the published paths for everybody, without credentials; the others for nobody."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.http.cors import Cors

ORIGIN = {"origin": "https://app.example"}
PREFLIGHT = {
    **ORIGIN,
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization,content-type",
}


def test_a_script_of_another_origin_may_read_a_published_answer(plain_app: FastAPI) -> None:
    plain_app.add_middleware(Cors)

    answer = TestClient(plain_app).get("/v1/plain", headers=ORIGIN)

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-logwright-log-id" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


def test_a_preflight_is_answered_with_the_headers_it_asks_for(plain_app: FastAPI) -> None:
    plain_app.add_middleware(Cors)

    answer = TestClient(plain_app).options("/api/v1/report", headers=PREFLIGHT)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer.headers


def test_other_paths_say_nothing_to_other_origins(plain_app: FastAPI) -> None:
    plain_app.add_middleware(Cors)
    client = TestClient(plain_app)

    assert "access-control-allow-origin" not in client.get("/plain", headers=ORIGIN).headers
    assert client.options("/api/manage/echo", headers=PREFLIGHT).status_code == 405


def test_a_call_without_an_origin_gets_no_such_headers(plain_app: FastAPI) -> None:
    plain_app.add_middleware(Cors)

    assert "access-control-allow-origin" not in TestClient(plain_app).get("/v1/plain").headers
