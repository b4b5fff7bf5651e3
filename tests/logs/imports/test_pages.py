"""Small things that the walks through APIs share."""

from __future__ import annotations

import pytest

from logwright.logs.imports.pages import at, objects, texts


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("https://a.example", "https://a.example/api/x"),
        ("https://a.example/", "https://a.example/api/x"),
        ("https://a.example/base", "https://a.example/base/api/x"),
        ("https://a.example/api/x?page=2", "https://a.example/api/x"),
    ],
)
def test_an_address_may_be_the_products_or_the_apis(given: str, found: str) -> None:
    assert at(given, "/api/x", unless="/api/") == found


def test_lists_are_found_under_their_name_or_bare() -> None:
    assert objects({"data": [{"a": 1}, 5]}, "data") == [{"a": 1}]
    assert objects([{"a": 1}], "data") == [{"a": 1}]
    assert objects({"data": None}, "data") == []
    assert texts([{"a": 1}]) == [b'{"a":1}']
