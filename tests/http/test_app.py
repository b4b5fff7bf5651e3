"""The assembled application: every room is found, and no route but the written ones is open."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

import logwright
from logwright.http.app import PUBLIC, build_app, routers
from logwright.testing.application import Application

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE")


def routes(application: Application) -> Iterator[tuple[str, str]]:
    """Yield the path and method of every operation, the undocumented ones too."""
    for router in routers():
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    yield route.path, method
    for route in build_app(application.services).routes:
        path: str | None = getattr(route, "path", None)
        for method in getattr(route, "methods", None) or ():
            assert path is not None
            yield path, method


def test_every_route_demands_a_credential_unless_it_is_on_the_public_list(application: Application) -> None:
    tried = set(routes(application))
    assert ("/api/v1/report", "POST") in tried
    for path, method in sorted(tried):
        if method not in _METHODS or (path in PUBLIC and method in {"GET", "HEAD"}):
            continue
        address = re.sub(r"\{[^}]*\}", "anything", path)
        for headers in ({}, {"authorization": "Bearer lwk_wrong"}, {"cookie": "session=x"}):
            answer = application.call(method, address, headers=headers)
            assert answer.status_code == 401, f"{method} {path} answered {answer.status_code} without a key"


def test_the_public_list_names_routes_that_exist(application: Application) -> None:
    for path in PUBLIC:
        assert application.call("GET", path).status_code == 200, path


def test_every_room_with_routes_is_mounted(application: Application) -> None:
    expected = set()
    for found in pkgutil.walk_packages(logwright.__path__, "logwright."):
        if found.name.endswith(".routes"):
            expected |= {route.path for route in importlib.import_module(found.name).router.routes if _has_path(route)}
    mounted = {path for path, _ in routes(application)}

    assert expected
    assert expected <= mounted


def _has_path(route: BaseRoute) -> bool:
    return isinstance(route, APIRoute)


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
