"""The assembled application: every room is found, and no route but the written ones is open."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from fastapi.routing import iter_route_contexts

import logwright
from logwright.http.app import ENTRANCES, PUBLIC, build_app, routers
from logwright.testing.application import Application

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")


def routes(application: Application) -> Iterator[tuple[str, str]]:
    """Yield the path and method of every operation of every router, the undocumented ones too."""
    for context in iter_route_contexts(build_app(application.services).routes):
        assert context.path is not None, "a route without a path: what it serves escapes this walk"
        for method in context.methods or ("WEBSOCKET",):
            yield context.path, method


def test_every_route_demands_a_credential_unless_it_is_on_the_public_list(application: Application) -> None:
    tried = set(routes(application))
    assert {("/api/v1/report", "POST"), ("/api/manage/logs", "GET"), ("/openapi.json", "GET")} <= tried
    for path, method in sorted(tried):
        if method not in _METHODS or (path in PUBLIC and method in {"GET", "HEAD"}):
            continue
        address = re.sub(r"\{[^}]*\}", "anything", path)
        for headers in ({}, {"authorization": "Bearer lwk_wrong"}, {"cookie": "session=x"}):
            answer = application.call(method, address, headers=headers)
            if path in ENTRANCES and method == "POST":
                assert answer.status_code in {400, 403}, f"{method} {path} answered {answer.status_code} to nothing"
                continue
            assert answer.status_code == 401, f"{method} {path} answered {answer.status_code} without a key"


def test_the_public_list_names_routes_that_exist(application: Application) -> None:
    for path in PUBLIC:
        assert application.call("GET", path).status_code == 200, path


def test_every_room_with_routes_is_mounted(application: Application) -> None:
    rooms = {found.name for found in pkgutil.walk_packages(logwright.__path__, "logwright.")}
    doors = [importlib.import_module(name).router for name in rooms if name.endswith(".routes")]
    mounted = {path for path, _ in routes(application)}

    assert {context.path for door in doors for context in iter_route_contexts(door.routes)} <= mounted
    assert set(map(id, doors)) == set(map(id, routers()))


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/api/manage/nowhere", "/docs", "/redoc", "/healthz/"])
def test_unknown_paths_are_not_found_in_our_shape(application: Application, path: str) -> None:
    answer = application.call("GET", path)

    assert answer.status_code == 404
    assert answer.json()["message"] == "Not found"
    assert answer.json()["code"] == "NOT_FOUND"
    assert answer.headers["content-type"] == "application/json"


def test_a_wrong_method_is_refused_in_our_shape(application: Application) -> None:
    answer = application.call("GET", "/api/v1/report")

    assert answer.status_code == 405
    assert answer.json()["code"] == "METHOD_NOT_SUPPORTED"


def test_all_guards_stand_before_the_routes(application: Application) -> None:
    big = application.call("POST", "/api/v1/report", content=b"x" * (10 * 1024 * 1024 + 1))
    packed = application.call("POST", "/api/v1/report", content=b"x", headers={"content-encoding": "gzip"})
    elsewhere = application.call("GET", "/healthz", headers={"host": "evil.example"})
    across = application.call("POST", "/api/v1/report", headers={"origin": "https://app.example"})

    assert (big.status_code, packed.status_code, elsewhere.status_code, across.status_code) == (413, 415, 400, 401)
    assert across.headers["access-control-allow-origin"] == "*"
    for answer in (big, packed, elsewhere, across):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]
        assert answer.json()["error"]["message"]
