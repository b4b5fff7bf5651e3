"""The command `logwright`: finds its nouns by walking this folder, and ends every refusal in one clear line.

A noun is a file that exports `command`. It is imported when its name is used (and
all of them for `--help`), so nouns import what is heavy inside their functions.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import click

import logwright
from logwright.cli import output
from logwright.errors import LogwrightError, Misconfigured


class Nouns(click.Group):
    """A group whose commands are the files beside this one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all nouns in alphabetical order."""
        names = sorted(each.name.replace("_", "-") for each in pkgutil.iter_modules(_folder()))
        return [name for name in names if self.get_command(ctx, name) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one noun; None when the folder has no such file or the file is not a noun."""
        module_name = cmd_name.replace("-", "_")
        if module_name not in {each.name for each in pkgutil.iter_modules(_folder())}:
            return None
        module = importlib.import_module(f"logwright.cli.{module_name}")
        command = getattr(module, "command", None)
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


def _folder() -> list[str]:
    return list(importlib.import_module("logwright.cli").__path__)


@click.group(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(logwright.__version__, "--version", prog_name="logwright")
def main() -> None:
    """Record every call to a language model, find it again, and make better models from it."""
