"""A provider's secret is checked before it is sealed, and little of it is ever seen."""

from __future__ import annotations

import json

import pytest

from logwright.errors import InvalidRequest
from logwright.projects.credentials import checked, hint
from logwright.projects.types import Secret
from logwright.providers.base import Credential

ACCOUNT = {"type": "service_account", "client_email": "a@b", "private_key": "-----BEGIN", "private_key_id": "0" * 20}


@pytest.mark.parametrize(
    ("text", "credential"),
    [
        ("sk with spaces", "key"),
        ("sk-é", "key"),
        ("a:b:c:d", "aws"),
        ("{}", "google"),
        ("{broken", "google"),
        ('{"client_email": "a@b"}', "google"),
        ("ya29 token", "google"),
    ],
)
def test_what_cannot_be_a_secret_is_refused_and_not_repeated(text: str, credential: Credential) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked(Secret(text), credential)
    assert refused.value.param == "key"
    assert text not in refused.value.message


@pytest.mark.parametrize(("text", "credential"), [("", "key"), ("", "aws"), ("", "google"), ("AKIA:s:t", "aws")])
def test_an_empty_one_removes_what_is_stored(text: str, credential: Credential) -> None:
    assert checked(Secret(text), credential).reveal() == text


def test_the_key_of_a_service_account_may_have_many_lines() -> None:
    kept = checked(Secret(json.dumps(ACCOUNT, indent=2)), "google").reveal()

    assert json.loads(kept) == ACCOUNT
    assert "\n" not in kept


@pytest.mark.parametrize(
    ("text", "credential", "seen"),
    [
        ("sk-0123456789abcd", "key", "…abcd"),
        ("short", "key", "…"),
        ("", "key", ""),
        ("AKIA0123456789WXYZ:secretsecret", "aws", "…WXYZ"),
        (json.dumps(ACCOUNT), "google", "…0000"),
        ("ya29.0123456789", "google", "…6789"),
    ],
)
def test_only_the_end_of_it_is_seen(text: str, credential: Credential, seen: str) -> None:
    assert hint(Secret(text), credential) == seen
