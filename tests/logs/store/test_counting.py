"""Versions are counted by the logs that belong to them."""

from __future__ import annotations

from pathlib import Path

from logwright.clock import from_micros
from logwright.prompts.types import Counted
from logwright.testing.factories import a_record
from logwright.testing.store import RunningStore

MODELS = ("gpt-4o-mini",)


def test_logs_are_counted_by_version_and_the_newest_is_known(tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as store:
        for prompt, version, second in [("a", "a1", 3), ("a", "a1", 9), ("a", "a2", 5), ("b", "b1", 7)]:
            store.record(a_record(requested_at=second * 1_000_000, prompt_id=prompt, version_id=version))
        store.record(a_record(project_id="other", prompt_id="a", version_id="a1"))

        def counted(ids: list[str] | None) -> list[Counted]:
            return sorted(store.ask(store.logs.count_by_version("proj_test", ids)))

        a1 = Counted("a1", "a", 2, from_micros(9_000_000), MODELS)
        a2 = Counted("a2", "a", 1, from_micros(5_000_000), MODELS)
        b1 = Counted("b1", "b", 1, from_micros(7_000_000), MODELS)
        assert counted(["a"]) == [a1, a2]
        assert counted(["b", "a", "it's"]) == [a1, a2, b1]
        assert counted(None) == [a1, a2, b1]
        assert counted([]) == []
