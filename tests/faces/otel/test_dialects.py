"""The tables are sound: no name means two things, and every kind is one of ours."""

from __future__ import annotations

from collections import Counter
from typing import get_args

from logwright.faces.otel import dialects
from logwright.logs.record import Figure, Kind


def test_no_attribute_stands_for_two_figures_or_two_parameters() -> None:
    figures = [told.name for names in dialects.FIGURES.values() for told in names]
    parameters = [name for names in dialects.PARAMETERS.values() for name in names]

    for names in (figures, parameters, figures + parameters):
        assert [name for name, count in Counter(names).items() if count > 1] == []


def test_every_kind_and_every_figure_is_one_of_ours() -> None:
    assert {kind for kinds in dialects.KINDS.values() for kind in kinds.values()} <= set(get_args(Kind))
    assert set(dialects.FIGURES) <= set(get_args(Figure))
    assert {figure for members in dialects.FIGURE_OBJECTS.values() for figure in members.values()} <= set(
        get_args(Figure)
    )


def test_calls_of_models_are_told_apart_from_steps() -> None:
    steps = {kind for kinds in dialects.KINDS.values() for kind in kinds.values()} - dialects.CALLS

    assert steps == {"tool", "agent", "flow", "evaluator"}
