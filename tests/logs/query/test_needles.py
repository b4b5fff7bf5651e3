"""A search for words finds them however JSON spells them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.logs.query.needles import forms, lower_ascii, pattern_of, pieces, spellings


@pytest.mark.parametrize("ensure_ascii", [True, False])
@given(before=st.text(max_size=5), text=st.text(min_size=1, max_size=8), after=st.text(max_size=5))
def test_one_of_the_spellings_stands_in_the_json(ensure_ascii: bool, before: str, text: str, after: str) -> None:
    body = lower_ascii(json.dumps(before + text + after, ensure_ascii=ensure_ascii))
    assert any(form in body for (form,) in spellings([text], exact_case=False))


@pytest.mark.parametrize("written", ["ПРИВЕТ", "привет", "Привет"])
def test_other_alphabets_are_found_in_the_ways_that_people_write(written: str) -> None:
    assert any(form in f'"{written}!"' for (form,) in spellings(["привет"], exact_case=False))


def test_with_exact_case_the_text_is_json_itself() -> None:
    assert spellings(['"tools":'], exact_case=True) == (('"tools":',),)
    assert spellings(["é"], exact_case=True) == (("é",), ("\\u00e9",))


def test_a_plain_word_has_one_spelling() -> None:
    assert forms("Refund", wildcard=False, exact_case=False, in_json=True) == (("refund",),)


@given(st.text())
def test_a_pattern_made_of_text_is_one_piece(text: str) -> None:
    assert pieces(pattern_of(text)) == [text]


def test_a_pattern_is_cut_at_its_bare_stars() -> None:
    assert pieces(r"a*b\*c\\*d\x") == ["a", "b*c\\", "d\\x"]
    assert pieces("a\\") == ["a\\"]


@given(st.text())
def test_lowering_changes_a_to_z_alone(text: str) -> None:
    assert [
        low for low, letter in zip(lower_ascii(text), text, strict=True) if low != letter and not letter.isascii()
    ] == []
    assert lower_ascii("ABCÄ") == "abcÄ"
