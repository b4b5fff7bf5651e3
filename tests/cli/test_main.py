"""The command finds its nouns, is quick, and ends every refusal in one clear line."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path

import click
from click.testing import CliRunner

import logwright
from logwright import cli
from logwright.cli.main import Nouns, main
from logwright.errors import Misconfigured, NotFound


def logwright_command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "logwright.cli.main", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **variables},
        check=False,
    )


def test_every_noun_in_the_folder_is_a_command_with_a_sentence() -> None:
    names = main.list_commands(click.Context(main))
    assert {"doctor", "settings", "projects", "keys", "providers"} <= set(names)
    for name in names:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert command.help, name
        assert command.name == name


def test_a_noun_that_does_not_exist_is_named() -> None:
    done = CliRunner().invoke(main, ["projcts"])
    assert done.exit_code == 2
    assert "projcts" in done.stderr


def test_the_version_is_told() -> None:
    done = CliRunner().invoke(main, ["--version"])
    assert logwright.__version__ in done.output


def test_nothing_heavy_is_loaded_for_help() -> None:
    """`--help` imports every noun; they leave what is heavy to their functions."""
    script = (
        "import sys; from logwright.cli.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'chdb', 'fastapi', 'sqlalchemy', 'httpx2', 'pydantic', 'cryptography', 'genai_prices', 'rich'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stderr.strip() == ""
    assert done.returncode == 0


class Failing(Nouns):
    """The real group with one noun, which fails as it is told."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from logwright.cli.context import json_option

        @click.command("fails")
        @json_option
        @click.option("--how", default="refused")
        def fails(as_json: bool, how: str) -> None:
            match how:
                case "refused":
                    raise NotFound("There is no such log")
                case "misconfigured":
                    raise Misconfigured("There is no master key")
                case _:
                    raise KeyboardInterrupt

        return fails if cmd_name == "fails" else None


def test_a_refusal_is_one_line_on_stderr_and_status_1() -> None:
    done = CliRunner().invoke(Failing("logwright"), ["fails"])
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", "logwright: There is no such log\n")


def test_a_refusal_is_json_when_json_was_asked_for() -> None:
    done = CliRunner().invoke(Failing("logwright"), ["fails", "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stderr)["code"] == "NOT_FOUND"


def test_an_installation_that_must_change_is_status_2() -> None:
    done = CliRunner().invoke(Failing("logwright"), ["fails", "--how", "misconfigured"])
    assert done.exit_code == 2


def test_an_interrupt_ends_without_a_word() -> None:
    done = CliRunner().invoke(Failing("logwright"), ["fails", "--how", "interrupted"])
    assert done.exit_code == 128 + signal.SIGINT
    assert "Traceback" not in done.stderr


def test_files_that_are_no_nouns_are_no_commands() -> None:
    context = click.Context(main)
    nouns = set(main.list_commands(context))
    for found in pkgutil.iter_modules(cli.__path__):
        module = importlib.import_module(f"logwright.cli.{found.name}")
        assert (found.name in nouns) == isinstance(getattr(module, "command", None), click.Command)
    assert main.get_command(context, "context") is None


def test_the_module_runs_as_the_command_does(tmp_path: Path) -> None:
    done = logwright_command("settings", "--json", LOGWRIGHT_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    found = {each["name"]: each for each in json.loads(done.stdout)}
    assert found["data"]["value"] == str(tmp_path)
    assert found["data"]["from"] == "LOGWRIGHT_DATA"
