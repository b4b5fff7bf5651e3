"""A record that cannot be read is kept whole, beside the reason."""

from __future__ import annotations

import json
from pathlib import Path

from logwright.journal import Entry
from logwright.logs.store.rejected import set_aside


def test_bytes_and_reason_are_kept_and_repeating_it_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        set_aside(tmp_path, "w0", Entry(7, b"\x00\xff"), ValueError("no log"))
    names = sorted(path.name for path in (tmp_path / "rejected").iterdir())
    assert names == [f"w0-{7:020d}.json", f"w0-{7:020d}.record"]
    assert (tmp_path / "rejected" / names[1]).read_bytes() == b"\x00\xff"
    told = json.loads((tmp_path / "rejected" / names[0]).read_text())
    assert told == {"producer": "w0", "sequence": 7, "reason": "ValueError: no log"}
    assert (tmp_path / "rejected" / names[1]).stat().st_mode & 0o777 == 0o600
