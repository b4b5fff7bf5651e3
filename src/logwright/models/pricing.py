"""Say what models cost a project: set, list and remove its own prices, with a line in the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from logwright.models import store
from logwright.projects import audit

if TYPE_CHECKING:
    from logwright.db import Database
    from logwright.models.types import OwnPrice


def own_prices(database: Database, project_id: str) -> Sequence[OwnPrice]:
    """Return a project's prices in order of the models' names."""
    with database.read() as connection:
        return store.prices_of(connection, project_id)


def set_price(database: Database, price: OwnPrice, *, actor: audit.Actor) -> None:
    """Set the price of a model, in place of the one before; calls recorded from now on are priced by it."""
    with database.write() as connection:
        before = next((one for one in store.prices_of(connection, price.project_id) if one.model == price.model), None)
        store.put_price(connection, price)
        audit.record(
            connection,
            actor,
            "price.set",
            price.model,
            project_id=price.project_id,
            before=_shown(before),
            after=_shown(price),
        )


def remove_price(database: Database, project_id: str, model: str, *, actor: audit.Actor) -> bool:
    """Remove the price of a model; False when the project has none of that name."""
    with database.write() as connection:
        before = next((one for one in store.prices_of(connection, project_id) if one.model == model), None)
        if before is None:
            return False
        store.remove_price(connection, project_id, model)
        audit.record(connection, actor, "price.remove", model, project_id=project_id, before=_shown(before))
        return True


def _shown(price: OwnPrice | None) -> dict[str, object] | None:
    return None if price is None else {name: str(value) for name, value in asdict(price).items()}
