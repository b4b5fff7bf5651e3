"""Parts of a form are found where they lie, and what is no form is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwright.errors import MalformedBody
from logwright.wire.multipart import MAX_PARTS, boundary_of, is_multipart, parts

BODY = (
    b"--xyz\r\n"
    b'Content-Disposition: form-data; name="model"\r\n\r\n'
    b"whisper-1\r\n"
    b"--xyz\r\n"
    b'content-disposition: form-data; name="file"; filename="a \\"b\\".mp3"\r\n'
    b"Content-Type: audio/mpeg\r\n\r\n"
    b"ID3\r\n--xy\r\n\0\r\n"
    b"--xyz\r\n"
    b'Content-Disposition: form-data; name="prompt"\r\n\r\n'
    b"\r\n--xyz--\r\n"
)


def test_each_part_is_told_by_where_it_lies() -> None:
    found = parts(BODY, b"xyz")

    assert [(part.name, BODY[part.start : part.end]) for part in found] == [
        ("model", b"whisper-1"),
        ("file", b"ID3\r\n--xy\r\n\0"),
        ("prompt", b""),
    ]
    assert (found[1].filename, found[1].content_type) == ('a "b".mp3', "audio/mpeg")
    assert all(BODY[part.begin :].startswith(b"--xyz\r\n") for part in found)


def test_a_name_is_read_as_browsers_write_it() -> None:
    body = '--b\r\nContent-Disposition: form-data; name="f"; filename="%22ü%22.png"\r\n\r\n\r\n--b--'.encode()

    assert parts(body, b"b")[0].filename == '"ü".png'


def test_the_boundary_may_stand_in_quotes() -> None:
    assert boundary_of(b'multipart/form-data; charset=utf-8; boundary="a b"') == b"a b"
    assert boundary_of(b"multipart/form-data;BOUNDARY=abc; x=y") == b"abc"
    assert is_multipart(b"Multipart/Form-Data; boundary=abc")
    assert not is_multipart(b"application/json")


@pytest.mark.parametrize("content_type", [b"multipart/form-data", b"multipart/form-data; boundary=" + b"a" * 71])
def test_a_type_without_a_usable_boundary_is_refused(content_type: bytes) -> None:
    with pytest.raises(MalformedBody, match="boundary"):
        boundary_of(content_type)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "does not hold the boundary"),
        (b'{"model": "whisper-1"}', "does not hold the boundary"),
        (b"--xyz", "does not end its line"),
        (b"--xyzz\r\n\r\n", "does not end its line"),
        (b"--xyz\r\nContent-Disposition: form-data", "does not end within"),
        (BODY[:-10], "cut short"),
        (b"--xyz\r\n\r\na\r\n" * (MAX_PARTS + 1) + b"--xyz--", "more than"),
    ],
)
def test_what_is_no_whole_form_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(MalformedBody, match=words):
        parts(body, b"xyz")


@settings(deadline=None)  # it shares the machine
@given(st.binary(max_size=300))
def test_any_bytes_give_parts_or_a_refusal(body: bytes) -> None:
    for given_body in (body, b"--b" + body, BODY.replace(b"ID3", body)):
        try:
            found = parts(given_body, b"xyz" if given_body.startswith(b"--xyz") else b"b")
        except MalformedBody:
            continue
        assert all(0 <= part.begin <= part.start <= part.end <= len(given_body) for part in found)
