"""Which paths are calls."""

from __future__ import annotations

from logwright.gateway.paths import HOT_PATHS


def test_every_call_has_openpipes_path_and_everybody_elses() -> None:
    assert HOT_PATHS[b"/api/v1/chat/completions"] == HOT_PATHS[b"/v1/chat/completions"] == "chat_completion"
    assert len(HOT_PATHS) == 2 * len(set(HOT_PATHS.values()))
