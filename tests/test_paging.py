"""A page is its items and the way on."""

from __future__ import annotations

import dataclasses

import pytest

from logwright.paging import Page


def test_a_page_cannot_be_changed_by_who_shows_it() -> None:
    page = Page(items=["a"], next=None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.next = "b"  # type: ignore[misc] # that it is refused is the claim
