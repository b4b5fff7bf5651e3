"""The forms show nothing that could be a hash, and repeat no password."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from logwright.people import forms


def test_no_answer_about_people_holds_a_hash_or_a_token_but_the_ones_that_are_shown_once() -> None:
    shown = {*forms.PersonOut.model_fields, *forms.MemberOut.model_fields, *forms.InvitationOut.model_fields}
    assert not shown & {"password", "token", "digest", "subject"}


def test_a_password_does_not_show_when_its_form_is_printed() -> None:
    told = forms.SignIn.model_validate({"email": "a@example.com", "password": "secret words"})
    assert "secret words" not in repr(told)


@pytest.mark.parametrize("form", [forms.SignIn, forms.RoleIn, forms.InvitationIn, forms.NewPerson])
def test_a_field_that_nobody_knows_is_refused(form: type[forms.Strict]) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        form.model_validate({"email": "a@example.com", "password": "x", "role": "member", "surprise": 1})
