"""The first bytes tell what a medium is."""

from __future__ import annotations

import pytest

from logwright.logs.media.sniffing import HARMLESS, SUFFIXES, sniff
from logwright.testing.media_answers import a_picture, a_sound


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (a_picture(), "image/png"),
        (a_sound(), "audio/wav"),
        (a_sound(form="mp3"), "audio/mpeg"),
        (b"\xff\xfb\x90\0", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "audio/aac"),
        (a_sound(form="opus"), "audio/ogg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>", ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_a_medium_is_known_by_its_beginning(data: bytes, kind: str) -> None:
    assert sniff(data) == kind
    assert not kind or kind in SUFFIXES


def test_what_could_run_something_is_not_harmless() -> None:
    assert not {"image/svg+xml", "text/html", "application/pdf"} & HARMLESS
