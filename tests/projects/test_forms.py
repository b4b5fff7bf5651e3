"""The forms show what they name and nothing else, and take nothing that they do not know."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from logwright.projects import forms


def test_no_answer_has_a_field_that_could_hold_a_secret() -> None:
    shown = {*forms.ProviderOut.model_fields, *forms.KeyOut.model_fields, *forms.WhoAmI.model_fields}
    assert not shown & {"secret", "key", "digest", "pepper", "envelope"}


@pytest.mark.parametrize("form", [forms.ProjectIn, forms.KeyIn, forms.ProviderIn])
def test_a_field_that_nobody_knows_is_refused(form: type[forms.Strict]) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        form.model_validate({"name": "x", "scope": "read", "kind": "openai", "surprise": 1})


def test_a_providers_key_does_not_show_when_its_form_is_printed() -> None:
    assert "sk-12345" not in repr(forms.ProviderIn.model_validate({"kind": "openai", "key": "sk-12345"}))
