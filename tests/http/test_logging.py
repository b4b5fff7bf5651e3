"""The server's own log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from logwright.http.logging import set_up_logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("logwright")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


def test_our_messages_come_from_the_level_on_and_others_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("info")

    logging.getLogger("logwright.gateway").info("ours")
    logging.getLogger("logwright.gateway").debug("too much of ours")
    logging.getLogger("elsewhere").info("theirs")
    logging.getLogger("elsewhere").warning("their warning")

    told = capsys.readouterr().err
    assert "INFO logwright.gateway: ours" in told
    assert "too much" not in told
    assert "theirs" not in told
    assert "their warning" in told
