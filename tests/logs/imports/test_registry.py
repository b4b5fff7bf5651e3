"""The formats that there are: found by looking, each with a card that says enough."""

from __future__ import annotations

import re

from logwright.logs.imports.registry import formats


def test_every_format_is_found_and_described() -> None:
    assert list(formats()) == [
        "humanloop",
        "jsonl",
        "langfuse",
        "litellm",
        "openai",
        "openpipe",
        "phoenix",
        "tensorzero",
    ]
    for name, reader in formats().items():
        card = reader.card
        assert re.fullmatch("[a-z]+", name)
        assert card.name == name
        assert card.sentence.endswith(".")
        assert card.reads
        assert card.docs
        assert bool(card.key) == (reader.pager is not None)
