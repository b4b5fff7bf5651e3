"""What a medium is, by its first bytes; what a caller says it is decides nothing that a browser acts upon."""

from __future__ import annotations

from typing import Final

ENOUGH_BYTES: Final = 64
"""How much of a medium suffices to tell."""

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_RIFF: Final = {b"WAVE": "audio/wav", b"WEBP": "image/webp"}
_ADTS_OR_MPEG: Final = 0xE0

SUFFIXES: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "audio/mpeg": ".mp3",
    "audio/aac": ".aac",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
"""Endings for the names of files, of the types that are told apart here."""

HARMLESS: Final = frozenset(SUFFIXES) - {"application/pdf"}
"""What a browser may show by itself: it runs nothing of these."""


def sniff(data: bytes) -> str:
    """Return a medium's content type; empty when its first bytes tell none (of `pcm`, for instance, they never do)."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return "audio/mp4" if data[8:11] == b"M4A" else "video/mp4"
    if len(data) > 3 and data[0] == 0xFF and data[1] & _ADTS_OR_MPEG == _ADTS_OR_MPEG:
        # MPEG audio's frame header (ISO 11172-3); of AAC in ADTS (ISO 13818-7) the layer's two bits are zero.
        return "audio/aac" if data[1] & 0x06 == 0 else "audio/mpeg"
    return ""
