"""Which Host headers are answered."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.http.hosts import HostCheck, host_check
from logwright.settings import Settings


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8700", "LOCALHOST", "localhost.", "127.0.0.1:1", "[::1]:8700", "10.0.0.5", "[::1]"]
)
def test_localhost_and_numeric_addresses_are_always_answered(host: str) -> None:
    assert host_check(Settings())(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example", "localhost@evil.example", "a/x?", "localhost:80:80", "[::1",
     "[::1]x", "localhost:x", ":8700", "127.0.0.1.nip.io", "local host"],
)  # fmt: skip
def test_other_names_are_refused(host: str) -> None:
    assert not host_check(Settings())(host)


def test_the_listening_name_and_allowed_names_are_answered() -> None:
    allows = host_check(Settings(host="logs.internal", allowed_hosts=("Logs.example.com", "*.corp.example")))

    assert allows("logs.internal:8700")
    assert allows("logs.example.com")
    assert allows("a.b.corp.example")
    assert not allows("corp.example")
    assert not allows("evilcorp.example")


def test_a_star_allows_every_well_formed_name() -> None:
    allows = host_check(Settings(allowed_hosts=("*",)))

    assert allows("anything.example")
    assert not allows("a/b")


def test_a_refusal_names_the_host_and_what_to_do() -> None:
    app = FastAPI()
    app.add_middleware(HostCheck, host_check(Settings()))

    answer = TestClient(app, base_url="http://evil.example").get("/")

    assert answer.status_code == 400
    assert "--allowed-hosts evil.example" in answer.json()["message"]
