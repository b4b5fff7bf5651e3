"""The SQL of retention: which rules a project has, in the relational database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from logwright.clock import to_micros
from logwright.db import metadata
from logwright.logs.types import RetentionRule

retention = sa.Table(
    "retention",
    metadata,
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("days", sa.Integer),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)


def rules_of(connection: sa.Connection, project_id: str) -> Sequence[RetentionRule]:
    """Return a project's rules in their order."""
    rows = connection.execute(
        sa.select(retention.c.query, retention.c.days)
        .where(retention.c.project_id == project_id)
        .order_by(retention.c.place)
    )
    return [RetentionRule(query=row.query, days=row.days) for row in rows]


def all_rules(connection: sa.Connection) -> Mapping[str, Sequence[RetentionRule]]:
    """Return the rules of every project that has some."""
    found: dict[str, list[RetentionRule]] = {}
    for row in connection.execute(sa.select(retention).order_by(retention.c.project_id, retention.c.place)):
        found.setdefault(row.project_id, []).append(RetentionRule(query=row.query, days=row.days))
    return found


def put_rules(connection: sa.Connection, project_id: str, rules: Sequence[RetentionRule], at: datetime) -> None:
    """Set a project's rules, in place of those before."""
    connection.execute(sa.delete(retention).where(retention.c.project_id == project_id))
    if rules:
        connection.execute(
            sa.insert(retention),
            [
                {
                    "project_id": project_id,
                    "place": place,
                    "query": rule.query,
                    "days": rule.days,
                    "updated_at": to_micros(at),
                }
                for place, rule in enumerate(rules)
            ],
        )
