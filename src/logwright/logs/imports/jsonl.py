"""Our own plain lines: one JSON object a call, with the fields of `ImportedLog`; and bare conversations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from logwright.logs.imports.base import Card, ImportedLog, LineByLine

_decode: Final = msgspec.json.Decoder(ImportedLog).decode


class Plain(LineByLine):
    """The shape that every other format is turned into, and that anybody can write."""

    card = Card(
        name="jsonl",
        label="JSONL",
        sentence="Plain lines, each an object with `request`, `response` and what else is known of the call.",
        reads=("a JSONL file, or JSON with an array", "rows `{messages, tools, ...}` whose last message is the answer"),
        docs="docs/guide/import-export.md",
    )

    def logs(self, raw: bytes) -> Iterator[ImportedLog]:
        """Read a line."""
        yield _decode(raw)


reader: Final = Plain()
