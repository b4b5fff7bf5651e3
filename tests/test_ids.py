"""Ids say what they name, sort by time, and carry their time."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.ids import ALPHABET, fixed_id, id_millis, new_id

LAST = (1 << 48) - 1


def test_an_id_is_its_prefix_and_a_ulid() -> None:
    """1469918176385 is 01ARYZ6S41 in the documentation of the reference implementation (github.com/ulid/javascript)."""
    assert fixed_id("log", 0, bytes(10)) == "log_" + "0" * 26
    assert fixed_id("log", LAST * 1000, b"\xff" * 10) == "log_7" + "Z" * 25
    assert id_millis("log_01ARYZ6S41TSV4RRFFQ69G5FAV") == 1469918176385


@given(st.integers(min_value=0, max_value=LAST), st.integers(min_value=0, max_value=999))
def test_an_id_carries_its_millisecond(millis: int, micros: int) -> None:
    assert id_millis(new_id("log", millis * 1000 + micros)) == millis


@given(st.lists(st.integers(min_value=0, max_value=LAST), min_size=2, max_size=2, unique=True))
def test_ids_sort_as_their_times(times: list[int]) -> None:
    made = {new_id("log", millis * 1000): millis for millis in times}
    assert [made[each] for each in sorted(made)] == sorted(times)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_id("log", 1_000_000) for _ in range(1000)}) == 1000


def test_times_that_do_not_fit_are_clamped() -> None:
    assert id_millis(new_id("log", -5)) == 0
    assert id_millis(new_id("log", (LAST + 7) * 1000)) == LAST


@given(st.binary(min_size=10, max_size=10), st.integers(min_value=0, max_value=LAST))
def test_the_same_input_makes_the_same_id(entropy: bytes, millis: int) -> None:
    made = fixed_id("log", millis * 1000, entropy)
    assert made == fixed_id("log", millis * 1000, entropy)
    assert set(made.removeprefix("log_")) <= set(ALPHABET)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log_",
        "log_01ARZ",
        "log_01ARZ3NDEKTSV4RRFFQ69G5FA",
        "log_U1ARZ3NDEKTSV4RRFFQ69G5FAV",
        "log_8ZZZZZZZZZ" + "0" * 16,
    ],
)
def test_what_is_no_id_has_no_time(text: str) -> None:
    assert id_millis(text) is None


def test_a_forked_process_makes_ids_of_its_own() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_id("log", 0).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    theirs = os.read(reading, 100).decode()
    os.close(reading)

    assert theirs != new_id("log", 0)
