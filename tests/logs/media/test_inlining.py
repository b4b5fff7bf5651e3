"""What was lifted comes back as it stood, and nothing else does."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwright.blobs.folder import FolderBlobs
from logwright.logs.media.inlining import each_with_media, inlined, with_media
from logwright.logs.media.lifting import Lifting
from logwright.logs.types import Log
from logwright.testing.factories import a_log
from logwright.testing.media_answers import a_picture


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path / "blobs", durable=False)


@settings(deadline=None)  # it shares the machine
@given(
    before=st.text(alphabet='{}[]":, \n\\u00e9', max_size=20).map(json.dumps),
    data=st.lists(st.sampled_from([64, 65, 70]), min_size=1, max_size=3),
    is_url=st.booleans(),
)
def test_lifting_and_putting_back_gives_the_very_text(
    tmp_path_factory: pytest.TempPathFactory, before: str, data: list[int], is_url: bool
) -> None:
    blobs = FolderBlobs(tmp_path_factory.mktemp("blobs"), durable=False)
    prefix = "data:image/png;base64," if is_url else ""
    members = ", ".join(f'"b64_json" :"{prefix}{base64.b64encode(a_picture(width=each)).decode()}"' for each in data)
    text = f'{{ "a":{before},\n {members}, "z": 1.0e2}}'
    media = Lifting(blobs)

    lifted = media.text(text)

    assert len(lifted) < 1200
    assert inlined(lifted, media.digests, blobs.get) == text


def test_a_file_comes_back_as_an_object(blobs: FolderBlobs) -> None:
    media = Lifting(blobs)
    text = json.dumps({"file": media.file(b"abc", "audio/mpeg", "a}{.mp3")}, separators=(",", ":"))

    assert json.loads(inlined(text, media.digests, blobs.get)) == {
        "file": {"filename": "a}{.mp3", "size": 3, "content_type": "audio/mpeg", "base64": "YWJj"}
    }


def test_a_reference_of_the_callers_own_opens_nothing(blobs: FolderBlobs) -> None:
    text = json.dumps({"file": {"$blob": f"sha256:{blobs.put(b'secret')}"}}, separators=(",", ":"))

    assert inlined(text, (), blobs.get) == text
    assert with_media(a_log(request=text, blobs=[]), blobs).request == text


def test_a_medium_that_is_gone_stays_a_reference(blobs: FolderBlobs) -> None:
    media = Lifting(blobs)
    text = json.dumps(media.file(b"abc", "audio/mpeg"), separators=(",", ":"))
    blobs.discard(media.digests[0], before=2**40)

    assert inlined(text, media.digests, blobs.get) == text


def test_a_broken_reference_is_left_alone(blobs: FolderBlobs) -> None:
    digest = blobs.put(b"abc")
    text = f'{{"$blob":"sha256:{digest}"'

    assert inlined(text, [digest], blobs.get) == text


def test_logs_with_media_come_one_by_one(blobs: FolderBlobs) -> None:
    media = Lifting(blobs)
    response = json.dumps({"audio": media.file(b"abc", "audio/mpeg")}, separators=(",", ":"))
    logs = [a_log(), a_log(response=response, blobs=media.digests), a_log(), a_log()]

    async def batches() -> AsyncIterator[Sequence[Log]]:
        yield logs

    async def run() -> list[Sequence[Log]]:
        return [batch async for batch in each_with_media(batches(), blobs)]

    found = asyncio.run(run())

    assert [len(batch) for batch in found] == [1, 1, 2]
    assert json.loads(found[1][0].response)["audio"]["base64"] == "YWJj"
