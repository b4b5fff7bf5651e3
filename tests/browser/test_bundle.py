"""The built interface keeps to its budget and to its policy."""

from __future__ import annotations

import gzip
import re

import pytest

from logwright.http.interface import FOLDER

pytestmark = pytest.mark.browser

FIRST_LOAD = 300_000
"""Bytes of JavaScript, compressed, that the first page may cost."""
WHOLE = 3_000_000


def test_the_first_load_is_small() -> None:
    page = (FOLDER / "index.html").read_text()
    entry = re.findall(r'(?:src|href)="\./(assets/[^"]+\.js)"', page)
    room = [path.relative_to(FOLDER).as_posix() for path in (FOLDER / "assets").glob("Logs-*.js")]
    assert entry
    size = sum(len(gzip.compress((FOLDER / name).read_bytes())) for name in {*entry, *room})
    assert size <= FIRST_LOAD


def test_the_whole_is_not_large() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= WHOLE


def test_no_script_stands_in_the_page() -> None:
    page = (FOLDER / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert "http://" not in page
    assert "https://" not in page
