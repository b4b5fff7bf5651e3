"""Media go on to a bucket behind the scenes, and a bucket that is down costs nobody a call."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx2

from logwright.testing.bucket import FakeBucket
from logwright.testing.media_answers import a_sound
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

PATIENCE = 20.0


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the server does by itself, every few seconds."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


def test_media_are_safe_at_once_and_in_the_bucket_soon(tmp_path: Path) -> None:
    with (
        FakeUpstream() as upstream,
        FakeBucket() as bucket,
        Server(
            upstream=upstream,
            folder=tmp_path / "server",
            settings=["--blobs", bucket.address()],
            environment=bucket.environment,
        ) as server,
        httpx2.Client(headers={"authorization": f"Bearer {server.key}"}, trust_env=False) as client,
    ):
        bucket.fails = 503
        server.openai().audio.speech.create(model="tts-1", voice="alloy", input="Hello")
        newest = client.get(f"{server.url}/api/manage/logs").json()["data"][0]
        (digest,) = client.get(f"{server.url}/api/manage/logs/{newest['id']}").json()["blobs"]
        address = f"{server.url}/api/manage/blobs/{digest}"
        waiting = server.data / "blobs" / digest[:2] / digest[2:4] / digest

        assert client.get(address).content == a_sound(form="mp3")
        assert waiting.exists()
        bucket.fails = 0
        until(lambda: not waiting.exists())
        assert [data for data, _ in bucket.objects.values()] == [a_sound(form="mp3")]
        assert client.get(address).content == a_sound(form="mp3")
        assert client.get(address, headers={"range": "bytes=3-9"}).content == a_sound(form="mp3")[3:10]
        bucket.fails = 503
        refused = client.get(address)
        assert refused.status_code == 503
        assert "bucket" in refused.json()["message"]
