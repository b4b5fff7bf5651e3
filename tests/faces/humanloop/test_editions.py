"""Implicit prompts are there as soon as somebody looks."""

from __future__ import annotations

from tests.faces.humanloop.conftest import Client

from logwright.prompts.implicit import implicit_prompt


def test_an_implicit_prompt_is_found_by_its_id_before_any_list(client: Client) -> None:
    client.ask("POST", "/api/v1/report", json={"reqPayload": {"model": "some-model"}})
    ids = implicit_prompt(client.project.id, "some-model")

    assert client("GET", f"/prompts/{ids.prompt_id}")["path"] == "gateway/some-model"
    assert client("GET", f"/logs?file_id={ids.prompt_id}")["total"] == 1
    client("GET", f"/prompts/{implicit_prompt(client.project.id, 'never-called').prompt_id}", 404)


def test_a_log_without_a_model_belongs_to_an_unknown_one(client: Client) -> None:
    client.ask("POST", "/api/v1/report", json={})
    (listed,) = client("GET", "/prompts")["records"]

    assert (listed["path"], listed["model"]) == ("gateway/unknown", "unknown")
    assert client("GET", f"/prompts/{listed['id']}")["total_logs_count"] == 1


def test_all_implicit_prompts_are_listed(client: Client) -> None:
    for model in ("a", "b", "b"):
        client.ask("POST", "/api/v1/report", json={"reqPayload": {"model": model}})
    listed = client("GET", "/prompts?sort_by=name&order=asc")["records"]

    assert [(each["path"], each["total_logs_count"]) for each in listed] == [("gateway/a", 1), ("gateway/b", 2)]
