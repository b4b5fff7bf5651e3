"""Lists of logs over HTTP."""

from __future__ import annotations

import pytest
from tests.faces.humanloop.conftest import Client


@pytest.fixture
def prompt(client: Client) -> str:
    """Tell seven logs, a second apart, of two versions; return the prompt."""
    for second in range(7):
        told = client.log(
            prompt={"model": "gpt-4o", "seed": second % 2},
            output=f"answer {second}",
            inputs={"number": f"number-{second}"},
            metadata={"even": second % 2 == 0, "word": f"meta-{second}"},
            created_at=f"2026-01-01T00:00:0{second}",
            log_id=f"page-{client.project.id[-6:]}-{second}",
            trace_parent_id="f" if second == 3 else None,
        )
    return str(told["prompt_id"])


def outputs(client: Client, query: str) -> list[str]:
    return [log["output"][-1] for log in client("GET", f"/logs?{query}")["records"]]


def test_pages_are_walked_until_one_is_empty(client: Client, prompt: str) -> None:
    pages = [client("GET", f"/logs?file_id={prompt}&size=3&page={page}") for page in (1, 2, 3, 4, 1000)]

    assert [[log["output"][-1] for log in page["records"]] for page in pages] == [
        ["6", "5", "4"],
        ["3", "2", "1"],
        ["0"],
        [],
        [],
    ]
    assert [(page["page"], page["size"], page["total"]) for page in pages[:2]] == [(1, 3, 7), (2, 3, 7)]


def test_a_page_of_size_nothing_is_empty_and_counts(client: Client, prompt: str) -> None:
    page = client("GET", f"/logs?file_id={prompt}&size=0")

    assert (page["records"], page["total"]) == ([], 7)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=answer%203", "3"),
        ("search=number-4", "4"),
        ("search=meta-4", ""),
        ("metadata_search=meta-5", "5"),
        ("metadata_search=answer", ""),
        ("start_date=2026-01-01T00:00:05Z", "65"),
        ("end_date=2026-01-01T00:00:02", "10"),
        ("in_trace_filter=true", "3"),
        ("in_trace_filter=false&size=2", "65"),
        ("in_trace_filter=false&in_trace_filter=true&size=2", "65"),
    ],
)
def test_lists_are_filtered(client: Client, prompt: str, query: str, found: str) -> None:
    assert "".join(outputs(client, f"file_id={prompt}&{query}")) == found


def test_metadata_of_logs_that_others_told_is_searched_too(client: Client) -> None:
    told = client.report(tags={"team": "Red fire brigade"})
    client.report(tags={"team": "blue"})

    found = client("GET", f"/logs?file_id={told['prompt_id']}&metadata_search=red%20FIRE")
    assert [log["id"] for log in found["records"]] == [told["id"]]


def test_a_list_is_of_a_version_or_of_some_ids(client: Client, prompt: str) -> None:
    versions = client("GET", f"/prompts/{prompt}/versions")["records"]
    even = next(each for each in versions if each["seed"] == 0)

    assert outputs(client, f"file_id={prompt}&version_id={even['version_id']}") == ["6", "4", "2", "0"]
    part = f"page-{client.project.id[-6:]}"
    assert outputs(client, f"file_id={prompt}&id={part}-1&id={part}-5&id=nothing") == ["5", "1"]


def test_a_sample_is_some_of_the_page(client: Client, prompt: str) -> None:
    assert len(outputs(client, f"file_id={prompt}&sample=2")) == 2


def test_a_judgement_shows_what_it_judges_when_asked(client: Client) -> None:
    told = client.log(output="a")
    judged = client("POST", "/evaluators/log", json={"path": "tone", "parent_id": told["id"], "judgment": "good"})
    file_id = client("GET", f"/logs/{judged['id']}")["evaluator"]["id"]

    (record,) = client("GET", f"/logs?file_id={file_id}&include_parent=true")["records"]
    assert record["parent"]["id"] == told["id"]
    (record,) = client("GET", f"/logs?file_id={file_id}")["records"]
    assert "parent" not in record


def test_logs_are_deleted_and_unknown_ones_passed_over(client: Client, prompt: str) -> None:
    part = f"page-{client.project.id[-6:]}"
    client("DELETE", f"/logs?id={part}-1&id={part}-5&id=nothing", 204)
    client("DELETE", "/logs", 204)

    assert "".join(outputs(client, f"file_id={prompt}")) == "64320"


@pytest.mark.parametrize(
    "query", ["", "file_id=x&page=0", "file_id=x&size=-1", "file_id=x&start_date=soon", "file_id=x&in_trace_filter=2"]
)
def test_a_wrong_list_is_unprocessable(client: Client, query: str) -> None:
    assert client("GET", f"/logs?{query}", 422)["detail"][0]["loc"][0] == "query"


def test_an_unknown_file_or_log_is_not_found(client: Client) -> None:
    assert client("GET", "/logs?file_id=pr_nothing", 404)["detail"]
    assert client("GET", "/logs/nothing", 404)["detail"]
