"""`logwright keys`: make, list and revoke the keys of a project."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import click

from logwright import clock
from logwright.cli import output
from logwright.cli.context import Context, shared

_SPAN: Final = re.compile(r"(\d{1,6})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SHOWN: Final = ["id", "name", "scope", "hint", "created_at", "expires_at", "revoked_at", "last_used_at"]


class Span(click.ParamType[timedelta]):
    """A span of time such as `12h`, `30d` or `8w`."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read the text."""
        if isinstance(value, timedelta):
            return value
        found = _SPAN.fullmatch(str(value))
        if found is None or int(found[1]) == 0:
            self.fail(f"{value!r} is no span of time; write a number and s, m, h, d or w, such as 30d", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.group("keys")
def command() -> None:
    """Make, list and revoke the keys of a project."""


@command.command()
@click.option("--scope", type=click.Choice(["read", "write"]), default="write", show_default=True)
@click.option("--admin", is_flag=True, help="Make a key of the installation instead: it manages projects and keys.")
@click.option("--expires", type=Span(), metavar="SPAN", help="End the key after this long, such as 12h or 30d.")
@click.option("--name", default="", help="What the key is for; shown in lists.")
@shared()
def create(context: Context, scope: str, admin: bool, expires: timedelta | None, name: str) -> None:
    """Make a key. It is shown now and never again."""
    body: dict[str, Any] = {"scope": "admin" if admin else scope, "name": name}
    if expires is not None:
        body["expires_at"] = (clock.now() + expires).isoformat()
    with context.api() as api:
        made = api.post("/api/manage/keys", body)
    if context.json:
        output.as_json({"id": made["id"], "key": made["key"], "scope": made["scope"], "expires_at": made["expires_at"]})
        return
    output.details({"id": made["id"], "key": made["key"]})
    output.say("Keep the key: it is not shown again.")


@command.command("list")
@click.option("--admin", is_flag=True, help="List the keys of the installation instead.")
@shared()
def list_(context: Context, admin: bool) -> None:
    """List keys, oldest first, revoked ones included. The keys themselves are not kept and cannot be shown."""
    with context.api() as api:
        found = api.get("/api/manage/admin-keys" if admin else "/api/manage/keys")["data"]
    if context.json:
        output.as_json(found)
        return
    output.table(_SHOWN, [[each[name] for name in _SHOWN] for each in found])


@command.command()
@click.argument("key_id", metavar="ID")
@shared(project=False)
def revoke(context: Context, key_id: str) -> None:
    """Revoke the key with this ID (not the key itself); it is refused from the next request on."""
    from urllib.parse import quote

    with context.api() as api:
        revoked = api.delete(f"/api/manage/keys/{quote(key_id, safe='')}")
    if context.json:
        output.as_json({"id": revoked["id"], "revoked_at": revoked["revoked_at"]})
        return
    output.say(f"Revoked {revoked['id']} ({revoked['hint']}).")
