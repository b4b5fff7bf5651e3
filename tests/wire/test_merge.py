"""A piece of a streamed object is added to what came before it."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.wire.merge import merge


@pytest.mark.parametrize(
    ("name", "before", "piece", "expected"),
    [
        ("text", "a", "b", "ab"),
        ("text", None, "b", "b"),
        ("text", "a", None, "a"),
        ("id", "a", "b", "b"),
        ("notes", [1], [2], [1, 2]),
        ("extra", {"a": "x", "n": 1}, {"a": "y", "b": None}, {"a": "xy", "n": 1, "b": None}),
        ("level", 1, 2, 2),
        ("mixed", "a", {"b": 1}, {"b": 1}),
    ],
)
def test_a_piece_is_added_by_its_kind(name: str, before: Any, piece: Any, expected: Any) -> None:
    held = {name: before}
    merge(held, name, piece)
    assert held == {name: expected}
