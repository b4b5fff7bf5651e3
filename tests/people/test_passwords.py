"""Passwords are hashed as RFC 9106 says, wrong ones take as long as right ones, and poor ones are refused."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from logwright.errors import InvalidRequest
from logwright.people import passwords
from logwright.people.passwords import Passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_only_the_password_fits_its_hash() -> None:
    some = Passwords(CHEAP)
    kept = some.hash("correct horse battery")
    assert some.fits(kept, "correct horse battery")
    assert not some.fits(kept, "correct horse batteri")
    assert kept != some.hash("correct horse battery")


@pytest.mark.parametrize("kept", ["", "not a hash", "$argon2id$broken"])
def test_nothing_fits_what_is_no_hash(kept: str) -> None:
    assert not Passwords(CHEAP).fits(kept, "")
    assert not Passwords(CHEAP).fits(kept, "anything")


def test_the_hash_is_argon2id_with_64_mebibytes() -> None:
    assert Passwords().hash("correct horse battery").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_a_hash_of_weaker_parameters_is_known_as_such() -> None:
    kept = Passwords(CHEAP).hash("correct horse battery")
    assert Passwords().is_outdated(kept)
    assert not Passwords(CHEAP).is_outdated(kept)


@pytest.mark.parametrize(
    "poor", ["", "short", "x" * 257, "aaaaaaaaaaaa", "Password123", "QWERTYuiop", "someone@example.com"]
)
def test_poor_passwords_are_refused_by_name(poor: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        passwords.check(poor, email="someone@example.com")
    assert refused.value.param == "password"


def test_what_is_long_and_unusual_is_taken() -> None:
    for good in ("four words make one", "p" * 250 + "qrst", "密码密码密码很长很长的"):
        assert passwords.check(good, email="someone@example.com") == good


def test_one_time_passwords_are_new_each_time_and_may_be_taken() -> None:
    made = {passwords.one_time() for _ in range(100)}
    assert len(made) == 100
    assert all(passwords.check(each, email="") for each in made)
