"""The first minute with a server: what it says, what it refuses, and that its lines work."""

from __future__ import annotations

import os
import re
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from logwright.cli.serve import banner, check_exposure
from logwright.errors import Misconfigured
from logwright.http.services import Beginning
from logwright.settings import Settings

COMMAND = (sys.executable, "-c", "from logwright.cli.main import main; main()")


@contextmanager
def serving(folder: Path, *flags: str) -> Iterator[str]:
    """Start the command as a person does and yield all that it says until it is ready."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [*COMMAND, "serve", "--data", str(folder / "data"), "--port", "0", *flags],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if "logs search" in line:
                break
        yield said
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(30) == 0


def test_the_first_start_shows_its_keys_once(tmp_path: Path) -> None:
    with serving(tmp_path) as first:
        pass
    with serving(tmp_path) as second:
        pass

    assert len(re.findall(r"lwa_\w+", first)) == 1
    assert re.findall(r"lwk_\w+", first)
    assert not re.findall(r"lw[ak]_\w+", second)
    assert "logwright keys create" in second
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "config" / "logwright" / "master.key").stat().st_mode) == 0o600


def test_the_demonstration_answers_the_call_that_the_terminal_shows(tmp_path: Path) -> None:
    """Its curl line is run as it stands."""
    with serving(tmp_path, "--demo") as said:
        lines = said.splitlines()
        at = next(index for index, line in enumerate(lines) if line.strip().startswith("curl"))
        curl = shlex.split(lines[at].rstrip("\\") + lines[at + 1])

        answer = subprocess.run([*curl, "--silent"], capture_output=True, text=True, check=True).stdout

        url, key = curl[1].removesuffix("/v1/chat/completions"), curl[3].removeprefix("Authorization: Bearer ")
        found = httpx2.get(
            f"{url}/api/manage/logs", params={"q": '"say hello"'}, headers={"authorization": f"Bearer {key}"}
        ).json()

    assert '"chat.completion"' in answer
    assert found["data"] if "data" in found else found["items"]


def test_a_port_that_is_taken_ends_in_one_sentence(tmp_path: Path) -> None:
    with serving(tmp_path) as said:
        port = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert port is not None
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
        ended = subprocess.run(
            [*COMMAND, "serve", "--data", str(tmp_path / "other"), "--port", port[1]],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )

    assert ended.returncode == 2
    assert "cannot be listened on" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_being_reachable_from_elsewhere_asks_for_a_key_of_ones_own(tmp_path: Path) -> None:
    public = replace(Settings(data=tmp_path), host="0.0.0.0")  # noqa: S104 - what is to be refused

    with pytest.raises(Misconfigured, match="master key of your own"):
        check_exposure(public)
    check_exposure(replace(public, master_key_file=tmp_path / "key"))
    check_exposure(Settings(data=tmp_path))


def test_the_banner_says_how_to_name_a_provider(tmp_path: Path) -> None:
    said = banner(Settings(data=tmp_path), Beginning(keys=None, admin=None, has_people=False), None)

    assert "logwright people add" in said
    assert "logwright providers set openai" in said
    assert "http://127.0.0.1:8700/v1/chat/completions" in said


def test_the_first_start_prints_a_password_that_signs_in_once(tmp_path: Path) -> None:
    with serving(tmp_path) as said:
        printed = re.search(r"Sign in at (\S+) as (\S+);.*\n\n  (\S+)", said)
        assert printed is not None, said
        url, name, password = printed.groups()
        reply = httpx2.post(
            f"{url}/api/manage/session", json={"email": name, "password": password}, headers={"origin": url}
        )
        assert reply.json()["person"]["must_change_password"] is True

    with serving(tmp_path) as said:
        assert "one-time password" not in said


def test_a_one_time_password_that_nobody_changed_keeps_a_server_to_itself(tmp_path: Path) -> None:
    with serving(tmp_path):
        pass
    environment = {**os.environ, "LOGWRIGHT_MASTER_KEY_FILE": str(tmp_path / "config" / "logwright" / "master.key")}
    ended = subprocess.run(
        [*COMMAND, "serve", "--data", str(tmp_path / "data"), "--host", "0.0.0.0", "--port", "0"],  # noqa: S104
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert ended.returncode == 2
    assert "one-time password" in ended.stderr
