from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from logwright.sdk.options import Destination
from logwright.sdk.post import Post
from logwright.sdk.report import Parcel
from logwright.testing.report_door import ReportDoor

PARCEL = Parcel("sdk_1", b"{}")


@pytest.fixture
def post(target: Destination) -> Iterator[Post]:
    post = Post(target)
    yield post
    post.close()


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (200, b'{"status": "ok"}', "taken"),
        (200, b'{"status": "error"}', "away"),
        (200, b"<html>", "away"),
        (200, b"", "away"),
        (302, b"", "refused"),
        (400, b'{"message": "Bad"}', "refused"),
        (401, b"{}", "refused"),
        (404, b"{}", "refused"),
        (408, b"{}", "away"),
        (413, b"{}", "refused"),
        (429, b"{}", "away"),
        (500, b"{}", "fault"),
        (502, b"{}", "away"),
        (503, b"{}", "away"),
        (507, b"{}", "away"),
    ],
)
def test_each_answer_means_one_thing(door: ReportDoor, post: Post, status: int, answer: bytes, outcome: str) -> None:
    door.status, door.answer = status, answer

    assert post.send(PARCEL) == outcome
    if outcome == "refused":
        assert str(status) in post.refusal


def test_a_server_that_is_not_there_is_away(door: ReportDoor, post: Post) -> None:
    door.close()

    assert post.send(PARCEL) == "away"


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999", "ftp://127.0.0.1"])
def test_an_address_that_is_none_never_raises(target: Destination, url: str) -> None:
    post = Post(replace(target, base_url=url))

    assert post.send(PARCEL) in {"away", "refused"}
    post.close()


def test_a_key_that_no_header_can_hold_never_raises(target: Destination) -> None:
    post = Post(replace(target, api_key="lwk_ł\n"))

    assert post.send(PARCEL) == "refused"
    assert "lwk_" not in post.refusal
    post.close()
