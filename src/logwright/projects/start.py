"""The first start of an installation: its master key, an admin, the project `default` and a key to begin with."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from logwright.db import Database
from logwright.errors import Misconfigured
from logwright.projects import audit, manage, master, store
from logwright.projects.manage import Managing
from logwright.projects.types import Project, Scope, Secret
from logwright.projects.vault import Vault, sealed_with
from logwright.settings import Settings

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


def open_vault(database: Database, settings: Settings) -> Vault:
    """Return the vault with this installation's master keys, and make sure that they open what the database holds.

    A missing file is made at the first start, and only when we listen on this machine alone: whoever serves others
    brings a master key of their own.

    Raises:
        Misconfigured: when there is no master key, or not the one that the database needs.
    """
    with database.read() as connection:
        needed = {row.pepper for row in store.keys_in_force(connection)}
        needed |= {sealed_with(secret) for _, secret in store.all_providers(connection) if secret}
    file = settings.master_key_file or default_key_file(os.environ)
    keys = master.load(settings.master_key, file, may_generate=is_loopback(settings.host), in_use=bool(needed))
    vault = Vault(keys)
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


def default_key_file(environment: Mapping[str, str]) -> Path:
    """Return where the master key lies when no setting says: in the configuration folder, not with the data."""
    base = environment.get("XDG_CONFIG_HOME", "")
    # A relative one is to be ignored (XDG base directory specification 0.8).
    folder = Path(base) if base.startswith("/") else Path.home() / ".config"
    return folder / "logwright" / "master.key"


def is_loopback(host: str) -> bool:
    """Say whether listening on this host is for this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reseal_all(database: Database, vault: Vault) -> int:
    """Seal every provider key anew with the newest master key; return how many needed it."""
    count = 0
    with database.write() as connection:
        for provider, envelope in store.all_providers(connection):
            if envelope is None or vault.is_current(envelope):
                continue
            names = {"project_id": provider.project_id, "provider_id": provider.id}
            fresh = vault.seal(vault.open(envelope, **names), **names)
            store.reseal(connection, provider.project_id, provider.id, fresh)
            count += 1
    return count
