"""The running store of the tests starts, stops, and says what was recorded."""

from __future__ import annotations

from pathlib import Path

from logwright.testing.store import RunningStore, a_record


def test_a_running_store_can_be_stopped_and_started(tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as store:
        store.record(a_record(id="one"))
        assert [log.id for log in store.all("project")] == ["one"]
        first = store.pid
        assert store.stop() == 0
        store.start()
        assert store.pid != first
        assert [log.id for log in store.listed("project")] == ["one"]


def test_a_record_takes_what_the_test_is_about() -> None:
    log = a_record(model="gpt-5", tags={"a": "b"})
    assert (log.model, log.tags, log.status) == ("gpt-5", {"a": "b"}, 200)
