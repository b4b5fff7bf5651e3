"""A project's own prices, which stand above the published ones."""

import sqlalchemy as sa

metadata = sa.MetaData()

sa.Table("projects", metadata, sa.Column("id", sa.Text, primary_key=True))

prices = sa.Table(
    "prices",
    metadata,
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("input", sa.Float, nullable=False),
    sa.Column("output", sa.Float, nullable=False),
    sa.Column("cached_input", sa.Float),
    sa.Column("cache_write", sa.Float),
    sa.Column("input_audio", sa.Float),
    sa.Column("output_audio", sa.Float),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)


def upgrade(connection: sa.Connection) -> None:
    """Make the table."""
    prices.create(connection)
