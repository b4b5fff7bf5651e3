"""`logwright serve --demo`: a project of its own, a fake provider that needs no key, and traffic through both."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from logwright.http.supervisor import Beside
    from logwright.projects.manage import Managing
    from logwright.projects.types import Project
    from logwright.settings import Settings

PROJECT: Final = "demo"
KEY_VARIABLE: Final = "LOGWRIGHT_DEMO_KEY"
"""Where the player looks for its key: not on its command line, which everybody on the machine can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What a demonstration needs to run."""

    project: str
    key: str
    upstream: str
    """The address of the fake provider, which the server must be allowed to call."""
    commands: tuple[Beside, ...]


def prepare(settings: Settings) -> Demonstration:
    """Make the project and its providers, and return the processes to run beside the server."""
    from logwright.addresses import AllowList
    from logwright.http.services import open_managing
    from logwright.http.supervisor import Beside
    from logwright.projects import audit, manage
    from logwright.projects.types import Scope, Secret

    with socket.socket() as probe:  # a port that is free now; the provider takes it a moment later
        probe.bind(("127.0.0.1", 0))
        upstream = f"127.0.0.1:{probe.getsockname()[1]}"
    with open_managing(settings) as to:
        project = _project(to)
        key = manage.create_key(to, audit.SYSTEM, project.id, Scope.WRITE, name="demonstration").secret.reveal()
        for slug, kind, path in (("openai", "openai", "/v1"), ("anthropic", "anthropic", "")):
            manage.set_provider(
                to,
                audit.SYSTEM,
                project.id,
                slug,
                kind=kind,
                base_url=f"http://{upstream}{path}",
                key=Secret("demonstration"),
                allow=AllowList(everything=True),
            )
    python = (sys.executable, "-m", "logwright.testing.demo")
    port = upstream.rpartition(":")[2]
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - a comparison
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    return Demonstration(
        project=PROJECT,
        key=key,
        upstream=upstream,
        commands=(
            Beside(name="demonstration's provider", command=(*python, "provider", "--port", port), port=int(port)),
            Beside(
                name="demonstration's traffic", command=(*python, "play", "--url", url), environment={KEY_VARIABLE: key}
            ),
        ),
    )


def _project(to: Managing) -> Project:
    from logwright.projects import audit, manage

    for project in manage.list_projects(to):
        if project.name == PROJECT:
            return project
    return manage.create_project(to, audit.SYSTEM, PROJECT)[0]
