"""Changing a price changes it in every process, and leaves a line in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime

from logwright.db import Database
from logwright.models.pricing import own_prices, remove_price, set_price
from logwright.models.types import OwnPrice
from logwright.projects.audit import SYSTEM, entries
from logwright.projects.store import add_project
from logwright.projects.types import Project

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PRICE = OwnPrice(project_id="one", model="m", input=1.0, output=2.0, updated_at=NOW)


def test_setting_and_removing_are_announced_and_written_down(database: Database) -> None:
    with database.write() as connection:
        add_project(connection, Project(id="one", name="one", created_at=NOW))
    before = database.counter.value()
    set_price(database, PRICE, actor=SYSTEM)
    assert database.counter.value() != before
    assert own_prices(database, "one") == [PRICE]
    assert remove_price(database, "one", "m", actor=SYSTEM)
    assert not remove_price(database, "one", "m", actor=SYSTEM)
    assert own_prices(database, "one") == []
    lines = entries(database, after=0, limit=10)
    assert [(line.action, line.object, bool(line.before), bool(line.after)) for line in lines] == [
        ("price.set", "m", False, True),
        ("price.remove", "m", True, False),
    ]
