"""Tables are brought up to date from any state, and those of a later release are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from logwright.errors import Misconfigured
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import Engine
from logwright.logs.store.upgrade import bring_up_to_date


def test_a_step_that_was_cut_short_is_run_again(engine: Engine) -> None:
    engine.query("TRUNCATE TABLE migrations")
    bring_up_to_date(engine)
    once = engine.query("SELECT count(), max(number) FROM migrations", form="TSV")
    bring_up_to_date(engine)
    assert engine.query("SELECT count(), max(number) FROM migrations", form="TSV") == once


def test_a_store_of_a_later_release_is_refused(tmp_path: Path) -> None:
    first = EmbeddedEngine(tmp_path / "engine", sessions=1)
    first.query("INSERT INTO migrations (number, sentence) VALUES (999, 'from the future')")
    first.close()
    with pytest.raises(Misconfigured, match="version 999"):
        EmbeddedEngine(tmp_path / "engine", sessions=1)
