"""Tags as OpenPipe's clients write them."""

from __future__ import annotations

import pytest

from logwright.faces.openpipe.tags import changed_tags, new_tags
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
        (-0.5, "-0.5"),
        (1e21, "1e+21"),
        (2**53, "9007199254740992"),
        (None, None),
        ([1], None),
        ({"a": 1}, None),
    ],
)
def test_values_become_text_as_javascript_writes_it(value: object, text: str | None) -> None:
    assert tag_text(value) == text


def test_null_and_empty_text_make_no_tag() -> None:
    assert new_tags({"a": None, "b": "", "c": "kept", "": "nameless"}) == {"c": "kept"}


def test_names_keep_their_dollars_dots_and_dashes() -> None:
    assert new_tags({"$sdk.version": "5.0.0", "a-b": "c"}) == {"$sdk.version": "5.0.0", "a-b": "c"}


def test_the_later_source_wins() -> None:
    assert new_tags({"a": "1", "b": "1"}, {"a": 2}) == {"a": "2", "b": "1"}


def test_metadata_that_is_no_object_gives_no_tags() -> None:
    assert new_tags("text", [1], None, 3) == {}


def test_nested_metadata_is_no_tag() -> None:
    assert new_tags({"a": {"b": 1}, "c": [1]}) == {}


def test_an_update_deletes_by_null_and_sets_empty_text() -> None:
    assert changed_tags({"gone": None, "empty": "", "n": 1}) == {"gone": None, "empty": "", "n": "1"}
