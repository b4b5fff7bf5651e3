"""The HTTP door to projects, keys and providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from logwright.projects import audit

CANARY = "sk-canary-0123456789-wxyz"
Client = Callable[[str], TestClient]


def put(client: TestClient, slug: str = "main", /, project: str = "one", **body: Any) -> Any:
    return client.put(f"/api/manage/providers/{slug}", json=body, params={"project": project})


# ------------------------------------------------------------------ who am I, and projects


def test_a_key_learns_what_it_is(client: Client) -> None:
    mine = client("one read").get("/api/manage/whoami").json()
    assert (mine["scope"], mine["project"]["name"]) == ("read", "one")
    admin = client("admin").get("/api/manage/whoami").json()
    assert (admin["scope"], admin["project"]) == ("admin", None)


def test_a_project_is_made_with_a_key_that_works_at_once(client: Client, app: FastAPI) -> None:
    made = client("admin").post("/api/manage/projects", json={"name": "three"})
    assert made.status_code == 200
    assert set(made.json()) == {"id", "name", "created_at", "key", "key_id"}
    shown = TestClient(app, headers={"api-key": made.json()["key"]}).get("/api/manage/whoami").json()
    assert shown["project"]["id"] == made.json()["id"]


def test_a_projects_key_sees_its_own_project_only(client: Client) -> None:
    assert [each["name"] for each in client("admin").get("/api/manage/projects").json()["data"]] == ["one", "two"]
    assert [each["name"] for each in client("two write").get("/api/manage/projects").json()["data"]] == ["two"]


def test_a_name_twice_is_a_conflict(client: Client) -> None:
    reply = client("admin").post("/api/manage/projects", json={"name": "one"})
    assert (reply.status_code, reply.json()["code"]) == (409, "CONFLICT")


# ------------------------------------------------------------------ keys


def test_a_key_is_made_shown_once_and_revoked(client: Client, app: FastAPI) -> None:
    admin = client("admin")
    made = admin.post("/api/manage/keys", params={"project": "one"}, json={"scope": "read", "name": "ci"}).json()
    mine = TestClient(app, headers={"x-api-key": made["key"]})
    assert mine.get("/api/manage/whoami").json()["key_id"] == made["id"]

    listed = admin.get("/api/manage/keys", params={"project": "one"})
    assert made["id"] in [each["id"] for each in listed.json()["data"]]
    assert made["key"] not in listed.text

    revoked = admin.delete(f"/api/manage/keys/{made['id']}")
    assert revoked.json()["revoked_at"] is not None
    assert mine.get("/api/manage/whoami").status_code == 401


def test_an_admin_key_is_made_and_listed_apart(client: Client, app: FastAPI) -> None:
    made = client("admin").post("/api/manage/keys", json={"scope": "admin"}).json()
    assert made["key"].startswith("lwa_")
    other = TestClient(app, headers={"x-api-key": made["key"]})
    assert len(other.get("/api/manage/admin-keys").json()["data"]) == 2
    assert len(other.get("/api/manage/keys", params={"project": "two"}).json()["data"]) == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "scope"),
        ({"scope": "owner"}, "scope"),
        ({"scope": "read", "expires_at": "tomorrow"}, "expires_at"),
        ({"scope": "read", "expires_at": "2100-01-01T00:00:00"}, "expires_at"),
        ({"scope": "read", "project_id": "prj_1"}, "project_id"),
    ],
)
def test_a_wrong_body_is_refused_by_its_path(client: Client, body: Mapping[str, str], place: str) -> None:
    reply = client("admin").post("/api/manage/keys", params={"project": "one"}, json=body)
    assert reply.status_code == 400
    assert reply.json()["issues"][0]["message"].startswith(place)


# ------------------------------------------------------------------ providers


def test_a_providers_key_goes_in_and_never_comes_out(client: Client, app: FastAPI) -> None:
    admin = client("admin")
    replies = [
        put(admin, kind="openai", key=CANARY),
        put(admin, models=["gpt-4o"]),
        put(admin, key="has space " + CANARY),
        put(admin, kind="openai", key=CANARY, unknown=CANARY),
        put(admin, key=[CANARY]),
        admin.get("/api/manage/providers", params={"project": "one"}),
        admin.get("/api/manage/providers/main", params={"project": "one"}),
        client("one read").get("/api/manage/providers"),
        admin.get("/api/manage/audit-trail"),
    ]
    assert [reply.status_code for reply in replies] == [200, 200, 400, 400, 400, 200, 200, 200, 200]
    assert not [reply.text for reply in replies if CANARY in reply.text]
    assert replies[5].json()["data"][0]["key_hint"] == "…wxyz"
    assert CANARY not in repr(audit.entries(app.state.database, after=0, limit=100))


def test_providers_are_set_by_the_admin_alone(client: Client) -> None:
    for name in ("one read", "one write"):
        assert put(client(name), kind="openai").status_code == 403
        assert client(name).delete("/api/manage/providers/main").status_code == 403


def test_a_provider_of_another_project_is_not_found(client: Client) -> None:
    put(client("admin"), kind="openai")
    theirs = client("two write")
    assert theirs.get("/api/manage/providers").json() == {"data": []}
    assert theirs.get("/api/manage/providers/main").status_code == 404
    assert theirs.get("/api/manage/providers/main").text == theirs.get("/api/manage/providers/main").text
    assert client("admin").delete("/api/manage/providers/main", params={"project": "two"}).status_code == 404


def test_a_removed_provider_is_gone(client: Client) -> None:
    put(client("admin"), kind="openai")
    removed = client("admin").delete("/api/manage/providers/main", params={"project": "one"})
    assert removed.json() == {"slug": "main", "deleted": True}
    assert client("one read").get("/api/manage/providers").json() == {"data": []}


def test_a_private_address_is_refused_over_http_unless_the_server_was_started_with_it(client: Client) -> None:
    refused = put(client("admin"), kind="openai-compatible", base_url="http://127.0.0.1:9001/v1")
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "base_url"
    allowed = put(client("admin"), kind="openai-compatible", base_url="http://127.0.0.1:9000/v1")
    assert (allowed.status_code, allowed.json()["notice"]) == (200, None)


def test_the_operator_on_the_data_directory_may_save_it_and_is_told(client: Client) -> None:
    saved = put(client("local"), kind="openai-compatible", base_url="http://127.0.0.1:9001/v1")
    assert saved.status_code == 200
    assert "--allow-upstream 127.0.0.1:9001" in saved.json()["notice"]
    assert put(client("local"), base_url="http://user@127.0.0.1:9001/v1").status_code == 400


def test_a_request_cannot_claim_to_be_local(client: Client, keys: Mapping[str, str]) -> None:
    admin = client("admin")
    admin.headers.update({"x-forwarded-for": "127.0.0.1", "x-api-key": "local"})
    assert put(admin, kind="openai-compatible", base_url="http://127.0.0.1:9001/v1").status_code == 400


def test_a_rotation_says_which_master_keys_are_still_needed(client: Client, app: FastAPI) -> None:
    put(client("admin"), kind="openai", key=CANARY)
    newest = app.state.vault.current.id
    assert client("admin").post("/api/manage/rotate").json() == {
        "resealed": 0,
        "master_key": newest,
        "api_keys_by_master_key": {newest: 4},
    }
    assert client("one write").post("/api/manage/rotate").status_code == 403


# ------------------------------------------------------------------ the audit trail


def test_the_trail_says_who_and_from_where_and_is_read_by_the_admin_alone(client: Client) -> None:
    admin = client("admin")
    put(admin, kind="openai")
    lines = admin.get("/api/manage/audit-trail", params={"limit": 1000}).json()["data"]
    me = admin.get("/api/manage/whoami").json()["key_id"]
    assert (lines[-1]["action"], lines[-1]["actor"], lines[-1]["address"]) == ("provider.set", me, "testclient")
    assert client("one write").get("/api/manage/audit-trail").status_code == 403


def test_the_trail_is_walked_page_by_page(client: Client) -> None:
    admin = client("admin")
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        page = admin.get("/api/manage/audit-trail", params={"after": after, "limit": 2}).json()
        seen += [line["sequence"] for line in page["data"]]
        after = page["next"]
    assert seen == list(range(1, 7))
