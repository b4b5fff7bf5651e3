"""Half a surrogate pair passes as the escape that it came in as."""

from __future__ import annotations

import pytest

from logwright.wire.lenient import read, read_object, write


def test_half_of_a_pair_goes_out_as_it_came() -> None:
    assert write(read(b'{"a":"\\ud83d"}')) == b'{"a":"\\ud83d"}'


def test_ordinary_text_stays_utf_8() -> None:
    assert write(read('{"a":"é"}'.encode())) == '{"a":"é"}'.encode()


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whose subclass it is differs
        read_object(data)
