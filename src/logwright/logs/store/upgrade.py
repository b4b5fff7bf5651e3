"""Bring an engine's tables up to date: numbered steps, forward only, each safe to run twice.

Several processes may do it at once, as the machines that share a server do at an
upgrade: every statement of a step says IF NOT EXISTS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from logwright.errors import Misconfigured
from logwright.logs.store.schema import STEPS, VERSION

_MIGRATIONS: Final = (
    "CREATE TABLE IF NOT EXISTS migrations"
    " (number UInt32, sentence String, at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY number"
)


class Tables(Protocol):
    """What the steps need of an engine."""

    def query(self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow") -> bytes:
        """Run a statement and return its result."""


def bring_up_to_date(
    engine: Tables,
    laid_out: Callable[[str], Sequence[str]] = lambda text: (text,),
    gathered: Callable[[], Sequence[str]] = tuple,
) -> None:
    """Make the tables, or bring them to the present version.

    `laid_out` turns a statement of a step into those of another kind of server, such as a cluster; `gathered` gives
    what must be said there once the tables are current.

    Raises:
        Misconfigured: when a newer release made them.
    """
    for statement in laid_out(_MIGRATIONS):
        engine.query(statement)
    found = int(engine.query("SELECT max(number) FROM migrations", form="TSV"))
    if found > VERSION:
        raise Misconfigured(
            f"The store is of version {found} and this release of Logwright knows versions up to {VERSION};"
            " use the release that wrote it, or a later one."
        )
    missing = [step for step in STEPS if step.number > found]
    for step in missing:
        for statement in step.statements:
            for each in laid_out(statement):
                engine.query(each)
    for statement in gathered() if missing else ():
        engine.query(statement)
    for step in missing:
        engine.query(
            "INSERT INTO migrations (number, sentence) SELECT {number:UInt32}, {sentence:String}",
            {"number": step.number, "sentence": step.sentence},
        )
