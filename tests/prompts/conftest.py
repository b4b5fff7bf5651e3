"""A database of each kind with two projects in it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from logwright.db import Database
from logwright.projects import manage as projects
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.vault import Vault
from logwright.prompts.manage import Author

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def author(database: Database, vault: Vault) -> Author:
    project, _ = projects.create_project(Managing(database=database, vault=vault), SYSTEM, "one")
    return Author(project_id=project.id, key_id="key_1", now=NOW)


@pytest.fixture
def stranger(database: Database, vault: Vault) -> Author:
    project, _ = projects.create_project(Managing(database=database, vault=vault), SYSTEM, "two")
    return Author(project_id=project.id, key_id="key_2", now=NOW)
