"""Files are found in the version that is meant."""

from __future__ import annotations

import pytest

from logwright.db import Database
from logwright.errors import InvalidRequest, NotFound
from logwright.prompts import look, manage, store
from logwright.prompts.manage import Author
from logwright.prompts.types import Draft, Edition


def made(database: Database, author: Author, path: str, model: str = "gpt-4o") -> Edition:
    return manage.upsert(database, author, "prompt", Draft({"model": model}), path=path)


def test_a_file_is_found_by_id_and_by_path_and_only_of_its_type(database: Database, author: Author) -> None:
    prompt = made(database, author, "a/b")

    with database.read() as connection:
        assert look.find_file(connection, author.project_id, "prompt", id_=prompt.file.id) == prompt.file
        assert look.find_file(connection, author.project_id, None, path="a/b") == prompt.file
        assert look.find_file(connection, author.project_id, "tool", path="a/b") is None
        assert look.find_file(connection, author.project_id, "tool", id_=prompt.file.id) is None
        with pytest.raises(InvalidRequest, match="path or its id"):
            look.find_file(connection, author.project_id, "prompt")
        with pytest.raises(NotFound, match="no tool"):
            look.the_file(connection, author.project_id, "tool", prompt.file.id)


def test_a_version_of_another_file_is_not_found(database: Database, author: Author) -> None:
    one, other = made(database, author, "one"), made(database, author, "other")

    with database.read() as connection:
        with pytest.raises(NotFound, match="has no version"):
            look.edition(connection, one.file, version_id=other.version.id)
        with pytest.raises(NotFound, match="deployed"):
            look.edition(connection, one.file, environment="production")


def test_a_list_is_filtered_sorted_and_paged(database: Database, author: Author) -> None:
    for path in ("team/alpha", "team/deep/beta", "other/ALPHABET", "100%_off"):
        made(database, author, path)
    manage.deploy(database, author, "prompt", *deployable(database, author, "team/alpha"))

    def listed(**wanted: str) -> list[str]:
        chosen = store.Wanted(("prompt", "tool"), **wanted)
        found, total = look.list_files(database, author.project_id, chosen, sort_by="name", descending=False)
        assert total == len(found)
        return [each.file.path for each in found]

    assert listed() == sorted(listed())
    assert listed(name="alpha") == ["other/ALPHABET", "team/alpha"]
    assert listed(name="%_") == ["100%_off"]
    assert listed(below="team") == ["team/alpha", "team/deep/beta"]
    assert listed(deployed_to="production") == ["team/alpha"]
    page, total = look.list_files(
        database, author.project_id, store.Wanted(("prompt",)), sort_by="name", descending=True, offset=1, limit=2
    )
    assert ([each.file.path for each in page], total) == (["team/alpha", "other/ALPHABET"], 4)


def deployable(database: Database, author: Author, path: str) -> tuple[str, str, str]:
    with database.read() as connection:
        file = look.find_file(connection, author.project_id, "prompt", path=path)
        assert file is not None
        return file.id, "production", look.edition(connection, file).version.id
