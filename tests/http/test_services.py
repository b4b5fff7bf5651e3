"""Opening a data directory: what is made, for whom it can be read, and where the master key comes from."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.http.services import default_master_key_file, is_loopback, open_services
from logwright.settings import Settings


def open_once(settings: Settings) -> None:
    async def opened() -> None:
        async with open_services(settings, producer="w0") as services:
            assert services.recorder.refusal() is None

    asyncio.run(opened())


def test_everything_in_the_data_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    open_once(Settings(data=data, master_key="00" * 32))

    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    for path in data.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert (data / "logwright.db").exists()
    assert (data / "journal" / "w0").is_dir()


def test_a_master_key_is_made_for_a_server_that_only_this_machine_can_reach(tmp_path: Path) -> None:
    file = tmp_path / "config" / "master.key"
    open_once(Settings(data=tmp_path / "data", master_key_file=file))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    open_once(Settings(data=tmp_path / "data", master_key_file=file))


def test_a_server_open_to_others_wants_a_master_key_of_its_operators_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", master_key_file=tmp_path / "master.key", host="0.0.0.0")  # noqa: S104

    with pytest.raises(Misconfigured, match="no master key"):
        open_once(settings)


def test_the_master_key_lies_in_the_configuration_folder(tmp_path: Path) -> None:
    assert default_master_key_file({"XDG_CONFIG_HOME": "/etc/conf"}) == Path("/etc/conf/logwright/master.key")
    assert default_master_key_file({}) == Path.home() / ".config" / "logwright" / "master.key"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104 - what must not count as loopback
        ("::", False),
        ("10.0.0.1", False),
        ("logs.example.com", False),
        ("", False),
    ],
)
def test_loopback_is_what_only_this_machine_can_reach(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
