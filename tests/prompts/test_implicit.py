"""Every model of a project has one implicit prompt, the same today and tomorrow."""

from __future__ import annotations

import re

from logwright.prompts.implicit import implicit_path, implicit_prompt


def test_ids_are_those_of_earlier_releases() -> None:
    """They are kept in stored logs, so the computation may never change."""
    assert implicit_prompt("prj_a", "gpt-4o") == ("pr_d2750ca78db9543f03c03", "prv_d2750ca78db9543f03c03")


def test_projects_and_models_have_prompts_of_their_own() -> None:
    named = [(project, model) for project in ("prj_a", "prj_b") for model in ("gpt-4o", "gpt-4o-mini", "")]
    found = {implicit_prompt(project, model) for project, model in named}
    assert len(found) == len(named)
    assert all(re.fullmatch("pr_[0-9a-f]{21}", prompt.prompt_id) for prompt in found)


def test_a_model_name_that_utf8_cannot_hold_has_a_prompt_too() -> None:
    assert implicit_prompt("prj_a", "bad\ud800").prompt_id.startswith("pr_")


def test_people_see_the_model_in_the_path() -> None:
    assert implicit_path("gpt-4o") == "gateway/gpt-4o"
    assert implicit_path("") == "gateway/unknown"
