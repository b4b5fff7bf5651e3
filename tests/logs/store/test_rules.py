"""Retention rules in either database."""

from __future__ import annotations

from datetime import UTC, datetime

from logwright.db import Database
from logwright.logs.store.rules import all_rules, put_rules, rules_of
from logwright.logs.types import RetentionRule
from logwright.projects.store import add_project
from logwright.projects.types import Project

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_rules_keep_their_order_and_their_project(database: Database) -> None:
    one = [RetentionRule(query="tag.env:dev", days=7), RetentionRule(query="", days=None)]
    two = [RetentionRule(query="", days=30)]
    with database.write() as connection:
        for name, rules in (("one", one), ("two", two), ("three", [])):
            add_project(connection, Project(id=name, name=name, created_at=NOW))
            put_rules(connection, name, rules, NOW)
    with database.read() as connection:
        assert rules_of(connection, "one") == one
        assert rules_of(connection, "none") == []
        assert all_rules(connection) == {"one": one, "two": two}
    with database.write() as connection:
        put_rules(connection, "one", two, NOW)
    with database.read() as connection:
        assert all_rules(connection) == {"one": two, "two": two}
