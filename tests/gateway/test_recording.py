"""What is kept of a call; the record itself is tested through the door in test_exchange."""

from __future__ import annotations

import zlib
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


def test_a_long_stream_is_held_squeezed_and_recorded_whole(rig: Rig) -> None:
    """Four megabytes of events take a tenth of that in memory and in the journal; not one is lost."""
    rig.upstream.answers(chunks=[f"word {number} " * 20 for number in range(8000)])

    with rig.streaming() as answer:
        sent = b"".join(answer.iter_raw())

    record = rig.notes.only()
    assert record.response_form == "sse-zlib"
    assert not record.response_truncated
    assert len(record.response) < len(sent) / 10
    kept = zlib.decompress(record.response)
    assert kept.count(b'"content":"word ') == 8000
    assert kept.endswith(b"data: [DONE]\n\n")


def test_how_a_long_stream_ended_is_still_seen(rig: Rig) -> None:
    def end(finished: bytes) -> bytes:
        recording = Recording(rig.house, "chat_completion")
        for _ in range(2000):
            recording.capture(b'data: {"choices":[{"delta":{"content":"word"},"finish_reason":null}]}\n\n' * 10)
        recording.capture(finished)
        return recording.tail()

    last = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
    assert rig.on_loop(lambda: end(last)).endswith(last)
