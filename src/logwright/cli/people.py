"""`logwright people`: everybody who may sign in, and how they get in when a password is lost."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import click

from logwright.cli import output
from logwright.cli.context import Context, shared

_SHOWN: Final = ["email", "name", "is_admin", "created_at", "last_seen_at", "disabled_at"]
_ROLES: Final = ["viewer", "member", "admin", "owner"]


@click.group("people")
def command() -> None:
    """Add, list and invite the people who may sign in."""


@command.command("list")
@shared(project=False)
def list_(context: Context) -> None:
    """List everybody who may sign in, oldest first."""
    with context.api() as api:
        found = api.get("/api/manage/people")["data"]
    if context.json:
        output.as_json(found)
        return
    output.table(_SHOWN, [[each[name] for name in _SHOWN] for each in found])


@command.command()
@click.argument("email")
@click.option("--name", default="", help="What others see; by default the part of the address before the @.")
@click.option("--admin", is_flag=True, help="Make an admin of the installation.")
@shared(project=False)
def add(context: Context, email: str, name: str, admin: bool) -> None:
    """Add somebody. The one-time password is shown now and never again."""
    with context.api() as api:
        added = api.post("/api/manage/people", {"email": email, "name": name, "is_admin": admin})
    _say_password(context, added)


@command.command()
@click.argument("email")
@shared(project=False)
def reset(context: Context, email: str) -> None:
    """Give somebody a one-time password; their sessions end."""
    with context.api() as api:
        made = api.post(f"/api/manage/people/{quote(email, safe='')}/reset", {})
    _say_password(context, {"email": email, **made})


@command.command()
@click.argument("email")
@shared(project=False)
def disable(context: Context, email: str) -> None:
    """Let somebody in no more; their sessions end."""
    _change(context, email, {"disabled": True})


@command.command()
@click.argument("email")
@shared(project=False)
def enable(context: Context, email: str) -> None:
    """Let somebody in again."""
    _change(context, email, {"disabled": False})


@command.command()
@click.option("--role", type=click.Choice(_ROLES), default="member", show_default=True)
@click.option("--email", default="", help="Whom it is for; by default whoever has the link.")
@shared()
def invite(context: Context, role: str, email: str) -> None:
    """Make a link that lets one person into the project, once, within a week."""
    with context.api() as api:
        made = api.post("/api/manage/invitations", {"role": role, "email": email})
    if context.json:
        output.as_json(made)
        return
    output.details({"role": made["role"], "link": f"/invite#{made['token']}", "ends": made["expires_at"]})
    output.say("Put the address of the server before the link. It is not shown again.")


@command.command()
@shared()
def members(context: Context) -> None:
    """List the members of the project and their roles."""
    with context.api() as api:
        found = api.get("/api/manage/members")["data"]
    if context.json:
        output.as_json(found)
        return
    output.table(
        ["email", "name", "role", "since"],
        [[each["person"]["email"], each["person"]["name"], each["role"], each["since"]] for each in found],
    )


def _change(context: Context, email: str, change: dict[str, Any]) -> None:
    with context.api() as api:
        found = [each for each in api.get("/api/manage/people")["data"] if each["email"] == email.strip().lower()]
        if not found:
            raise click.ClickException(f"Nobody signs in as {email}")
        changed = api.patch(f"/api/manage/people/{found[0]['id']}", change)
    if context.json:
        output.as_json(changed)
        return
    output.say(f"{changed['email']} {'is shut out' if changed['disabled_at'] else 'may sign in'}.")


def _say_password(context: Context, made: dict[str, Any]) -> None:
    if context.json:
        output.as_json(made)
        return
    output.details({"email": made["email"], "one-time password": made["password"]})
    output.say("It is not shown again, and must be changed at the next signing in.")
