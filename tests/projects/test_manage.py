"""What can be done with projects, keys and providers, the same on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from logwright import clock
from logwright.addresses import AddressRefused, AllowList
from logwright.errors import Conflict, InvalidRequest, NotFound
from logwright.models.catalogue import Catalogue
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.master import master_key
from logwright.projects.types import ProviderKind, Scope, Secret, StoredProvider
from logwright.projects.vault import Vault

KEY = Secret("sk-0123456789-abcd")


@pytest.fixture
def project_id(managing: Managing) -> str:
    project, _ = manage.create_project(managing, SYSTEM, "one")
    return project.id


def set_openai(
    managing: Managing, project_id: str, base_url: str | None = None, key: Secret | None = None
) -> StoredProvider:
    return manage.set_provider(managing, SYSTEM, project_id, "main", kind="openai", base_url=base_url, key=key)


def key_of(managing: Managing, project_id: str) -> str:
    catalogue = Catalogue(managing.database, managing.vault, managing.database.counter)
    return catalogue.resolve(project_id, "openpipe:main/x", "chat_completion").secret.reveal()


# ------------------------------------------------------------------ projects


def test_a_project_comes_with_a_key_that_writes(managing: Managing) -> None:
    project, made = manage.create_project(managing, SYSTEM, "  My team  ")
    assert project.name == "My team"
    assert (made.key.project_id, made.key.scope) == (project.id, Scope.WRITE)
    assert manage.list_projects(managing) == [project]


def test_a_name_is_taken_once(managing: Managing, project_id: str) -> None:
    with pytest.raises(Conflict, match="one"):
        manage.create_project(managing, SYSTEM, "one")
    assert [project.id for project in manage.list_projects(managing)] == [project_id]


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "prj_1", "\x1b[2J"])
def test_a_name_that_cannot_be_shown_on_one_line_is_refused(managing: Managing, name: str) -> None:
    with pytest.raises(InvalidRequest):
        manage.create_project(managing, SYSTEM, name)


# ------------------------------------------------------------------ keys


def test_keys_are_listed_with_what_may_be_shown_of_them(managing: Managing, project_id: str) -> None:
    soon = clock.now() + timedelta(days=1)
    made = manage.create_key(managing, SYSTEM, project_id, Scope.READ, name="dashboard", expires_at=soon)
    listed = manage.list_keys(managing, project_id)
    assert listed[-1] == made.key
    assert (made.key.name, made.key.expires_at) == ("dashboard", soon)
    assert made.key.hint == f"{made.secret.reveal()[:6]}…{made.secret.reveal()[-4:]}"
    assert made.secret.reveal() not in repr(listed)


def test_a_projects_key_has_no_admin_scope_and_an_admins_no_project(managing: Managing, project_id: str) -> None:
    with pytest.raises(InvalidRequest):
        manage.create_key(managing, SYSTEM, project_id, Scope.ADMIN)
    with pytest.raises(InvalidRequest):
        manage.create_key(managing, SYSTEM, None, Scope.WRITE)


def test_an_expiry_in_the_past_is_refused_when_the_key_is_made(managing: Managing, project_id: str) -> None:
    with pytest.raises(InvalidRequest, match="later time"):
        manage.create_key(managing, SYSTEM, project_id, Scope.READ, expires_at=clock.now())


def test_a_key_of_no_project_is_not_made(managing: Managing) -> None:
    with pytest.raises(NotFound):
        manage.create_key(managing, SYSTEM, "prj_nowhere", Scope.READ)


def test_revoking_twice_keeps_the_first_time(managing: Managing, project_id: str) -> None:
    (key,) = manage.list_keys(managing, project_id)
    first = manage.revoke_key(managing, SYSTEM, key.id)
    assert first.revoked_at is not None
    assert manage.revoke_key(managing, SYSTEM, key.id) == first
    assert manage.list_keys(managing, project_id) == [first]


def test_an_unknown_key_is_not_revoked(managing: Managing) -> None:
    with pytest.raises(NotFound):
        manage.revoke_key(managing, SYSTEM, "key_nowhere")


def test_the_last_admin_key_stays(managing: Managing) -> None:
    first = manage.create_key(managing, SYSTEM, None, Scope.ADMIN)
    with pytest.raises(Conflict, match="last admin key"):
        manage.revoke_key(managing, SYSTEM, first.key.id)
    manage.create_key(managing, SYSTEM, None, Scope.ADMIN)
    assert manage.revoke_key(managing, SYSTEM, first.key.id).revoked_at is not None


# ------------------------------------------------------------------ providers


@pytest.mark.parametrize(
    ("kind", "base_url"),
    [
        ("openai", "https://api.openai.com/v1"),
        ("anthropic", "https://api.anthropic.com"),
        ("gemini", "https://generativelanguage.googleapis.com/v1beta"),
    ],
)
def test_a_known_kind_has_its_usual_place(
    managing: Managing, project_id: str, kind: ProviderKind, base_url: str
) -> None:
    assert manage.set_provider(managing, SYSTEM, project_id, "main", kind=kind).base_url == base_url


@pytest.mark.parametrize("kind", ["azure", "openai-compatible"])
def test_other_kinds_need_a_base_url(managing: Managing, project_id: str, kind: ProviderKind) -> None:
    with pytest.raises(InvalidRequest, match="base_url"):
        manage.set_provider(managing, SYSTEM, project_id, "main", kind=kind, api_version="2024-10-21")


def test_azure_needs_its_api_version(managing: Managing, project_id: str) -> None:
    place = "https://mine.openai.azure.com/openai"
    with pytest.raises(InvalidRequest, match="api_version"):
        manage.set_provider(managing, SYSTEM, project_id, "main", kind="azure", base_url=place)
    made = manage.set_provider(
        managing, SYSTEM, project_id, "main", kind="azure", base_url=place, api_version="2024-10-21"
    )
    assert made.api_version == "2024-10-21"


def test_a_provider_shows_the_end_of_its_key_and_no_more(managing: Managing, project_id: str) -> None:
    made = set_openai(managing, project_id, key=KEY)
    assert made.key_hint == "…abcd"
    assert KEY.reveal() not in repr(manage.list_providers(managing, project_id))
    assert key_of(managing, project_id) == KEY.reveal()


def test_what_is_not_given_stays_as_it_was(managing: Managing, project_id: str) -> None:
    before = manage.set_provider(
        managing, SYSTEM, project_id, "main", kind="openai", base_url="https://a.example/v1", key=KEY, models=["m"]
    )
    after = manage.set_provider(managing, SYSTEM, project_id, "main", models=["m", "n"])
    assert (after.id, after.kind, after.base_url, after.key_hint) == (before.id, "openai", before.base_url, "…abcd")
    assert after.models == ("m", "n")
    assert after.created_at == before.created_at
    assert key_of(managing, project_id) == KEY.reveal()


@pytest.mark.parametrize(
    "moved",
    ["https://b.example/v1", "https://a.example:8443/v1", "http://a.example:443/v1", "https://a.example.evil/v1"],
)
def test_a_key_does_not_move_with_the_provider_to_another_host(managing: Managing, project_id: str, moved: str) -> None:
    set_openai(managing, project_id, "https://a.example/v1", KEY)
    allow = AllowList.parse(["a.example:443"])
    after = manage.set_provider(managing, SYSTEM, project_id, "main", base_url=moved, allow=allow)
    assert after.key_hint == ""
    assert key_of(managing, project_id) == ""
    back = set_openai(managing, project_id, "https://a.example/v1")
    assert back.key_hint == ""
    assert key_of(managing, project_id) == ""


def test_a_key_stays_when_only_the_path_changes(managing: Managing, project_id: str) -> None:
    set_openai(managing, project_id, "https://a.example/v1", KEY)
    set_openai(managing, project_id, "https://A.example:443/v2/")
    assert key_of(managing, project_id) == KEY.reveal()


def test_another_kind_without_a_base_url_moves_to_its_own_place_without_the_key(
    managing: Managing, project_id: str
) -> None:
    set_openai(managing, project_id, key=KEY)
    after = manage.set_provider(managing, SYSTEM, project_id, "main", kind="anthropic")
    assert (after.base_url, after.key_hint) == ("https://api.anthropic.com", "")


def test_a_kind_without_a_usual_place_stays_where_it_is_with_its_key(managing: Managing, project_id: str) -> None:
    set_openai(managing, project_id, "https://a.example/v1", KEY)
    after = manage.set_provider(managing, SYSTEM, project_id, "main", kind="openai-compatible")
    assert (after.base_url, after.key_hint) == ("https://a.example/v1", "…abcd")


def test_an_empty_key_removes_the_stored_one(managing: Managing, project_id: str) -> None:
    set_openai(managing, project_id, key=KEY)
    assert set_openai(managing, project_id, key=Secret("")).key_hint == ""
    assert key_of(managing, project_id) == ""


def test_a_private_base_url_is_saved_only_where_it_is_allowed(managing: Managing, project_id: str) -> None:
    private = "http://127.0.0.1:9000/v1"
    with pytest.raises(AddressRefused):
        set_openai(managing, project_id, private)
    assert manage.list_providers(managing, project_id) == []
    allow = AllowList.parse(["127.0.0.1:9000"])
    manage.set_provider(managing, SYSTEM, project_id, "main", kind="openai", base_url=private, allow=allow)
    later = manage.set_provider(managing, SYSTEM, project_id, "main", models=["m"])
    assert later.base_url == private


@pytest.mark.parametrize("slug", ["", "Upper", "a/b", "a:b", "a b", "-a", ".a", "x" * 64, "../x", "é"])
def test_a_slug_that_a_model_name_could_not_hold_is_refused(managing: Managing, project_id: str, slug: str) -> None:
    with pytest.raises(InvalidRequest, match="name"):
        manage.set_provider(managing, SYSTEM, project_id, slug, kind="openai")


@pytest.mark.parametrize("key", ["has space", "new\nline", "sk-\r\nX-Evil: 1", "ünïcode", "x" * 8193])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(
    managing: Managing, project_id: str, key: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        set_openai(managing, project_id, key=Secret(key))
    assert key not in refused.value.message


@pytest.mark.parametrize("model", ["", "a b", "x" * 201, "é", "a\n"])
def test_a_model_name_that_cannot_be_asked_for_is_refused_by_its_place(
    managing: Managing, project_id: str, model: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        manage.set_provider(managing, SYSTEM, project_id, "main", kind="openai", models=["good", model])
    assert refused.value.param == "models[1]"


def test_the_same_slug_in_another_project_is_another_provider(managing: Managing, project_id: str) -> None:
    other, _ = manage.create_project(managing, SYSTEM, "two")
    mine = set_openai(managing, project_id, key=KEY)
    theirs = set_openai(managing, other.id, key=Secret("sk-another-one-wxyz"))
    assert mine.id != theirs.id
    manage.remove_provider(managing, SYSTEM, other.id, "main")
    assert manage.list_providers(managing, project_id) == [mine]
    with pytest.raises(NotFound):
        manage.remove_provider(managing, SYSTEM, other.id, "main")


# ------------------------------------------------------------------ the master key


def test_rotation_seals_every_provider_key_anew_in_place(managing: Managing, project_id: str) -> None:
    set_openai(managing, project_id, key=KEY)
    manage.set_provider(managing, SYSTEM, project_id, "keyless", kind="anthropic")
    newest = master_key(b"n" * 32)
    both = Managing(database=managing.database, vault=Vault([managing.vault.current, newest]))

    assert manage.reseal_all(both, SYSTEM) == 1
    assert manage.reseal_all(both, SYSTEM) == 0

    assert key_of(Managing(database=managing.database, vault=Vault([newest])), project_id) == KEY.reveal()


def test_rotation_changes_nothing_when_one_key_cannot_be_opened(managing: Managing, project_id: str) -> None:
    set_openai(managing, project_id, key=KEY)
    manage.set_provider(managing, SYSTEM, project_id, "zz", kind="openai", key=Secret("sk-another-one"))
    with managing.database.write() as connection:
        connection.execute(sa.text("UPDATE providers SET secret = 'v00000000:x:y' WHERE slug = 'zz'"))
    both = Managing(database=managing.database, vault=Vault([managing.vault.current, master_key(b"n" * 32)]))
    with pytest.raises(Conflict, match="zz"):
        manage.reseal_all(both, SYSTEM)
    assert key_of(managing, project_id) == KEY.reveal()


def test_the_master_keys_that_api_keys_need_are_counted(managing: Managing, project_id: str) -> None:
    newest = master_key(b"n" * 32)
    both = Managing(database=managing.database, vault=Vault([managing.vault.current, newest]))
    for _ in range(2):
        manage.create_key(both, SYSTEM, project_id, Scope.READ)
    assert manage.peppers_in_use(both) == {managing.vault.current.id: 1, newest.id: 2}
    manage.revoke_key(both, SYSTEM, manage.list_keys(both, project_id)[0].id)
    assert manage.peppers_in_use(both) == {newest.id: 2}
