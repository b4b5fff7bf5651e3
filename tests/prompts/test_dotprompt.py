"""Prompts as text."""

from __future__ import annotations

import pytest

from logwright.prompts import dotprompt

TEXT = """---
model: gpt-4o
temperature: 0.7
max_tokens: -1
provider: openai
endpoint: chat
stop: ["\\n", "END"]
seed: null
# a remark
tools: [
  {
    "name": "look_up",
    "description": "Look: it up"
  }
]
---

<system>
  You triage {{ticket}}.
</system>

<user name="ann">
Hello
</user>
"""


def test_parameters_and_messages_are_read() -> None:
    assert dotprompt.parse(TEXT) == {
        "model": "gpt-4o",
        "temperature": 0.7,
        "max_tokens": -1,
        "provider": "openai",
        "endpoint": "chat",
        "stop": ["\n", "END"],
        "tools": [{"name": "look_up", "description": "Look: it up"}],
        "template": [
            {"role": "system", "content": "You triage {{ticket}}."},
            {"role": "user", "content": "Hello", "name": "ann"},
        ],
    }


def test_what_is_written_is_read_back() -> None:
    kernel = {**dotprompt.parse(TEXT), "attributes": {"a": None}, "version": "1.0", "word": "null", "q": "it's: so"}

    assert dotprompt.parse(dotprompt.write(kernel)) == kernel
    assert dotprompt.parse(dotprompt.write({"model": "m", "template": "Say {{x}}"})) == {
        "model": "m",
        "template": "Say {{x}}",
    }
    assert dotprompt.parse(dotprompt.write({"model": "m"})) == {"model": "m"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model: gpt-4o", "between two lines"),
        ("---\nmodel gpt\n---", "line 1"),
        ("---\na: 1\ntools: [{\n---", "begins in line 2"),
        ("---\na: |\n---", "line 1"),
        ('---\na: "x\n---', "no JSON"),
        ("---\nmodel: m\n---\n<user>hi</user> and more", "outside"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dotprompt.parse(text)


def test_a_message_of_parts_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="more than text"):
        dotprompt.write({"model": "m", "template": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]})
