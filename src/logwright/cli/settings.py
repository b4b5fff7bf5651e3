"""`logwright settings`: every setting, what it is here, and where that came from."""

from __future__ import annotations

import click

from logwright.cli import output
from logwright.cli.context import json_option, setting_options
from logwright.settings import Loaded, declarations, shown


@click.command(name="settings")
@setting_options()
@json_option
def command(loaded: Loaded, as_json: bool) -> None:
    """Show the settings that a server started here, now and with these flags would have; secrets are masked."""
    found = [
        {
            "name": declared.name,
            "value": shown(loaded.settings, declared.name),
            "from": loaded.origins[declared.name],
            "variable": declared.variable,
            "about": declared.sentence,
        }
        for declared in declarations()
    ]
    if as_json:
        output.as_json(found)
    else:
        output.table(["name", "value", "from"], [[each["name"], each["value"], each["from"]] for each in found])
