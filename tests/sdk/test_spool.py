from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from logwright.sdk.options import Destination
from logwright.sdk.report import Parcel
from logwright.sdk.spool import Spool, folder_of


def a_parcel(number: int, *, size: int = 100) -> Parcel:
    return Parcel(f"sdk_{number}", b"x" * size)


def drain(spool: Spool) -> list[str]:
    found = []
    while (claim := spool.claim()) is not None:
        while (parcel := claim.first()) is not None:
            found.append(parcel.idempotency_key)
            claim.sent()
        claim.finish()
    return found


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", max_bytes=1 << 20, file_bytes=1000)


def test_what_was_kept_comes_out_in_order_over_several_files(spool: Spool, tmp_path: Path) -> None:
    for number in range(40):
        assert spool.append(a_parcel(number))
    assert len(list((tmp_path / "spool").iterdir())) > 2

    assert drain(spool) == [f"sdk_{number}" for number in range(40)]
    assert not list((tmp_path / "spool").iterdir())
    assert not spool.has_any()


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "spool", max_bytes=1000)

    assert not spool.append(a_parcel(1))
    assert not spool.has_any()
    assert spool.claim() is None


@pytest.mark.parametrize("damage", ["cut", "turned", "empty"])
def test_damage_costs_what_lies_behind_it_and_no_more(spool: Spool, tmp_path: Path, damage: str) -> None:
    for number in range(3):
        spool.append(a_parcel(number))
    spool.close()
    (file,) = (tmp_path / "spool").iterdir()
    content = file.read_bytes()
    frame = len(content) // 3
    match damage:
        case "cut":
            file.write_bytes(content[: 2 * frame + 20])
        case "turned":
            file.write_bytes(
                content[: 2 * frame + 30] + bytes([content[2 * frame + 30] ^ 1]) + content[2 * frame + 31 :]
            )
        case _:
            file.write_bytes(content[: 2 * frame] + b"\0" * 50)

    # Zeros make a frame of length 0 whose checksum is 0 as well: it must not count as a report.
    assert drain(spool) == ["sdk_0", "sdk_1"]


def test_one_file_is_claimed_once(tmp_path: Path) -> None:
    ours = Spool(tmp_path, max_bytes=1 << 20)
    ours.append(a_parcel(1))
    theirs = Spool(tmp_path, max_bytes=1 << 20)

    assert theirs.claim() is None  # still being written
    ours.close()
    claim = theirs.claim()
    assert claim is not None
    assert ours.claim() is None
    claim.abandon()
    assert drain(ours) == ["sdk_1"]


def test_two_destinations_do_not_share_a_folder() -> None:
    one = Destination(base_url="http://a", api_key="lwk_1", spool=Path("/s"))

    assert folder_of(one) == folder_of(replace(one, flush_seconds=9.0))
    assert folder_of(one) != folder_of(replace(one, api_key="lwk_2"))
    assert folder_of(one) != folder_of(replace(one, base_url="http://b"))
    assert folder_of(replace(one, spool=None)) is None


def test_no_descriptor_is_left_open(spool: Spool) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(40):
        spool.append(a_parcel(number))
    drain(spool)
    spool.close()

    assert len(list(Path("/proc/self/fd").iterdir())) == before
