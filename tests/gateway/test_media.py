"""Media pass piece by piece, the last one held."""

from __future__ import annotations

import pytest

from logwright.gateway.media import Passage, is_media, is_text


@pytest.mark.parametrize("kind", [b"audio/mpeg", b"application/octet-stream", b"image/png", b"Audio/L16; rate=8000"])
def test_sound_and_pictures_are_media(kind: bytes) -> None:
    assert is_media(kind)
    assert not is_text(kind)


@pytest.mark.parametrize("kind", [b"text/plain; charset=utf-8", b"text/vtt", b"Text/SRT"])
def test_transcripts_are_text(kind: bytes) -> None:
    assert is_text(kind)
    assert not is_media(kind)


@pytest.mark.parametrize("kind", [b"application/json", b"text/html", b"APPLICATION/JSON; charset=utf-8"])
def test_json_and_pages_are_neither(kind: bytes) -> None:
    assert not is_media(kind)
    assert not is_text(kind)


def test_each_piece_leaves_when_the_next_one_comes() -> None:
    passage = Passage()

    assert [passage.feed(piece) for piece in (b"a", b"b", b"c")] == [b"", b"a", b"b"]
    assert (passage.held, passage.rest(), passage.saw_end) == (b"c", b"", True)
