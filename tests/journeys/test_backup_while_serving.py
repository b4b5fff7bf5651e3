"""R-16: a backup under load fails no call and holds every call that was acknowledged before it began."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Final

from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

PATH: Final = "/v1/chat/completions"
BODY: Final = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}], "metadata": {"run": "R-16"}}


class Traffic:
    """A caller that never pauses, and what became of its calls."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._call)
        self.acknowledged: list[str] = []
        """Ids of logs, in the order of their acknowledgements."""
        self.failed: list[str] = []
        self.has_begun = threading.Event()

    def start(self) -> None:
        self._thread.start()
        assert self.has_begun.wait(30)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _call(self) -> None:
        with self._server.http() as web:
            while not self._stop.is_set():
                reply = web.post(PATH, json=BODY)
                if reply.status_code == 200:
                    self.acknowledged.append(reply.headers["x-logwright-log-id"])
                else:
                    self.failed.append(reply.text)
                if len(self.acknowledged) == 20:
                    self.has_begun.set()


def found(server: Server) -> list[str]:
    query = ("--query", "tag.run=R-16", "--limit", "100000", "--project", server.project)
    return [log["id"] for log in server.json("logs", "search", *query)]


def test_a_backup_under_load_holds_what_was_acknowledged_and_fails_no_call(server: Server, tmp_path: Path) -> None:
    """Taken twice: on the data folder, beside the server; and from the server, as from another machine."""
    traffic = Traffic(server)
    traffic.start()
    before = [list(traffic.acknowledged)]
    server.cli("backup", "--output", str(tmp_path / "beside.backup"))
    before.append(list(traffic.acknowledged))
    server.cli(
        *("backup", "--output", str(tmp_path / "afar.backup"), "--url", server.url, "--key", server.admin_key),
        data=False,
    )
    traffic.stop()
    assert traffic.failed == []

    for name, acknowledged in zip(("beside", "afar"), before, strict=True):
        place = tmp_path / name
        place.mkdir()
        (place / "master.key").touch(mode=0o600)
        (place / "master.key").write_bytes((server.folder / "master.key").read_bytes())
        restored = Server(folder=place)
        told = json.loads(
            restored.cli(
                "restore", str(tmp_path / f"{name}.backup"), "--data", str(restored.data), "--json", data=False
            )
        )
        there = found(restored)
        assert set(acknowledged) <= set(there)
        assert len(acknowledged) <= told["logs"] <= len(there) == len(set(there))
        assert restored.json("audit")["complete"] is True


def test_the_keys_of_a_restored_installation_work(server: Server, upstream: FakeUpstream, tmp_path: Path) -> None:
    """The caller's key is known, and the provider's key opens with the same master key."""
    server.cli("backup", "--output", str(tmp_path / "a.backup"))
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / "master.key").touch(mode=0o600)
    (place / "master.key").write_bytes((server.folder / "master.key").read_bytes())
    restored = Server(folder=place, settings=("--allow-upstream", f"127.0.0.1:{upstream.port}"))
    restored.cli("restore", str(tmp_path / "a.backup"), "--data", str(restored.data), data=False)
    restored.key = server.key
    with restored, restored.http() as web:
        assert web.post(PATH, json=BODY).status_code == 200
    (call,) = upstream.calls
    assert "authorization" in {name.lower() for name in call.headers}
