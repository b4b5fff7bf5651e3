"""The OpenAPI document is whole and says how to authenticate."""

from __future__ import annotations

from typing import Any

import pytest

import logwright
from logwright.gateway.paths import HOT_PATHS
from logwright.http.app import ENTRANCES, PUBLIC
from logwright.testing.application import Application


@pytest.fixture
def document(application: Application) -> dict[str, Any]:
    found: dict[str, Any] = application.call("GET", "/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, operation) for path, each in document["paths"].items() for method, operation in each.items()]


def test_it_says_what_it_describes(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "Logwright"
    assert document["info"]["version"] == logwright.__version__
    assert document["servers"] == [{"url": "/"}]


def test_it_names_all_three_headers_that_carry_a_key(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"bearer", "x-api-key", "api-key", "basic"}
    assert document["security"] == [{"bearer": []}, {"x-api-key": []}, {"api-key": []}, {"basic": []}]


VENDORS_OWN = ("/api/logs", "/v5/")
"""Where a vendor's clients read errors in that vendor's shape."""


def test_only_public_paths_need_no_key(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        is_open = (path in PUBLIC and method == "get") or (path in ENTRANCES and method == "post")
        assert (operation.get("security") == []) is is_open, f"{method} {path}"


@pytest.mark.parametrize("path", [path.decode() for path in HOT_PATHS])
def test_the_gateways_calls_are_described_though_they_bypass_the_framework(document: dict[str, Any], path: str) -> None:
    assert document["paths"][path]["post"]["x-logwright-hot-path"] is True


def test_calls_that_carry_files_are_forms(document: dict[str, Any]) -> None:
    edit = document["paths"]["/v1/images/edits"]["post"]

    assert list(edit["requestBody"]["content"]) == ["multipart/form-data", "application/json"]


def test_openpipes_operations_keep_their_published_names(document: dict[str, Any]) -> None:
    named = {operation["operationId"] for _, _, operation in operations(document)}

    assert {"report", "reportAnthropic", "updateLogMetadata", "updateLogTags", "createChatCompletion"} <= named


def test_every_operation_has_an_id_of_its_own_and_the_common_error(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(ids) == len(set(ids))
    for path, method, operation in operations(document):
        assert "default" in operation["responses"], f"{method} {path}"
        if not path.startswith(VENDORS_OWN):
            error = operation["responses"]["default"]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/Error"}, f"{method} {path}"
            assert "422" not in operation["responses"], f"{method} {path}"


def test_the_testing_route_is_not_described(document: dict[str, Any]) -> None:
    assert not any("local-testing-only" in path for path in document["paths"])
