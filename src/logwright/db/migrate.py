"""Bring a database's schema up to date: numbered steps, forward only, one process at a time.

The steps are the files of `migrations/`, found by walking the folder. A step
that was released is never edited; what it got wrong, a later one puts right.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, cast

import sqlalchemy as sa

from logwright import clock
from logwright.db import migrations
from logwright.errors import Misconfigured

_LOCK: Final = 7_564_829_374_651_001  # any number, the same in every version, that no other program on the server uses

_applied: Final = sa.Table(
    "migrations",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("applied_at", sa.BigInteger, nullable=False),
)


class _Step(Protocol):
    def upgrade(self, connection: sa.Connection, /) -> None: ...


class Migration(NamedTuple):
    """One step of the schema."""

    number: int
    name: str
    """The file's name, such as `0001_projects`."""


def known() -> Sequence[Migration]:
    """Return the steps this version has, in order."""
    names = sorted(module.name for module in pkgutil.iter_modules(migrations.__path__))
    return [Migration(int(name.partition("_")[0]), name) for name in names]


def upgrade(engine: sa.Engine, *, to: int | None = None) -> Sequence[Migration]:
    """Apply the steps that the database lacks, each wholly or not at all; return those applied.

    Several processes may call this at once: one works, the others wait and find
    nothing left to do. `to` stops after that number, as an older version would.

    Raises:
        Misconfigured: when the database has steps that this version does not know.
    """
    done: list[Migration] = []
    steps = known()
    while True:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            _applied.create(connection, checkfirst=True)
            have = set(connection.execute(sa.select(_applied.c.number)).scalars())
            if have - {step.number for step in steps}:
                raise Misconfigured(
                    f"The database has schema {max(have)} and this version of Logwright knows {steps[-1].number}; "
                    "install the version that last used it, or a newer one"
                )
            missing = [step for step in steps if step.number not in have and (to is None or step.number <= to)]
            if not missing:
                return done
            step = missing[0]
            module = cast("_Step", importlib.import_module(f"{migrations.__name__}.{step.name}"))  # a module has it
            module.upgrade(connection)
            values = {"number": step.number, "name": step.name, "applied_at": clock.to_micros(clock.now())}
            connection.execute(sa.insert(_applied).values(values))
            done.append(step)
