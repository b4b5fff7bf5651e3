"""The first start of an installation: its master key, an admin, the project `default` and a key to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from logwright.db import Database
from logwright.errors import Misconfigured
from logwright.projects import audit, manage, master, store
from logwright.projects.manage import Managing
from logwright.projects.types import Project, Scope, Secret
from logwright.projects.vault import Vault, sealed_with

DEFAULT_PROJECT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStart:
    """What the first start made; the keys are shown to the operator now and never again."""

    admin_key: Secret
    project: Project | None
    """None when a command on the data directory had made projects before."""
    project_key: Secret | None


def prepare_directory(data: Path) -> None:
    """Make the data directory, for its owner alone; take others' rights away from one that is there.

    Raises:
        Misconfigured: when it cannot be made or is not ours.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        data.chmod(0o700)
    except OSError as error:
        raise Misconfigured(f"The data directory {data} cannot be used: {error.strerror}") from error


def open_vault(database: Database, environment: Mapping[str, str], file: Path, *, may_generate: bool) -> Vault:
    """Return the vault with this installation's master keys, and make sure that they open what the database holds.

    Raises:
        Misconfigured: when there is no master key, or not the one that the database needs.
    """
    with database.read() as connection:
        needed = {row.pepper for row in store.keys_in_force(connection)}
        needed |= {sealed_with(secret) for _, secret in store.all_providers(connection) if secret}
    given = environment.get(master.VARIABLE, "")
    vault = Vault(master.load(given, file, may_generate=may_generate, in_use=bool(needed)))
    missing = needed - {key.id for key in vault.keys}
    if missing:
        raise Misconfigured(
            f"The database holds keys made with master key {', '.join(sorted(missing))}, which is not among those "
            f"given ({', '.join(key.id for key in vault.keys)}); add the line that was there before, above the new one"
        )
    return vault


def first_start(database: Database, vault: Vault) -> FirstStart | None:
    """Make the admin key, and the project `default` with a key when there are no projects yet.

    None when there was an admin key before: this was not the first start. Of
    several processes that try at once, one does it.
    """
    to = Managing(database=database, vault=vault)
    with database.write() as connection:
        if store.keys_of(connection, None):
            return None
        admin = manage.add_key(connection, to, audit.SYSTEM, None, Scope.ADMIN, name="first admin key").secret
        if store.all_projects(connection):
            return FirstStart(admin_key=admin, project=None, project_key=None)
        project, key = manage.add_project(connection, to, audit.SYSTEM, DEFAULT_PROJECT)
    return FirstStart(admin_key=admin, project=project, project_key=key.secret)
