"""The command `logwright`: finds its nouns by walking this folder, and ends every refusal in one clear line.

A noun is a file that defines `command`. It is imported when its name is used (and
all of them for `--help`), so nouns import what is heavy inside their functions.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any, Final

import click

import logwright
from logwright.cli import output
from logwright.errors import LogwrightError, Misconfigured

_FOLDER: Final = Path(__file__).parent
_DEFINES_COMMAND: Final = re.compile(r"^(?:def command\(|command\b[^=\n]*=)", re.MULTILINE)


class Nouns(click.Group):
    """A group whose commands are the files beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return all nouns in alphabetical order."""
        return sorted(path.stem.replace("_", "-") for path in _FOLDER.glob("*.py") if _is_noun(path))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one noun; None when the folder has no such file or the file is not a noun."""
        module_name = cmd_name.replace("-", "_")
        if not module_name.isidentifier() or not _is_noun(_FOLDER / f"{module_name}.py"):
            return None
        command = importlib.import_module(f"logwright.cli.{module_name}").command
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal becomes a line and a status: 2 where the installation must change, else 1."""
        try:
            return super().invoke(ctx)
        except LogwrightError as error:
            output.refusal(error, as_json=output.wants_json(ctx))
            ctx.exit(2 if isinstance(error, Misconfigured) else 1)
        except KeyboardInterrupt:
            ctx.exit(130)  # what a shell reports of a program that ended by Ctrl-C: 128 + SIGINT


def _is_noun(path: Path) -> bool:
    """Tell whether a file defines `command`, by reading it: the others may be heavy to import."""
    return path.exists() and _DEFINES_COMMAND.search(path.read_text("utf-8")) is not None


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(logwright.__version__, "--version", prog_name="logwright")
def main() -> None:
    """Record every call to a language model, find it again, and make better models from it."""


if __name__ == "__main__":
    main()
