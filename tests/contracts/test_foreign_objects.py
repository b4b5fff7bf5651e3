"""One project's things and another's keys (S-9): what is foreign answers as what does not exist, on every route."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest

from logwright.http.app import PUBLIC
from logwright.http.openapi import HOT_PATH
from logwright.testing.application import Application, TestProject

CANARY: Final = "canary-of-the-other-project"
TRACE: Final = "c0ffee00c0ffee00c0ffee00c0ffee00"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Run an application of our own: every route is called, those that delete included."""
    with Application(tmp_path_factory.mktemp("foreign") / "data", testing_routes=True) as running:
        yield running


@pytest.fixture(scope="module")
def owner(house: Application) -> TestProject:
    """Make a project that has something of everything, all of it with the canary in it."""
    project = house.project()
    response = {"reqPayload": {"model": CANARY, "input": CANARY}}
    assert house.call("POST", "/api/v1/report", key=project.key, json=response).status_code == 200
    report = {
        "reqPayload": {"model": CANARY, "messages": [{"role": "user", "content": CANARY}]},
        "tags": {CANARY: CANARY},
    }
    assert house.call("POST", "/api/v1/report", key=project.key, json=report).status_code == 200
    told = {"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": CANARY}
    span = {
        "traceId": TRACE,
        "spanId": "00f067aa0ba902b7",
        "name": CANARY,
        "startTimeUnixNano": 1,
        "attributes": [{"key": name, "value": {"stringValue": value}} for name, value in told.items()],
    }
    sent = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    assert house.call("POST", "/v1/traces", key=project.key, json=sent).status_code == 200
    made = house.call(
        "PUT",
        f"/api/manage/providers/{CANARY}",
        key=house.admin_key,
        params={"project": project.id},
        json={"kind": "openai", "key": "sk-secret", "models": [CANARY]},
    )
    assert made.status_code == 200, made.text
    return project


@pytest.fixture(scope="module")
def stranger(house: Application) -> TestProject:
    return house.project()


def operations(house: Application) -> Iterator[tuple[str, str, set[str]]]:
    """Yield method, path and parameters of every operation that ends and that the application answers itself."""
    for path, methods in house.call("GET", "/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            endless = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
            if path not in PUBLIC and not endless and not operation.get(HOT_PATH):
                yield method.upper(), path, {parameter["name"] for parameter in operation.get("parameters", ())}


def ids_of(house: Application, owner: TestProject) -> dict[str, str]:
    """Return an id of the owner's for each name that a path has in braces."""
    logs = {log["kind"]: log["id"] for log in house.call("GET", "/api/manage/logs", key=owner.key).json()["data"]}
    chat = logs["chat_completion"]
    keys = house.call("GET", "/api/manage/keys", key=house.admin_key, params={"project": owner.id}).json()
    mine = {"log_id": chat, "id": chat, "completion_id": chat, "response_id": logs["responses"]}
    mine |= {"trace_id": TRACE, "session_id": CANARY, "digest": media(house), "model_id": CANARY}
    mine |= humanloops(house, owner)
    mine |= people(house, owner)
    return mine | {"key_id": next(iter(_values(keys, "id"))), "slug": CANARY}


def humanloops(house: Application, owner: TestProject) -> dict[str, str]:
    """Keep a prompt in a folder, deployed; return what its paths name."""
    body = {"path": f"{CANARY}/{CANARY}", "model": CANARY}
    made = house.call("POST", "/v5/prompts", key=owner.key, json=body).json()
    (production, *_) = house.call("GET", "/api/manage/environments", key=owner.key).json()["data"]
    found = {"file_id": made["id"], "directory_id": made["directory_id"], "version_id": made["version_id"]}
    return (
        found | dict.fromkeys(("prompt_id", "tool_id", "agent_id"), made["id"]) | {"environment_id": production["id"]}
    )


def people(house: Application, owner: TestProject) -> dict[str, str]:
    """Bring somebody into the project, and invite another; return what their paths name."""
    where = {"project": owner.id}

    def manage(method: str, path: str, json: dict[str, str] | None = None) -> Any:
        return house.call(method, f"/api/manage/{path}", key=house.admin_key, params=where, json=json).json()

    if not manage("GET", "members")["data"]:
        token = manage("POST", "invitations", {})["token"]
        told = {"token": token, "email": f"{CANARY}@example.com", "name": CANARY, "password": "correct horse battery"}
        joined = house.call("POST", "/api/manage/invitations/join", json=told, headers={"origin": "http://localhost"})
        assert joined.status_code == 200, joined.text
        manage("POST", "invitations", {"email": f"second-{CANARY}@example.com"})
    person = manage("GET", "members")["data"][0]["person"]
    (invited,) = manage("GET", "invitations")["data"]
    return {"person_id": person["id"], "email": person["email"], "invitation_id": invited["id"]}


def media(house: Application) -> str:
    """Keep a media file and return its name."""
    data = CANARY.encode()
    digest = hashlib.sha256(data).hexdigest()
    house.call("POST", f"/api/manage/dump/blobs/{digest}", key=house.admin_key, content=data)
    return digest


def _values(value: Any, name: str) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            yield value[name]
        value = list(value.values())
    for below in value if isinstance(value, list) else ():
        yield from _values(below, name)


def said(answer: httpx2.Response, *names: str) -> tuple[int, str]:
    """Return what a stranger learns, with the names that he asked by taken out."""
    text = answer.text
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "NAME")
    return answer.status_code, text


def test_anothers_project_answers_as_one_that_does_not_exist(
    house: Application, owner: TestProject, stranger: TestProject
) -> None:
    tried = 0
    for method, path, parameters in operations(house):
        if "project" not in parameters:
            continue
        tried += 1
        address = re.sub(r"\{[^}]*\}", CANARY, path)
        for key in (stranger.key, stranger.read_key):
            answers = {
                said(house.call(method, address, key=key, params={"project": named}, json={}), named)
                for named in (owner.id, owner.name, "nobody's")
            }
            assert len(answers) == 1, f"{method} {path}: {answers}"
            assert {status for status, _ in answers} <= {403, 404}, f"{method} {path}: {answers}"
    assert tried > 10


def test_anothers_thing_answers_as_one_that_does_not_exist(
    house: Application, owner: TestProject, stranger: TestProject
) -> None:
    known = ids_of(house, owner)
    tried = 0
    for method, path, _ in operations(house):
        names = re.findall(r"\{([^}]*)\}", path)
        if not names:
            continue
        tried += 1
        assert known.keys() >= set(names), f"say in ids_of what a {names} of the owner's is"
        foreign = {name: known[name] for name in names}
        unknown = {name: ("0" if name == "digest" else "x") * len(known[name]) for name in names}
        answers = {
            said(house.call(method, path.format_map(ids), key=stranger.key, json={}), *ids.values())
            for ids in (foreign, unknown)
        }
        assert len(answers) == 1, f"{method} {path}: {answers}"
        assert {status for status, _ in answers} <= {403, 404}, f"{method} {path}: {answers}"
    assert tried >= 3
    assert ids_of(house, owner) == known


def test_no_answer_to_a_stranger_holds_anything_of_the_owners(
    house: Application, owner: TestProject, stranger: TestProject
) -> None:
    secrets = {CANARY, owner.id, owner.name, *ids_of(house, owner).values()}
    tried = 0
    for method, path, _ in operations(house):
        if method != "GET" or "{" in path:
            continue
        tried += 1
        for key in (stranger.key, stranger.read_key):
            text = house.call(method, path, key=key).text
            assert not [secret for secret in secrets if secret in text], f"{method} {path}"
    assert tried > 5


def test_what_a_stranger_deletes_and_tags_is_his_own(
    house: Application, owner: TestProject, stranger: TestProject
) -> None:
    log_id = ids_of(house, owner)["log_id"]

    house.call("DELETE", "/api/manage/logs", key=stranger.key, params={"all": "true"})
    house.call("DELETE", "/api/manage/logs", key=stranger.key, params={"id": log_id})
    house.call(
        "POST", "/api/v1/logs/update-metadata", key=stranger.key, json={"filters": [], "metadata": {"theirs": "1"}}
    )

    log = house.call("GET", f"/api/manage/logs/{log_id}", key=owner.key).json()
    assert log["tags"] == {CANARY: CANARY}
