"""The master keys: found, checked, made, and never told."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.projects.master import load, master_key, parse

RAW = bytes(range(32))


@pytest.mark.parametrize(
    "written",
    [
        RAW.hex(),
        RAW.hex().upper(),
        base64.b64encode(RAW).decode(),
        base64.urlsafe_b64encode(RAW).decode().rstrip("="),
        f"# made in March\n\n  {RAW.hex()}  \n",
    ],
)
def test_a_key_is_read_in_each_of_its_forms(written: str) -> None:
    (key,) = parse(written)
    assert key == master_key(RAW)


def test_several_keys_are_read_in_order_by_line_or_comma() -> None:
    other = bytes(32)
    for separator in ("\n", ","):
        assert parse(RAW.hex() + separator + other.hex()) == [master_key(RAW), master_key(other)]


@pytest.mark.parametrize("written", ["", "\n# nothing\n", "short", RAW.hex()[:-1], RAW.hex() + "00", "zz" * 32])
def test_what_is_no_key_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        parse(written)
    assert written.strip() == "" or written.strip() not in str(refused.value)


def test_what_is_derived_tells_nothing_of_the_key_nor_of_each_other() -> None:
    key = master_key(RAW)
    assert len({key.sealing, key.pepper, RAW}) == 3
    assert key.id not in RAW.hex()
    for part in (key.sealing, key.pepper, RAW):
        assert part.hex() not in repr(key)
        assert repr(part) not in repr(key)


def test_the_first_start_makes_a_file_that_only_its_owner_may_read(tmp_path: Path) -> None:
    file = tmp_path / "config" / "logwright" / "master.key"
    made = load("", file, may_generate=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert load("", file, may_generate=False) == made
    assert [path.name for path in file.parent.iterdir()] == ["master.key"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    file, found = tmp_path / "master.key", []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        found.append(load("", file, may_generate=True)[0].id)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_setting_wins_over_the_file(tmp_path: Path) -> None:
    load("", tmp_path / "master.key", may_generate=True)
    assert load(RAW.hex(), tmp_path / "master.key", may_generate=False) == [master_key(RAW)]


def test_without_a_key_an_exposed_server_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"set LOGWRIGHT_MASTER_KEY.*openssl rand -hex 32"):
        load("", tmp_path / "master.key", may_generate=False)
    assert not list(tmp_path.iterdir())


def test_a_lost_file_is_not_papered_over_with_a_new_key(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="Put the file back"):
        load("", tmp_path / "master.key", may_generate=True, in_use=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, rights: int) -> None:
    file = tmp_path / "master.key"
    load("", file, may_generate=True)
    file.chmod(rights)
    with pytest.raises(Misconfigured, match="chmod 600"):
        load("", file, may_generate=False)
