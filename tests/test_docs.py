"""The documentation is whole, fresh and true: what exists is described, and what is described exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest
from docs import generate, interface

from logwright.cli.main import main
from logwright.settings import declarations

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


def test_the_reference_pages_are_fresh() -> None:
    assert generate.stale() == [], "run make docs"


def test_every_setting_has_its_place_in_the_reference() -> None:
    text = (generate.FOLDER / "settings.md").read_text()
    for declared in declarations():
        assert f"\n## {declared.name}\n" in text
        assert declared.variable in text


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from leaves(below, (*path, name))
    else:
        yield path


def test_every_command_is_in_the_reference_with_a_sentence() -> None:
    text = (generate.FOLDER / "cli.md").read_text()
    for path in leaves(main):
        assert re.search(rf"^## logwright {' '.join(path)}\n\n\w", text, re.MULTILINE), path


def test_every_option_of_every_command_says_what_it_does() -> None:
    for path in leaves(main):
        command: click.Command = main
        for name in path:
            assert isinstance(command, click.Group)
            found = command.get_command(click.Context(command), name)
            assert found is not None
            command = found
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                chooses = isinstance(parameter.type, click.Choice)
                assert parameter.help or chooses, f"logwright {' '.join(path)} {parameter.opts[0]}"


def test_every_route_is_in_the_reference_with_a_sentence() -> None:
    text = (generate.FOLDER / "http.md").read_text()
    for path, methods in generate.document()["paths"].items():
        for method, operation in methods.items():
            assert f"\n## {method.upper()} {path}\n\n" in text
            assert operation.get("summary"), f"{method.upper()} {path}"
            for parameter in operation.get("parameters", []):
                assert parameter.get("description") or parameter["in"] == "path", f"{path}: {parameter['name']}"


def test_every_header_of_ours_is_described() -> None:
    rooms = [ROOT / "src" / "logwright" / room for room in ("gateway", "http", "faces")]
    source = "\n".join(path.read_text() for room in rooms for path in room.rglob("*.py"))
    described = "\n".join(page.read_text() for page in PAGES).lower()
    headers = set(re.findall(r"[\"'](x-logwright-[a-z-]+)", source)) - {"x-logwright-hot-path"}
    headers |= set(re.findall(r"b\"(x-logwright-[a-z-]+):", source))
    assert headers
    assert not {header for header in headers if header not in described}


def test_every_dependency_has_its_line_in_the_decision() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    decision = (ROOT / "docs" / "decisions" / "0002-dependencies.md").read_text()
    for name in re.findall(r"^  \"([a-z0-9-]+)(?:\[[a-z]+\])?>=", project, re.MULTILINE):
        assert f"`{name}`" in decision, name


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", [page for page in PAGES if "reference" not in page.parts], ids=shown)
def test_every_command_shown_can_be_typed(page: Path) -> None:
    """Each `logwright` line of each example is parsed by the real command: its nouns, options and their values."""
    for block in blocks(page, "console"):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            for part in re.split(r"\s(?:&&|\|)\s", line):
                words = shlex.split(part, comments=True)
                if words[:1] == ["logwright"]:
                    types(words[1:])


def types(words: list[str]) -> None:
    command: click.Command = main
    parent: click.Context | None = None
    name = "logwright"
    while isinstance(command, click.Group):
        parent = command.make_context(name, list(words), parent=parent)
        found, below, words = command.resolve_command(parent, [*parent._protected_args, *parent.args])
        assert below is not None
        name, command = found or "", below
    command.make_context(name, list(words), parent=parent)


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_python_example_is_python(page: Path) -> None:
    for block in blocks(page, "python"):
        compile(block, shown(page), "exec")


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for named in re.findall(r"(?:^|`)make ([a-z-]+)(?:`|\s|$)", page.read_text(), re.MULTILINE):
            assert named in targets or named.startswith("bench-"), f"{shown(page)}: make {named}"


def test_the_types_of_the_interface_are_those_of_the_routes() -> None:
    known = (interface.UI / "src" / "api" / "schema.digest").read_text().strip()
    assert known == interface.digest(), "the routes have changed; run `make ui-types`"
