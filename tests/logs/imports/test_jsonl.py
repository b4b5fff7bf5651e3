"""Our own plain lines."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from logwright.logs.imports.jsonl import reader

if TYPE_CHECKING:
    from tests.logs.imports.conftest import Reading


def test_a_line_says_everything_there_is_to_say(read: Reading) -> None:
    line = (
        b'{"id":"a","requested_at":"2024-05-01T12:00:00Z","received_at":1714564801.5,"model":"m","status":200,'
        b'"request":{"messages": [1.0]},"response":null,"tags":{"env":"prod","n":1,"yes":true},"cost":0.5,'
        b'"input_tokens":3}'
    )
    (log,) = read(reader, line)
    assert log.requested_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert log.received_at == 1714564801.5
    assert bytes(log.request) == b'{"messages": [1.0]}'  # byte for byte
    assert log.tags == {"env": "prod", "n": 1, "yes": True}
    assert (log.cost, log.input_tokens, log.status) == (0.5, 3, 200)


def test_the_lines_of_the_guide_are_logs(read: Reading) -> None:
    guide = Path(__file__).parents[3] / "docs" / "guide" / "import-export.md"
    (block,) = re.findall(r"^```json\n(.*?)^```", guide.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    logs = read(reader, *block.encode().splitlines())
    assert [log.id for log in logs] == ["call-7", ""]
    assert bytes(logs[1].messages).startswith(b"[")
