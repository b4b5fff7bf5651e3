"""Who may call a route: every header form and every scope against every guard."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from logwright.projects import manage
from logwright.projects.access import GUARDS, Access, Admin, Anyone, ProjectAdmin, Reader, Writer, presented_key
from logwright.projects.apikeys import PROJECT_PREFIX, new_key
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.routes import router
from logwright.projects.types import Scope


@pytest.fixture
def guarded(app: FastAPI) -> FastAPI:
    """Add one route behind each guard; each says which project it acts in."""

    def shown(access: Access) -> str:
        return f"{access.project.name} by {access.actor.key_id}"

    @app.get("/anyone")
    async def anyone(principal: Anyone) -> str:
        return principal.key_id

    @app.get("/read")
    async def read(access: Reader) -> str:
        return shown(access)

    @app.get("/write")
    async def write(access: Writer) -> str:
        return shown(access)

    @app.get("/project-admin")
    async def project_admin(access: ProjectAdmin) -> str:
        return shown(access)

    @app.get("/admin")
    async def admin(access: Admin) -> str:
        return access.principal.key_id

    return app


def basic(credentials: str) -> str:
    return f"Basic {base64.b64encode(credentials.encode()).decode()}"


FORMS: dict[str, Callable[[str], dict[str, str]]] = {
    "bearer": lambda key: {"Authorization": f"Bearer {key}"},
    "lower-case bearer": lambda key: {"authorization": f"bearer  {key} "},
    "x-api-key": lambda key: {"X-API-KEY": key},
    "api-key": lambda key: {"api-key": key},
    "the password of basic": lambda key: {"authorization": basic(f"anybody:{key}")},
    "the name of basic": lambda key: {"authorization": basic(f"{key}:")},
    "x-api-key beside another sort of authorization": lambda key: {"authorization": "Basic eDp5", "x-api-key": key},
}

STATUSES = {
    ("one read", "/anyone"): 200,
    ("one read", "/read"): 200,
    ("one read", "/write"): 403,
    ("one read", "/project-admin"): 403,
    ("one read", "/admin"): 403,
    ("one write", "/anyone"): 200,
    ("one write", "/read"): 200,
    ("one write", "/write"): 200,
    ("one write", "/project-admin"): 403,
    ("one write", "/admin"): 403,
    ("admin", "/anyone"): 200,
    ("admin", "/read"): 200,
    ("admin", "/write"): 200,
    ("admin", "/project-admin"): 200,
    ("admin", "/admin"): 200,
    ("local", "/read"): 200,
    ("local", "/write"): 200,
    ("local", "/project-admin"): 200,
    ("local", "/admin"): 200,
}


@pytest.mark.parametrize("form", FORMS)
def test_each_scope_opens_its_doors_and_no_others_in_every_header_form(
    guarded: FastAPI, keys: Mapping[str, str], form: str
) -> None:
    with TestClient(guarded) as client:
        for (name, path), status in STATUSES.items():
            query = {} if path in {"/anyone", "/admin"} else {"project": "one"}
            reply = client.get(path, params=query, headers=FORMS[form](keys[name]))
            assert (name, path, reply.status_code) == (name, path, status)


@pytest.mark.parametrize("path", ["/anyone", "/read", "/write", "/project-admin", "/admin"])
def test_without_a_good_key_every_door_answers_the_same(guarded: FastAPI, keys: Mapping[str, str], path: str) -> None:
    client = TestClient(guarded)
    to = Managing(database=guarded.state.database, vault=guarded.state.vault)
    one = guarded.state.keys.project("one")
    revoked = manage.create_key(to, SYSTEM, one.id, Scope.WRITE)
    manage.revoke_key(to, SYSTEM, revoked.key.id)
    answers = {
        client.get(path, headers=headers).text
        for headers in (
            {},
            {"authorization": "Bearer "},
            {"authorization": "Basic eDp5"},
            {"authorization": f"Bearer {new_key(PROJECT_PREFIX)}"},
            {"authorization": f"Bearer {keys['one write'][:-1]}"},
            {"x-api-key": "junk"},
            {"api-key": "\x7e" * 53},
            {"authorization": f"Bearer {revoked.secret.reveal()}"},
        )
    }
    assert len(answers) == 1
    assert client.get(path).status_code == 401
    assert client.get(path).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("named", ["two", "nowhere", "prj_01M7YW0A02MG1TP6B7RE484Y4D"])
def test_a_foreign_project_and_an_unknown_one_are_not_found_alike(
    guarded: FastAPI, keys: Mapping[str, str], named: str
) -> None:
    client = TestClient(guarded, headers={"x-api-key": keys["one write"]})
    reply = client.get("/read", params={"project": named})
    assert reply.status_code == 404
    assert reply.json()["message"] == "There is no such project"
    foreign = guarded.state.keys.project("two").id
    assert client.get("/read", params={"project": foreign}).text == reply.text


def test_a_projects_key_may_name_its_own_project(guarded: FastAPI, keys: Mapping[str, str]) -> None:
    client = TestClient(guarded, headers={"x-api-key": keys["one write"]})
    own = guarded.state.keys.project("one").id
    for named in ("one", own):
        assert client.get("/read", params={"project": named}).json().startswith("one by key_")


def test_an_admin_names_one_of_several_projects(guarded: FastAPI, keys: Mapping[str, str]) -> None:
    client = TestClient(guarded, headers={"x-api-key": keys["admin"]})
    assert client.get("/read", params={"project": "two"}).json().startswith("two by")
    assert client.get("/read", params={"project": "three"}).status_code == 404
    unnamed = client.get("/read")
    assert unnamed.status_code == 400
    assert "?project=NAME" in unnamed.json()["message"]


def test_an_admin_need_not_name_the_default_project_nor_the_only_one(app: FastAPI, guarded: FastAPI) -> None:
    to = Managing(database=app.state.database, vault=app.state.vault)
    client = TestClient(guarded, headers={"x-api-key": "a key of this process"})
    assert client.get("/read").status_code == 404
    manage.create_project(to, SYSTEM, "only")
    assert client.get("/read").json() == "only by local"
    manage.create_project(to, SYSTEM, "default")
    assert client.get("/read").json() == "default by local"


def test_the_local_key_is_no_key_where_the_process_has_none(guarded: FastAPI, keys: Mapping[str, str]) -> None:
    guarded.state.local_admin = None
    assert TestClient(guarded).get("/admin", headers={"x-api-key": keys["local"]}).status_code == 401
    assert TestClient(guarded).get("/admin", headers={"x-api-key": "None"}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, None),
        ({"authorization": "Bearer a"}, "a"),
        ({"authorization": "Bearer a", "x-api-key": "b", "api-key": "c"}, "a"),
        ({"x-api-key": "b", "api-key": "c"}, "b"),
        ({"api-key": "c"}, "c"),
        ({"authorization": "a"}, None),
        ({"authorization": "Bearer", "api-key": "c"}, "c"),
        ({"x-api-key": "", "api-key": ""}, None),
    ],
)
def test_one_key_is_taken_from_a_request_in_a_fixed_order(headers: dict[str, str], key: str | None) -> None:
    assert presented_key(headers) == key


def test_every_route_of_the_room_states_a_guard() -> None:
    def guards(dependant: Dependant) -> list[object]:
        return [each.call for each in dependant.dependencies if each.call in GUARDS]

    routes = [route for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) >= 10
    assert all(guards(route.dependant) for route in routes)
