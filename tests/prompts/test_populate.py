"""Templates are filled."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.prompts.populate import populate


@pytest.mark.parametrize(
    ("template", "inputs", "filled"),
    [
        ("Dear {{name}}, {{ name }}!", {"name": "Ann"}, "Dear Ann, Ann!"),
        ("{{a}}", {"a": "{{b}} \\1"}, "{{b}} \\1"),
        ("{{n}} {{o}} {{t}}", {"n": 1, "o": {"ä": [None]}, "t": True}, '1 {"ä": [null]} true'),
        ("plain { } {{ }}", {}, "plain { } {{ }}"),
        (None, {}, None),
        (
            [{"role": "user", "name": "{{a}}", "content": [{"type": "text", "text": "{{a}}"}, {"type": "image_url"}]}],
            {"a": "x"},
            [{"role": "user", "name": "{{a}}", "content": [{"type": "text", "text": "x"}, {"type": "image_url"}]}],
        ),
        ([{"role": "assistant", "content": None}], {}, [{"role": "assistant", "content": None}]),
    ],
)
def test_names_are_filled(template: Any, inputs: dict[str, Any], filled: Any) -> None:
    assert populate(template, inputs) == filled


def test_every_missing_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"needs inputs for a, b$"):
        populate("{{a}} {{c}} {{b}} {{a}}", {"c": "x", "b": None})


@pytest.mark.parametrize("template", ["{% if a %}x{% endif %}", "{{ a | upper }}"])
def test_more_than_names_is_refused_rather_than_guessed(template: str) -> None:
    with pytest.raises(ValueError, match="Jinja"):
        populate(template, {"a": "x"})
