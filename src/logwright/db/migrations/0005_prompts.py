"""Named prompts, tools, flows, evaluators and agents; their versions, environments and deployments."""

import sqlalchemy as sa

metadata = sa.MetaData()

sa.Table("projects", metadata, sa.Column("id", sa.Text, primary_key=True))

files = sa.Table(
    "prompt_files",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("readme", sa.Text),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("implicit", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("deleted_at", sa.BigInteger),
)

sa.Index(
    "prompt_files_by_path",
    files.c.project_id,
    files.c.type,
    files.c.path,
    unique=True,
    sqlite_where=files.c.deleted_at.is_(None),
    postgresql_where=files.c.deleted_at.is_(None),
)

versions = sa.Table(
    "prompt_versions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("file_id", sa.Text, sa.ForeignKey("prompt_files.id"), nullable=False),
    sa.Column("kernel", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("description", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.UniqueConstraint("file_id", "name"),
)

sa.Index("prompt_versions_by_file", versions.c.file_id, versions.c.created_at)

sa.Table(
    "prompt_environments",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "name"),
)

sa.Table(
    "prompt_deployments",
    metadata,
    sa.Column("file_id", sa.Text, sa.ForeignKey("prompt_files.id"), primary_key=True),
    sa.Column("environment_id", sa.Text, sa.ForeignKey("prompt_environments.id"), primary_key=True),
    sa.Column("version_id", sa.Text, sa.ForeignKey("prompt_versions.id"), nullable=False),
    sa.Column("deployed_at", sa.BigInteger, nullable=False),
)


def upgrade(connection: sa.Connection) -> None:
    """Make the tables."""
    made = [table for name, table in metadata.tables.items() if name != "projects"]
    metadata.create_all(connection, tables=made, checkfirst=False)
