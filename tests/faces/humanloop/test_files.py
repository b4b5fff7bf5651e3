"""Files as Humanloop shows them, their counts, and folders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.faces.humanloop.test_records import NOW, edition

from logwright.faces.humanloop.files import ROOT, Folder, Usage, directory_id, folders, shown_file
from logwright.prompts.types import Counted, FileType


def test_counts_are_of_the_version_and_of_the_whole_file() -> None:
    later = NOW + timedelta(days=1)
    usage = Usage([Counted("prv_1", "pr_1", 3, NOW), Counted("prv_2", "pr_1", 4, later)])
    shown = shown_file(edition(model="m"), usage)

    assert (shown["version_logs_count"], shown["total_logs_count"]) == (3, 7)
    assert shown["last_used_at"] == "2026-01-02T12:00:00Z"


def test_a_file_without_logs_was_last_used_when_it_was_made() -> None:
    shown = shown_file(edition(model="m"), Usage(()))

    assert (shown["version_logs_count"], shown["last_used_at"]) == (0, shown["created_at"])


@pytest.mark.parametrize(
    ("type_", "required"),
    [
        ("flow", {"attributes": {}}),
        ("agent", {"tools": []}),
        ("prompt", {"linked_tools": []}),
        ("tool", {"inputs": []}),
    ],
)
def test_what_clients_require_is_there(type_: FileType, required: dict[str, object]) -> None:
    shown = shown_file(edition(type_), Usage(()))

    assert {name: shown[name] for name in required} == required


def test_folders_follow_from_paths() -> None:
    assert [folder.path for folder in folders(["a/b/c", "d", "a/e"])] == ["", "a", "a/b"]
    assert [folder.path for folder in Folder("a/b").parents()] == ["", "a"]
    assert (directory_id(""), Folder("").shown(NOW)["parent_id"]) == (ROOT, None)
    assert Folder("a/b").shown(NOW)["parent_id"] == directory_id("a")
