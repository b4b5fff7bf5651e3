"""Provider keys at rest: bound to project, provider and master key."""

from __future__ import annotations

import base64
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.projects.master import master_key
from logwright.projects.types import Secret
from logwright.projects.vault import CannotOpen, Vault, sealed_with

OLD, NEW = master_key(bytes(32)), master_key(bytes(range(32)))
KEY = Secret("sk-proj-0123456789")
HERE = {"project_id": "prj_1", "provider_id": "prv_1"}


def test_what_was_sealed_opens_in_its_place() -> None:
    vault = Vault([NEW])
    assert vault.open(vault.seal(KEY, **HERE), **HERE) == KEY


@pytest.mark.parametrize("place", [{"project_id": "prj_2"}, {"provider_id": "prv_2"}])
def test_a_row_copied_elsewhere_does_not_open(place: dict[str, str]) -> None:
    vault = Vault([NEW])
    envelope = vault.seal(KEY, **HERE)
    with pytest.raises(CannotOpen, match="another project or provider"):
        vault.open(envelope, **{**HERE, **place})


def test_an_envelope_names_its_master_key_and_shows_nothing_of_the_secret() -> None:
    envelope = Vault([NEW]).seal(KEY, **HERE)
    version, nonce, sealed = envelope.split(":")
    assert version == f"v{NEW.id}"
    assert sealed_with(envelope) == NEW.id
    assert len(base64.urlsafe_b64decode(nonce)) == 12
    assert KEY.reveal().encode() not in base64.urlsafe_b64decode(sealed + "==")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    vault = Vault([NEW])
    assert len({vault.seal(KEY, **HERE) for _ in range(100)}) == 100


def test_the_newest_master_key_seals_and_all_open() -> None:
    old_envelope = Vault([OLD]).seal(KEY, **HERE)
    vault = Vault([OLD, NEW])
    assert vault.open(old_envelope, **HERE) == KEY
    assert not vault.is_current(old_envelope)
    assert vault.is_current(vault.seal(KEY, **HERE))


def test_without_its_master_key_an_envelope_says_which_it_needs() -> None:
    envelope = Vault([OLD]).seal(KEY, **HERE)
    with pytest.raises(CannotOpen, match=OLD.id):
        Vault([NEW]).open(envelope, **HERE)


@given(place=st.integers(0, 200), letter=st.sampled_from("AZaz09-_:v"))
def test_a_damaged_envelope_never_opens(place: int, letter: str) -> None:
    vault = Vault([NEW])
    envelope = vault.seal(KEY, **HERE)
    place %= len(envelope)
    damaged = envelope[:place] + letter + envelope[place + 1 :]
    try:
        opened = vault.open(damaged, **HERE)
    except CannotOpen:
        return
    assert opened == KEY  # the letter was the same, or a bit of base 64 that carries nothing


@given(st.text(max_size=60))
def test_what_is_no_envelope_is_refused(text: str) -> None:
    with pytest.raises(CannotOpen):
        Vault([NEW]).open(text, **HERE)


def test_a_secret_does_not_show_itself() -> None:
    shown = [repr(KEY), str(KEY), f"{KEY}", f"{[KEY]}", f"{KEY!r:>30}"]
    assert not any("0123" in text for text in shown)
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
    with pytest.raises(TypeError):
        json.dumps({"key": KEY})
    assert "0123" not in repr(Vault([NEW]))
