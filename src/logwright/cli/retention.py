"""`logwright retention`: how long a project keeps its logs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import click

from logwright.cli import output
from logwright.cli.context import Context, shared

_PATH: Final = "/api/manage/retention"
_DAYS: Final = re.compile(r"(\d{1,5})\s*(d|w|)")


class Days(click.ParamType[int]):
    """A span of days such as `30d` or `8w`."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the text."""
        if isinstance(value, int):
            return value
        found = _DAYS.fullmatch(str(value))
        if found is None or int(found[1]) == 0:
            self.fail(f"{value!r} is no span of days; write 30d or 8w", param, ctx)
        return int(found[1]) * (7 if found[2] == "w" else 1)


@click.group("retention")
def command() -> None:
    """Show and set how long logs are kept. Nothing is deleted until it is set."""


@command.command()
@shared()
def show(context: Context) -> None:
    """Show the rules in the order in which they are tried, and the size of the store."""
    with context.api() as api:
        _print(context, api.get(_PATH))


@command.command("set")
@click.argument("span", type=Days(), metavar="SPAN", required=False)
@click.option("--forever", is_flag=True, help="Keep them for good; for exceptions, with --query.")
@click.option("--query", default="", metavar="CONDITION", help="Only logs like this, such as tag.env:dev.")
@shared()
def set_(context: Context, span: int | None, forever: bool, query: str) -> None:
    """Keep logs for SPAN (such as 30d): all logs, or those of --query.

    Rules with a query are tried before the one for all, in the order in which they were first set; the first that
    fits a log decides.
    """
    if (span is None) is not forever:
        raise click.UsageError("Give either a span such as 30d or --forever.")
    with context.api() as api:
        rules = list(api.get(_PATH)["rules"])
        changed = {"query": query, "days": span}
        places = [place for place, rule in enumerate(rules) if rule["query"] == query]
        if places:
            rules[places[0]] = changed
        else:
            rules.append(changed)
        # The rule for all logs ends the list, for nothing after it would be tried.
        rules.sort(key=lambda rule: not rule["query"])
        _print(context, api.put(_PATH, {"rules": rules}))


@command.command()
@click.option("--query", metavar="CONDITION", help="Only the rule of this query. [default: all rules]")
@shared()
def clear(context: Context, query: str | None) -> None:
    """Take rules away; without any, every log is kept."""
    with context.api() as api:
        rules = [] if query is None else [rule for rule in api.get(_PATH)["rules"] if rule["query"] != query]
        _print(context, api.put(_PATH, {"rules": rules}))


def _print(context: Context, found: Mapping[str, Any]) -> None:
    if context.json:
        output.as_json(found)
        return
    rows = [
        [rule["query"] or "(all logs)", "for good" if rule["days"] is None else f"{rule['days']} days"]
        for rule in found["rules"]
    ]
    output.table(["logs", "kept"], rows, empty="No rules: every log is kept.")
    output.say(f"{found['logs']} logs in the project; the store takes {output.size(found['store_bytes'])}.")
