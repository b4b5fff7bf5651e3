"""Every setting is described, has a default that can be written, and is used."""

from __future__ import annotations

import re
from pathlib import Path

import logwright
from logwright.settings import Settings, declarations, load


def test_every_setting_has_a_sentence_and_its_default_can_be_written_back() -> None:
    for declared in declarations():
        assert declared.sentence.endswith(".")
        if declared.default:
            loaded = load(environ={declared.variable: declared.default}).settings
            assert getattr(loaded, declared.name) == getattr(Settings(), declared.name), declared.name


def test_every_setting_is_read_somewhere() -> None:
    """A setting that nothing reads is a promise that nothing keeps."""
    source = Path(logwright.__file__).parent
    files = [path for path in source.rglob("*.py") if path.parent != source / "settings"]
    text = "\n".join(path.read_text() for path in files)
    for declared in declarations():
        assert re.search(rf"\b(?:settings|chosen)\.{declared.name}\b", text), declared.name
