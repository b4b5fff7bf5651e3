"""How long a project keeps its logs."""

import sqlalchemy as sa

metadata = sa.MetaData()

sa.Table("projects", metadata, sa.Column("id", sa.Text, primary_key=True))

retention = sa.Table(
    "retention",
    metadata,
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("days", sa.Integer),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)


def upgrade(connection: sa.Connection) -> None:
    """Make the table."""
    retention.create(connection)
