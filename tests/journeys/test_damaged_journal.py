"""A journal damaged while the server was down: it starts alone, loses no more than was damaged, and says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from logwright.journal import read
from logwright.testing.load import Load, found, wait_until
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

pytestmark = pytest.mark.slow


def frames_of(path: Path) -> bytes:
    """Return a segment without the reserved room behind its last frame; a frame may well end in zeros itself."""
    batch = read(path.parent.parent, path.parent.name, None)
    while batch.entries:
        batch = read(path.parent.parent, path.parent.name, batch.next)
    assert batch.next.segment == int(path.stem)
    return path.read_bytes()[: batch.next.offset]


def truncate(path: Path) -> None:
    path.write_bytes(frames_of(path)[:-200])


def zero_tail(path: Path) -> None:
    path.write_bytes(frames_of(path)[:-200] + bytes(200))


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


def flip_frame_head(path: Path) -> None:
    flip(path, 64 + 9)


def flip_checksum(path: Path) -> None:
    flip(path, 64 + 25)


def flip_record(path: Path) -> None:
    flip(path, 64 + 200)


def append_garbage(path: Path) -> None:
    path.write_bytes(frames_of(path) + b"\x00garbage\xff" * 100)


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def double_tail(path: Path) -> None:
    data = frames_of(path)
    path.write_bytes(data + data[len(data) // 2 :])


DAMAGES: tuple[Callable[[Path], None], ...] = (
    truncate,
    zero_tail,
    flip_frame_head,
    flip_checksum,
    flip_record,
    append_garbage,
    remove,
    empty,
    double_tail,
)


def test_the_server_starts_alone_on_a_damaged_journal(upstream: FakeUpstream, tmp_path: Path) -> None:
    """Nine damages one after the other, each to the newest segment of a killed server, and a crash after each.

    What the store had is untouched, altered content is never shown, what is lost is in the audit and nothing else is.
    """
    loads: list[Load] = []
    with Server(upstream=upstream, folder=tmp_path / "server") as server:
        for damage in DAMAGES:
            with Load(server.port, server.key, callers=4, name=damage.__name__) as load:
                loads.append(load)
                wait_until(lambda load=load: len(load.acknowledged) > 40, 20, "forty acknowledged calls")  # type: ignore[misc] # mypy cannot infer a lambda with a default
                server.kill()
            damage(max((server.data / "journal" / "w0").glob("*.journal")))
            server.revive()

            texts = found(server.url, server.key)
            acknowledged = {text for each in loads for text in each.acknowledged}
            assert set(texts) <= {text for each in loads for text in each.sent}
            assert max(texts.values()) == 1
            lost = acknowledged - set(texts)
            audit = json.loads(server.cli("audit", "--json", check=False))
            missing = sum(gap["last"] - gap["first"] + 1 for gap in audit["gaps"])
            assert missing >= len(lost)
            assert audit["complete"] is (not missing)
            if damage in {append_garbage, double_tail}:
                assert set(load.acknowledged) <= set(texts)
