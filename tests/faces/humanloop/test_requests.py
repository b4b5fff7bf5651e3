"""What clients send is read as they mean it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from logwright.faces.humanloop.requests import EvaluatorLog, Message, PromptKernel, PromptLog, PromptLogUpdate


def test_null_and_absent_stay_apart() -> None:
    assert PromptLogUpdate.model_validate({"output": None}).given() == {"output": None}
    assert PromptLogUpdate.model_validate({}).given() == {}


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05", "2026-01-02T03:04:05Z", "2026-01-02T05:04:05+02:00"])
def test_moments_without_a_zone_are_utc(text: str) -> None:
    assert PromptLogUpdate.model_validate({"created_at": text}).created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_unknown_fields_are_dropped_but_those_of_messages_are_kept() -> None:
    body = PromptLog.model_validate({"newer": 1, "messages": [{"role": "user", "content": "a", "newer": 1}]})

    assert "newer" not in body.model_dump()
    assert body.messages is not None
    assert body.messages[0].model_dump(exclude_unset=True) == {"role": "user", "content": "a", "newer": 1}


@pytest.mark.parametrize("judgment", [True, 1.5, "good", ["a", "b"]])
def test_a_judgement_keeps_its_type(judgment: object) -> None:
    found = EvaluatorLog.model_validate({"parent_id": "p", "judgment": judgment}).judgment
    assert found == judgment
    assert type(found) is type(judgment)


@pytest.mark.parametrize("effort", ["high", 2000])
def test_reasoning_effort_is_a_word_or_a_number(effort: object) -> None:
    assert PromptKernel.model_validate({"model": "m", "reasoning_effort": effort}).reasoning_effort == effort


def test_parts_of_a_message_are_text_or_images() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u", "detail": "low"}}]
    Message.model_validate({"role": "user", "content": parts})

    with pytest.raises(ValidationError):
        Message.model_validate({"role": "user", "content": [{"type": "audio"}]})
