"""Files and versions are made, changed and deployed; on both databases."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from logwright.db import Database
from logwright.errors import Conflict, InvalidRequest, NotFound
from logwright.prompts import look, manage, store
from logwright.prompts.implicit import implicit_prompt
from logwright.prompts.manage import Author
from logwright.prompts.types import Draft, Edition

GPT = {"model": "gpt-4o"}


def upsert(database: Database, author: Author, path: str = "support/triage", **draft: object) -> Edition:
    kernel = draft.pop("kernel", GPT)
    return manage.upsert(database, author, "prompt", Draft(kernel, **draft), path=path)  # type: ignore[arg-type] # as given


def later(author: Author, seconds: int = 1) -> Author:
    return dataclasses.replace(author, now=author.now + timedelta(seconds=seconds))


def test_an_equal_kernel_is_the_same_version_and_another_one_is_new(database: Database, author: Author) -> None:
    first = upsert(database, author, kernel={"model": "gpt-4o", "temperature": 1})
    again = upsert(database, later(author), "/support/triage/", kernel={"temperature": 1.0, "model": "gpt-4o"})
    second = upsert(database, later(author), kernel=GPT)

    assert (first.file.name, first.file.directory) == ("triage", "support")
    assert again.version == first.version
    assert second.file.id == first.file.id
    assert [each.version.id for each in look.list_versions(database, author.project_id, "prompt", first.file.id)] == [
        second.version.id,
        first.version.id,
    ]


def test_eight_upserts_at_once_make_one_file_and_one_version(database: Database, author: Author) -> None:
    with ThreadPoolExecutor(8) as workers:
        made = list(workers.map(lambda _: upsert(database, author), range(8)))

    assert len({(each.file.id, each.version.id) for each in made}) == 1


def test_what_an_upsert_does_not_speak_of_stays(database: Database, author: Author) -> None:
    upsert(database, author, description="Sorts tickets.", tags=("a",), version_name="first", readme="Long.")
    kept = upsert(database, later(author))

    assert (kept.file.description, kept.file.tags, kept.file.readme) == ("Sorts tickets.", ("a",), "Long.")
    assert kept.version.name == "first"


def test_a_name_belongs_to_one_version(database: Database, author: Author) -> None:
    upsert(database, author, version_name="first")

    with pytest.raises(Conflict, match="'first' already"):
        upsert(database, author, kernel={"model": "other"}, version_name="first")
    assert len(look.list_versions(database, author.project_id, None, upsert(database, author).file.id)) == 1


def test_a_version_is_named_and_described_later(database: Database, author: Author) -> None:
    made = upsert(database, author)
    named = manage.describe_version(
        database, author, "prompt", made.file.id, made.version.id, {"name": "v1", "description": "The first."}
    )
    cleared = manage.describe_version(database, author, "prompt", made.file.id, made.version.id, {"name": None})

    assert (named.version.name, named.version.description) == ("v1", "The first.")
    assert (cleared.version.name, cleared.version.description) == (None, "The first.")


@pytest.mark.parametrize("path", ["", "/", "a//b", "a/../b", "a\nb", "x" * 1001])
def test_a_path_that_names_nothing_is_refused(database: Database, author: Author, path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        upsert(database, author, path)
    assert refused.value.param == "path"


def test_a_prompt_without_a_model_is_refused(database: Database, author: Author) -> None:
    with pytest.raises(InvalidRequest, match="model"):
        upsert(database, author, kernel={"temperature": 1})
    assert look.list_files(database, author.project_id, store.Wanted(("prompt",)))[1] == 0


def test_a_file_is_moved_renamed_and_its_path_stays_its_own(database: Database, author: Author) -> None:
    made, other = upsert(database, author), upsert(database, author, "other")
    moved = manage.move(database, author, "prompt", made.file.id, path="archive/old", name=None)
    renamed = manage.move(database, author, "prompt", made.file.id, path=None, name="older")

    assert (moved.file.path, renamed.file.path) == ("archive/old", "archive/older")
    with pytest.raises(Conflict, match="already"):
        manage.move(database, author, "prompt", made.file.id, path=other.file.path, name=None)


def test_a_deleted_file_frees_its_path_and_its_versions_are_still_known(database: Database, author: Author) -> None:
    made = upsert(database, author)
    manage.delete(database, author, "prompt", made.file.id)
    again = upsert(database, author)

    assert again.file.id != made.file.id
    with pytest.raises(NotFound):
        manage.delete(database, author, "prompt", made.file.id)
    with database.read() as connection:
        known = look.editions_of_versions(connection, author.project_id, [made.version.id])
    assert known[made.version.id].file.deleted_at == author.now


def test_versions_are_deployed_replaced_and_withdrawn(database: Database, author: Author) -> None:
    first, second = upsert(database, author), upsert(database, later(author), kernel={"model": "new"})
    file, production = first.file.id, manage.environments(database, author.project_id, author.now)[0]
    assert (production.name, production.is_default) == ("production", True)

    manage.deploy(database, author, "prompt", file, production.id, second.version.id)
    deployed = manage.deploy(database, author, "prompt", file, "production", first.version.id)

    assert [each.name for each in deployed.environments] == ["production"]
    with database.read() as connection:
        assert look.edition(connection, first.file).version.id == first.version.id
        assert look.edition(connection, first.file, environment="production").version.id == first.version.id
    manage.withdraw(database, author, "prompt", file, "production")
    with database.read() as connection:
        assert look.edition(connection, first.file).version.id == second.version.id
    with pytest.raises(NotFound, match="deployed"):
        manage.withdraw(database, author, "prompt", file, "production")
    with pytest.raises(NotFound, match="environment"):
        manage.deploy(database, author, "prompt", file, "nowhere", first.version.id)


def test_an_environment_is_made_once(database: Database, author: Author, stranger: Author) -> None:
    made = manage.add_environment(database, author, "canary")

    assert not made.is_default
    with pytest.raises(Conflict):
        manage.add_environment(database, author, "canary")
    assert "canary" not in [each.name for each in manage.environments(database, stranger.project_id, stranger.now)]


def test_an_implicit_prompt_is_adopted_once_and_lives_with_its_logs(database: Database, author: Author) -> None:
    first = manage.adopt(database, author.project_id, "gpt-4o", author.now)
    again = manage.adopt(database, author.project_id, "gpt-4o", later(author).now)

    assert first == again
    assert (first.file.id, first.version.id) == implicit_prompt(author.project_id, "gpt-4o")
    assert (first.file.path, first.version.kernel) == ("gateway/gpt-4o", GPT)
    with pytest.raises(Conflict, match="delete the logs"):
        manage.delete(database, author, "prompt", first.file.id)


def test_an_implicit_prompt_finds_another_path_where_its_own_is_taken(database: Database, author: Author) -> None:
    upsert(database, author, "gateway/gpt-4o")

    assert manage.adopt(database, author.project_id, "gpt-4o", author.now).file.path == "gateway/gpt-4o (2)"


def test_another_projects_file_is_not_there(database: Database, author: Author, stranger: Author) -> None:
    made = upsert(database, author)

    with pytest.raises(NotFound):
        manage.upsert(database, stranger, "prompt", Draft(GPT), id_=made.file.id)
    with pytest.raises(NotFound):
        manage.move(database, stranger, "prompt", made.file.id, path="mine", name=None)
    with pytest.raises(NotFound):
        manage.delete(database, stranger, "prompt", made.file.id)
    with database.read() as connection:
        assert look.editions_of_versions(connection, stranger.project_id, [made.version.id]) == {}
