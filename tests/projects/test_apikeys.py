"""The form of an API key."""

from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.projects.apikeys import ADMIN_PREFIX, PROJECT_PREFIX, hint_of, is_well_formed, new_key

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("prefix", [PROJECT_PREFIX, ADMIN_PREFIX])
def test_a_key_is_its_prefix_256_random_bits_and_check_characters(prefix: str) -> None:
    key = new_key(prefix)
    assert re.fullmatch(prefix + "[0-9A-Za-z]{43}[0-9A-Za-z]{6}", key)
    check = 0
    for letter in key[-6:]:
        check = check * 62 + ALPHABET.index(letter)
    assert check == zlib.crc32(key[:-6].encode())
    assert is_well_formed(key.encode())


def test_no_two_keys_are_alike_and_every_letter_varies() -> None:
    keys = [new_key(PROJECT_PREFIX) for _ in range(500)]
    assert len(set(keys)) == 500
    for place in range(4, 46):  # the last of the 43 letters holds what 256 bits leave over, and varies less
        assert len({key[place] for key in keys}) > 40


@given(place=st.integers(0, 52), letter=st.sampled_from(ALPHABET + "_-"))
def test_a_key_with_one_wrong_letter_is_refused_without_a_look_up(place: int, letter: str) -> None:
    key = new_key(PROJECT_PREFIX)
    wrong = key[:place] + letter + key[place + 1 :]
    assert is_well_formed(wrong.encode()) == (wrong == key)


@given(st.binary(max_size=80))
def test_junk_is_refused(junk: bytes) -> None:
    assert not is_well_formed(junk)


def test_a_hint_shows_ten_characters_of_53() -> None:
    key = new_key(PROJECT_PREFIX)
    assert hint_of(key) == f"{key[:6]}…{key[-4:]}"
