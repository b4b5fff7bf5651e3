"""The room's routes as an application of their own, and two projects to ask from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.db import Database
from logwright.http import errors
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.keyring import KeyTable
from logwright.projects.manage import Managing
from logwright.projects.routes import router
from logwright.projects.types import Scope
from logwright.projects.vault import Vault
from logwright.settings import Settings


@pytest.fixture
def app(tmp_path: Path, vault: Vault) -> Iterator[FastAPI]:
    """Return the application, started with `--allow-upstream 127.0.0.1:9000`."""
    database = Database.open(tmp_path / "data" / "logwright.db")
    made = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    errors.install(made)
    made.include_router(router)
    made.state.database = database
    made.state.vault = vault
    made.state.keys = KeyTable(database, vault)
    made.state.local_admin = "a key of this process"
    made.state.settings = Settings(data=tmp_path / "data", allow_upstream=("127.0.0.1:9000",))
    yield made
    database.close()


@pytest.fixture
def keys(app: FastAPI) -> Mapping[str, str]:
    """Make the projects `one` and `two` with keys, and an admin; return the keys by what they are."""
    to = Managing(database=app.state.database, vault=app.state.vault)
    one, one_write = manage.create_project(to, SYSTEM, "one")
    _, two_write = manage.create_project(to, SYSTEM, "two")
    return {
        "admin": manage.create_key(to, SYSTEM, None, Scope.ADMIN).secret.reveal(),
        "one write": one_write.secret.reveal(),
        "one read": manage.create_key(to, SYSTEM, one.id, Scope.READ).secret.reveal(),
        "two write": two_write.secret.reveal(),
        "local": "a key of this process",
    }


@pytest.fixture
def client(app: FastAPI, keys: Mapping[str, str]) -> Callable[[str], TestClient]:
    """Return what makes a client that shows one of the keys."""

    def showing(name: str) -> TestClient:
        return TestClient(app, headers={"authorization": f"Bearer {keys[name]}"})

    return showing
