"""What a demonstration sets up; that it plays is tested in test_serve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from logwright.cli import demonstration
from logwright.http.services import open_managing
from logwright.projects import manage
from logwright.settings import Settings


def test_it_has_a_project_of_its_own_and_starting_it_twice_makes_no_second(tmp_path: Path) -> None:
    settings = replace(Settings(data=tmp_path / "data"), master_key="ab" * 32)

    first, second = demonstration.prepare(settings), demonstration.prepare(settings)

    with open_managing(settings) as to:
        projects = manage.list_projects(to)
        providers = manage.list_providers(to, projects[0].id)
    assert [project.name for project in projects] == ["demo"]
    assert {provider.slug for provider in providers} == {"openai", "anthropic"}
    assert all(second.upstream in provider.base_url for provider in providers)
    assert first.key != second.key


def test_its_key_is_on_no_command_line(tmp_path: Path) -> None:
    played = demonstration.prepare(replace(Settings(data=tmp_path / "data"), master_key="ab" * 32))

    assert not any(played.key in part for command in played.commands for part in command.command)
