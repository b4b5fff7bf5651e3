"""`logwright doctor`: say what is wrong with an installation, before it is started or while it runs."""

from __future__ import annotations

import click

from logwright.cli import output
from logwright.cli.context import json_option, setting_options
from logwright.settings import Loaded

_MARKS = {
    "ok": click.style("ok", fg="green"),
    "warning": click.style("note", fg="yellow"),
    "wrong": click.style("wrong", fg="red"),
}


@click.command(name="doctor")
@click.option("--providers", is_flag=True, help="Also open a connection to each provider that is set; sends nothing.")
@setting_options("data", "host", "port", "master_key_file", "database", "allow_upstream")
@json_option
def command(loaded: Loaded, providers: bool, as_json: bool) -> None:
    """Look at Python, packages, folders, keys, disk, clock, limits and the port; status 1 when something is wrong."""
    from dataclasses import asdict

    from logwright.cli import reach
    from logwright.cli.checks import CHECKS, examine

    checks = (*CHECKS, reach.providers) if providers else CHECKS
    findings = []
    for finding in examine(loaded.settings, checks):
        findings.append(finding)
        if not as_json:
            click.echo(f"{_MARKS[finding.state]:>5}  {finding.name}: {output.clean(finding.message)}")
    wrong = sum(finding.state == "wrong" for finding in findings)
    if as_json:
        output.as_json({"well": not wrong, "findings": [asdict(finding) for finding in findings]})
    else:
        click.echo(f"{wrong} wrong" if wrong else "Nothing is wrong.")
    if wrong:
        raise click.exceptions.Exit(1)
