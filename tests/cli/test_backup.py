"""`logwright backup` and `restore`: everything comes back, and half a file is never called a backup."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from logwright.cli.main import main
from logwright.journal import JournalWriter
from logwright.logs.record import encode
from logwright.testing.factories import a_record


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with one project and three logs of it, and beside it a backup, `whole.backup`."""
    place = tmp_path_factory.mktemp("backed-up")
    folder = place / "data"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LOGWRIGHT_MASTER_KEY_FILE", str(place / "config" / "master.key"))
        project = json.loads(run("projects", "create", "team", "--data", folder, "--json").stdout)

        async def fill() -> None:
            writer = JournalWriter(folder / "journal", "w0", durability="os")
            for _ in range(3):
                await writer.record(encode(a_record(project_id=project["id"])))
            writer.close()

        asyncio.run(fill())
        done = run("backup", "--data", folder, "--output", place / "whole.backup", "--json")
        assert done.exit_code == 0, done.output
        assert json.loads(done.stdout)["bytes"] == (place / "whole.backup").stat().st_size
        yield folder


@pytest.fixture(scope="module")
def whole(data: Path) -> bytes:
    return (data.parent / "whole.backup").read_bytes()


def logs_of(folder: Path) -> list[Any]:
    done = run("logs", "search", "--project", "team", "--data", folder, "--json")
    assert done.exit_code == 0, done.output
    return list(json.loads(done.stdout))


def test_what_was_backed_up_is_restored_whole(data: Path, tmp_path: Path) -> None:
    file, fresh = data.parent / "whole.backup", tmp_path / "restored"
    assert file.stat().st_mode & 0o777 == 0o600
    done = run("restore", file, "--data", fresh, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["logs"] == 3
    assert fresh.stat().st_mode & 0o777 == 0o700
    assert logs_of(fresh) == logs_of(data)
    assert run("audit", "--data", fresh).exit_code == 0
    assert [each["name"] for each in json.loads(run("keys", "list", "--data", fresh, "--json").stdout)] == ["first key"]


def test_a_file_that_is_there_is_not_replaced(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_text("precious")
    done = run("backup", "--data", data, "--output", file)
    assert done.exit_code == 1
    assert "is there already" in done.stderr
    assert file.read_text() == "precious"


def test_an_installation_is_never_restored_over(data: Path) -> None:
    done = run("restore", data.parent / "whole.backup", "--data", data)
    assert done.exit_code == 1
    assert "is not empty" in done.stderr


@pytest.mark.parametrize("damage", ["missing", "cut", "altered", "other"])
def test_what_is_no_whole_backup_is_refused_and_leaves_nothing(whole: bytes, tmp_path: Path, damage: str) -> None:
    file, fresh = tmp_path / "a.backup", tmp_path / "restored"
    match damage:
        case "missing":
            pass
        case "cut":
            file.write_bytes(whole[: len(whole) // 2])
        case "altered":
            at = whole.index(b"SQLite format 3") + 5000
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        case _:
            file.write_bytes(b"not a backup at all")
    done = run("restore", file, "--data", fresh)
    assert done.exit_code == 1
    assert done.stderr.startswith("logwright: ")
    assert "Traceback" not in done.stderr
    assert not fresh.exists()


@pytest.fixture
def half_a_backup(whole: bytes) -> Iterator[str]:
    """A server between us and the real one that lost the end of a backup and says that all is well."""
    half = whole[: len(whole) // 1024 * 512]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(half)))
            self.end_headers()
            self.wfile.write(half)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_backup_that_lost_its_end_on_the_way_is_not_kept(half_a_backup: str, tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    done = run("backup", "--url", half_a_backup, "--key", "lwa_x", "--output", file)
    assert done.exit_code == 1
    assert "try again" in done.stderr
    assert list(tmp_path.glob("*b.backup*")) == []
