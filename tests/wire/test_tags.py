"""A tag is text, whatever a caller wrote."""

from __future__ import annotations

import pytest

from logwright.wire.strict import JSON
from logwright.wire.tags import tag_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        ("", ""),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (1.0, "1"),
        (1.5, "1.5"),
        (1e21, "1e+21"),
        (None, None),
        ([], None),
        ({}, None),
    ],
)
def test_a_value_is_written_as_javascript_writes_it(value: JSON, text: str | None) -> None:
    assert tag_text(value) == text
