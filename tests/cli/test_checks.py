"""Each check of the doctor finds what it is there to find, on real folders, files and ports."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.cli import checks
from logwright.cli.checks import Check, Finding, State
from logwright.settings import Settings
from logwright.testing.application import Application
from logwright.testing.bucket import FakeBucket
from logwright.testing.clickhouse import ClickHouseServer


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


def found(check: Check, settings: Settings) -> list[Finding]:
    return list(check(settings))


def states(check: Check, settings: Settings) -> list[State]:
    return [finding.state for finding in check(settings)]


def test_a_whole_examination_of_a_new_place_finds_nothing_wrong(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new", port=0, master_key_file=tmp_path / "config" / "master.key")
    assert not [finding for finding in checks.examine(settings) if finding.state == "wrong"]


def test_a_check_that_cannot_be_made_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings(data=tmp_path / "file" / "below", port=0)
    assert any(
        "could not be checked" in finding.message or finding.state == "wrong" for finding in checks.examine(settings)
    )


def test_this_installation_has_its_packages() -> None:
    assert states(checks.packages, Settings()) == ["ok"]


def test_a_misspelt_variable_is_named_with_what_was_meant() -> None:
    findings = list(checks.variables(Settings(), {"LOGWRIGHT_PROT": "1", "LOGWRIGHT_URL": "http://x", "PATH": "/"}))
    assert [finding.state for finding in findings] == ["warning"]
    assert "did you mean LOGWRIGHT_PORT?" in findings[0].message
    assert [finding.state for finding in checks.variables(Settings(), {})] == ["ok"]


def test_a_data_folder_that_others_may_enter_is_wrong(data: Path) -> None:
    assert states(checks.data_folder, Settings(data=data)) == ["ok"]
    data.chmod(0o755)
    (finding,) = found(checks.data_folder, Settings(data=data))
    assert finding.state == "wrong"
    assert f"chmod 700 {data}" in finding.message


def test_a_data_folder_that_is_not_there_is_made_at_the_first_start(tmp_path: Path) -> None:
    assert states(checks.data_folder, Settings(data=tmp_path / "new")) == ["ok"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_data_folder_of_another_user_is_wrong(data: Path) -> None:
    os.chown(data, 65534, 65534)
    (finding,) = found(checks.data_folder, Settings(data=data))
    assert finding.state == "wrong"
    assert "belongs to user 65534" in finding.message


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
server:/x /mnt/with\\040space nfs4 rw 0 0
/dev/sdb /srv ext4 rw 0 0
overlay /srv overlay rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home", "ext4"),
        ("/run/x", "tmpfs"),
        ("/runaway", "ext4"),
        ("/mnt/with space/x", "nfs4"),
        ("/srv/a", "overlay"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(folder: str, kind: str) -> None:
    assert checks.file_system_kind(Path(folder), MOUNTS) == kind


def test_data_in_memory_is_worth_a_word() -> None:
    if checks.file_system_kind(Path("/dev/shm")) != "tmpfs":
        pytest.skip("/dev/shm is not in memory here")
    (finding,) = found(checks.file_system, Settings(data=Path("/dev/shm/logwright-data")))
    assert finding.state == "warning"
    assert "gone at the next start" in finding.message


def test_a_master_key_that_others_may_read_is_wrong(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_text("a" * 64 + "\n")
    file.chmod(0o644)
    settings = Settings(data=data, master_key_file=file)
    (finding,) = [each for each in checks.examine(settings) if each.name == "master key"]
    assert finding.state == "wrong"
    assert "chmod 600" in finding.message
    file.chmod(0o600)
    assert states(checks.master_key, settings) == ["ok"]


def test_a_master_key_inside_the_data_folder_is_wrong(data: Path) -> None:
    file = data / "master.key"
    file.write_text("a" * 64 + "\n")
    file.chmod(0o600)
    (finding,) = found(checks.master_key, Settings(data=data, master_key_file=file))
    assert finding.state == "wrong"
    assert "a copy of the folder opens itself" in finding.message


def test_a_lost_master_key_is_wrong_where_a_database_needs_it(data: Path, tmp_path: Path) -> None:
    settings = Settings(data=data, master_key_file=tmp_path / "absent")
    assert states(checks.master_key, settings) == ["ok"]
    (data / "logwright.db").write_bytes(b"")
    assert states(checks.master_key, settings) == ["wrong"]


def test_records_that_were_set_aside_are_told(data: Path) -> None:
    assert states(checks.journal, Settings(data=data)) == ["ok"]
    rejected = data / "journal" / "rejected"
    rejected.mkdir(parents=True)
    (rejected / "w0-17").write_bytes(b"?")
    assert states(checks.journal, Settings(data=data)) == ["warning", "ok"]


def test_a_clock_behind_what_was_written_is_told(data: Path) -> None:
    assert states(checks.clock, Settings(data=data)) == ["ok"]
    file = data / "logwright.db"
    file.write_bytes(b"")
    tomorrow = time.time() + 86400
    os.utime(file, (tomorrow, tomorrow))
    (finding,) = found(checks.clock, Settings(data=data))
    assert finding.state == "warning"
    assert "24.0 h behind" in finding.message


def test_a_port_of_another_program_is_wrong_and_a_free_one_is_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        taken.close()
        assert states(checks.port, Settings(port=number)) == ["ok"]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.listen()
        taken.settimeout(0)
        assert states(checks.port, Settings(port=taken.getsockname()[1])) == ["wrong"]


def test_a_store_that_runs_tells_what_it_holds(application: Application) -> None:
    (finding,) = found(checks.store, application.settings)
    assert finding.state == "ok"
    assert "logs," in finding.message


def test_a_socket_left_behind_is_no_server(data: Path) -> None:
    assert found(checks.store, Settings(data=data))[0].message == "No server runs over this folder"
    run = data / "run"
    run.mkdir()
    folder = os.open(run, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(f"/proc/self/fd/{folder}/store.sock")  # an address holds 107 bytes; the path may be longer
    os.close(folder)
    (finding,) = found(checks.store, Settings(data=data))
    assert finding.state == "ok"
    assert "left its socket" in finding.message


def test_media_are_measured_and_their_bucket_is_asked(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FolderBlobs(data / "blobs").put(bytes(2048))
    assert "2.0 KiB" in found(checks.media, Settings(data=data))[0].message
    with FakeBucket() as bucket:
        settings = Settings(data=data, blobs=bucket.address())
        assert [each.state for each in checks.media(settings, bucket.environment)] == ["ok"]
        bucket.fails = 403
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)
        refused = list(checks.examine(settings, [checks.media]))
    assert [finding.state for finding in refused] == ["wrong"]
    assert "403" in refused[0].message


def test_a_server_that_has_the_logs_is_asked(clickhouse: ClickHouseServer, store_url: str, tmp_path: Path) -> None:
    (well,) = found(checks.store_server, Settings(data=tmp_path, store=store_url))
    assert (well.state, "it is ClickHouse" in well.message) == ("ok", True)
    for url in (store_url.replace("p%40ss", "wrong"), "clickhouse://127.0.0.1:1/logs", "clickhouse://"):
        (wrong,) = found(checks.store_server, Settings(data=tmp_path, store=url))
        assert wrong.state == "wrong"
        assert "wrong%2F" not in wrong.message
    assert found(checks.store_server, Settings(data=tmp_path)) == []
