"""`logwright sessions` from the outside."""

from __future__ import annotations

from pathlib import Path

from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream


def test_a_session_that_the_metadata_names_is_listed_and_shown(tmp_path: Path) -> None:
    with FakeUpstream() as upstream, Server(upstream=upstream, folder=tmp_path / "sessions") as server:
        server.openai().chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], metadata={"session_id": "chat-7"}, store=True
        )

        (listed,) = server.json("sessions", "list", "--project", server.project)
        shown = server.cli("sessions", "show", "--project", server.project, "chat-7")

    assert (listed["id"], listed["logs"]) == ("chat-7", 1)
    assert "gpt-4o" in shown
