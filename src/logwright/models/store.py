"""All SQL of the model room: a project's own prices. Every statement names the project, or says that it reads all."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from logwright.clock import from_micros, to_micros
from logwright.db import metadata
from logwright.models.types import OwnPrice

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


def put_price(connection: sa.Connection, price: OwnPrice) -> None:
    """Set the price of a model, in place of the one before."""
    remove_price(connection, price.project_id, price.model)
    connection.execute(
        sa.insert(prices).values(
            project_id=price.project_id,
            model=price.model,
            input=price.input,
            output=price.output,
            cached_input=price.cached_input,
            cache_write=price.cache_write,
            input_audio=price.input_audio,
            output_audio=price.output_audio,
            updated_at=to_micros(price.updated_at),
        )
    )


def remove_price(connection: sa.Connection, project_id: str, model: str) -> bool:
    """Remove the price of a model; False when there was none."""
    found = connection.execute(sa.delete(prices).where(prices.c.project_id == project_id, prices.c.model == model))
    return found.rowcount > 0


def prices_of(connection: sa.Connection, project_id: str) -> Sequence[OwnPrice]:
    """Return a project's prices in order of the models' names."""
    rows = connection.execute(sa.select(prices).where(prices.c.project_id == project_id).order_by(prices.c.model))
    return [_price(row) for row in rows]


def all_prices(connection: sa.Connection) -> Sequence[OwnPrice]:
    """Return the prices of all projects."""
    return [_price(row) for row in connection.execute(sa.select(prices))]


def _price(row: sa.Row[tuple[object, ...]]) -> OwnPrice:
    values = dict(row._mapping)
    return OwnPrice(**{**values, "updated_at": from_micros(values["updated_at"])})
