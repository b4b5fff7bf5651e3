"""What is kept of a call; the record itself is tested through the door in test_exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logwright import ids
from logwright.gateway.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.gateway.conftest import Rig


def test_a_stream_is_kept_up_to_the_byte_and_its_loss_is_marked(a_rig: Callable[..., Rig]) -> None:
    recording = Recording(a_rig(max_captured_bytes=5).house, "chat_completion")

    recording.capture(b"abc")
    assert not recording.truncated
    recording.capture(b"def")
    recording.capture(b"ghi")

    assert recording.whole() == b"abcde"
    assert recording.truncated


def test_a_log_carries_its_time_in_its_id(rig: Rig) -> None:
    recording = Recording(rig.house, "chat_completion")

    assert ids.id_millis(recording.id) == recording.requested_at // 1000


def test_the_first_byte_comes_once(rig: Rig) -> None:
    recording = Recording(rig.house, "chat_completion")
    recording.begin_body()
    first = recording.first_byte_at

    recording.begin_body()

    assert recording.first_byte_at == first
