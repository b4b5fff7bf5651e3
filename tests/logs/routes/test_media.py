"""Media are given to those whose logs they belong to, in a form that runs nothing."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from logwright.testing.media_answers import a_picture, a_sound

if TYPE_CHECKING:
    import httpx2
    from tests.logs.conftest import Room

SOUND = a_sound(form="wav")
DIGEST = hashlib.sha256(SOUND).hexdigest()


def spoken(room: Room, data: bytes = SOUND, kind: str = "audio/wav") -> str:
    """Record an answer of sound and return its log's id."""
    return room.record(kind="speech", response=data, response_form="binary", response_type=kind).id


def fetched(room: Room, digest: str = DIGEST, **request: Any) -> httpx2.Response:
    return room.call("GET", f"/blobs/{digest}", **request)


def test_a_sound_can_be_played(room: Room) -> None:
    log_id = spoken(room)

    requests: list[dict[str, Any]] = [{}, {"params": {"log": log_id}}]
    for request in requests:
        answer = fetched(room, **request)
        assert answer.content == SOUND
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["content-disposition"] == f'inline; filename="{DIGEST[:12]}.wav"'
    assert fetched(room, f"sha256:{DIGEST}").content == SOUND


@pytest.mark.parametrize(
    ("asked", "expected", "told"),
    [
        ("bytes=0-9", SOUND[:10], f"bytes 0-9/{len(SOUND)}"),
        ("bytes=100-", SOUND[100:], f"bytes 100-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=-5", SOUND[-5:], f"bytes {len(SOUND) - 5}-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=5-99999999", SOUND[5:], f"bytes 5-{len(SOUND) - 1}/{len(SOUND)}"),
    ],
)
def test_a_player_gets_the_part_it_asks_for(room: Room, asked: str, expected: bytes, told: str) -> None:
    spoken(room)
    answer = fetched(room, headers={"range": asked})

    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, expected, told)


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-5", "lines=1-2", "bytes=-", ""])
def test_what_is_no_single_range_means_the_whole(room: Room, asked: str) -> None:
    spoken(room)
    answer = fetched(room, headers={"range": asked})

    assert (answer.status_code, answer.content) == (200, SOUND)


@pytest.mark.parametrize("asked", [f"bytes={len(SOUND)}-", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused(room: Room, asked: str) -> None:
    spoken(room)
    answer = fetched(room, headers={"range": asked})

    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(SOUND)}")


@pytest.mark.parametrize("hostile", [b"<html><script>alert(1)</script>", b"<svg onload='alert(1)'/>", b"%PDF-1.7"])
def test_what_could_run_is_only_downloaded(room: Room, hostile: bytes) -> None:
    """The provider, or whoever wrote what it read, says that it is a page."""
    spoken(room, hostile, "text/html")
    answer = fetched(room, hashlib.sha256(hostile).hexdigest())

    assert answer.content == hostile
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_another_projects_media_are_not_found(room: Room) -> None:
    log_id = spoken(room)
    stranger = room.app.project()

    assert fetched(room, key=stranger.key).status_code == 404
    assert fetched(room, key=stranger.key, params={"log": log_id}).status_code == 404


def test_whoever_writes_a_digest_into_a_log_gets_nothing(room: Room) -> None:
    spoken(room)
    stranger = room.app.project()
    asked = {"model": "m", "messages": [{"role": "user", "content": {"$blob": f"sha256:{DIGEST}"}}]}
    told = room.app.call("POST", "/api/v1/report", key=stranger.key, json={"requestedAt": 1, "reqPayload": asked})

    assert told.status_code == 200
    assert fetched(room, key=stranger.key).status_code == 404


@pytest.mark.parametrize("digest", ["0" * 64, "no-digest", DIGEST.upper()])
def test_what_is_not_there_is_not_found_or_refused(room: Room, digest: str) -> None:
    assert fetched(room, digest).status_code in {400, 404}


def test_a_damaged_medium_is_refused_and_never_given(room: Room) -> None:
    data = a_sound(seed=77)
    spoken(room, data)
    digest = hashlib.sha256(data).hexdigest()
    room.found()  # taken in
    path = room.app.settings.data / "blobs" / digest[:2] / digest[2:4] / digest
    path.write_bytes(data[:-1] + b"?")

    assert fetched(room, digest).status_code == 503
    path.unlink()
    assert fetched(room, digest).status_code == 404


def test_a_log_can_be_had_with_its_media_inside(room: Room) -> None:
    picture = base64.b64encode(a_picture(width=64)).decode()
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
    asked = {"model": "m", "messages": [{"role": "user", "content": [part]}]}
    log_id = room.record(request=asked).id

    plain = room.get(f"/logs/{log_id}")
    whole = room.get(f"/logs/{log_id}", media="inline")

    assert plain["request"]["messages"][0]["content"][0]["image_url"]["url"]["$blob"] == f"sha256:{plain['blobs'][0]}"
    assert whole["request"] == asked
    rows = [
        room.call("GET", "/logs/export", params={"media": media, "q": f"id:{log_id}"}).json()
        for media in ("refer", "inline")
    ]
    assert [row["input"] for row in rows] == [plain["request"], asked]
