"""The forms show what the types hold, field by field."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import BaseModel

from logwright.logs.routes import forms
from logwright.logs.types import HistogramBar, Log, LogStats, LogSummary


@pytest.mark.parametrize(
    ("form", "type_"),
    [
        (forms.LogSummaryOut, LogSummary),
        (forms.LogOut, Log),
        (forms.StatsOut, LogStats),
        (forms.BarOut, HistogramBar),
    ],
)
def test_a_form_has_the_fields_of_its_type(form: type[BaseModel], type_: type) -> None:
    assert set(form.model_fields) == {field.name for field in fields(type_)}
