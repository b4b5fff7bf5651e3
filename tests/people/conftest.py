"""The people room on a database of its own, with hashes that take no time, and browsers to sign in with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.db import Database
from logwright.http import errors
from logwright.people import directory, membership
from logwright.people.passwords import Passwords
from logwright.people.routes import router as people_router
from logwright.people.sessions import Sessions, principal_of
from logwright.people.sign_in import SigningIn, Visitor, sign_in
from logwright.people.types import Person
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.keyring import KeyTable
from logwright.projects.manage import Managing
from logwright.projects.routes import router as projects_router
from logwright.projects.types import Principal, Project, Role, Scope
from logwright.projects.vault import Vault
from logwright.settings import Settings

PASSWORD = "correct horse battery"
ADMIN = Principal(key_id="key_admin", project_id=None, scope=Scope.ADMIN)
VISITOR = Visitor(address="192.0.2.1", user_agent="Browser/1")


class Now:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **span: float) -> None:
        self.moment += timedelta(**span)


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def to(tmp_path: Path, vault: Vault, now: Now) -> Iterator[SigningIn]:
    database = Database.open(tmp_path / "data" / "logwright.db")
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield SigningIn(database=database, sessions=Sessions(database, vault, now=now), passwords=cheap, clock=now)
    database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People who are there already, with the password `PASSWORD`."""

    to: SigningIn
    project: Project
    other: Project

    def person(self, email: str, role: Role | None = None, *, is_admin: bool = False) -> Person:
        """Make somebody, with a role in the project if one is named."""
        name = email.partition("@")[0]
        if role is None:
            added = directory.add_person(self.to, SYSTEM, email=email, name=name, is_admin=is_admin).person
            with self.to.database.write(announce=False) as connection:
                from logwright.people import store

                hashed = self.to.passwords.hash(PASSWORD)
                store.set_password(connection, added.id, hashed, must_change=False)
            return replace(added, must_change_password=False)
        made = membership.invite(self.to, ADMIN, SYSTEM, self.project.id, role)
        return membership.join(self.to, SYSTEM, made.token.reveal(), email=email, name=name, password=PASSWORD)

    def principal(self, email: str) -> Principal:
        """Sign somebody in and return who is asking then."""
        _, token = sign_in(self.to, VISITOR, email, PASSWORD)
        found = self.to.sessions.find(token.reveal())
        assert found is not None
        return principal_of(found)


@pytest.fixture
def crowd(to: SigningIn, vault: Vault) -> Crowd:
    managing = Managing(database=to.database, vault=vault)
    project, _ = manage.create_project(managing, SYSTEM, "one")
    other, _ = manage.create_project(managing, SYSTEM, "two")
    return Crowd(to=to, project=project, other=other)


class Browser:
    """A browser: it keeps cookies, names its origin, and shows the token that its page was given."""

    def __init__(self, app: FastAPI, address: str = "https://logwright.example") -> None:
        self.client = TestClient(app, base_url=address)
        self.address = address
        self.csrf = ""

    def call(self, method: str, path: str, **request: Any) -> Any:
        headers = {"origin": self.address, "sec-fetch-site": "same-origin", "x-csrf-token": self.csrf}
        headers.update(request.pop("headers", {}))
        return self.client.request(method, f"/api/manage{path}", headers=headers, **request)

    def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        reply = self.call("POST", "/session", json={"email": email, "password": password})
        if reply.status_code == 200:
            self.csrf = reply.json()["csrf_token"]
        return reply


@pytest.fixture
def app(to: SigningIn, vault: Vault, tmp_path: Path) -> FastAPI:
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    errors.install(made)
    made.include_router(people_router)
    made.include_router(projects_router)
    made.state.database = to.database
    made.state.vault = vault
    made.state.keys = KeyTable(to.database, vault)
    made.state.local_admin = "a key of this process"
    made.state.settings = Settings(data=tmp_path / "data")
    made.state.sessions = to.sessions
    made.state.signing_in = to
    return made


@pytest.fixture
def browser(app: FastAPI) -> Callable[..., Browser]:
    """Return what opens a browser."""

    def opened(address: str = "https://logwright.example") -> Browser:
        return Browser(app, address)

    return opened
