"""Everything that a client of Humanloop logged can be taken out again, by the walk of the vendor's export script."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx2
import pytest

from logwright.testing.server import Server

LOGS: Final = 250
PAGE: Final = 100
PAGES_AT_ONCE: Final = 10


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    with (
        Server(folder=tmp_path_factory.mktemp("humanloop")) as server,
        httpx2.Client(
            base_url=f"{server.url}/v5", headers={"X-API-KEY": server.key}, timeout=300, trust_env=False
        ) as client,
    ):
        fill(client)
        yield client


def fill(web: httpx2.Client) -> None:
    """Log to files in three folders; one of them has two versions, one of them deployed."""

    def tell(plural: str, **body: Any) -> Any:
        answer = web.post(f"/{plural}/log", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def tell_prompt(number: int) -> Any:
        kernel = {"model": "gpt-4o", "seed": number % 2}
        return tell(
            "prompts", path="team/deep/triage", prompt=kernel, output=f"answer {number}", log_id=f"log-{number}"
        )

    with ThreadPoolExecutor(8) as clients:
        told = list(clients.map(tell_prompt, range(LOGS)))
    prompt = told[0]["prompt_id"]
    production = next(each for each in get(web, f"/prompts/{prompt}/environments") if each["tag"] == "default")
    deployed = web.post(
        f"/prompts/{prompt}/environments/{production['id']}", params={"version_id": told[0]["version_id"]}
    )
    assert deployed.status_code == 200
    flow = tell("flows", path="flow", flow={"attributes": {}}, log_id="flow-1")
    tell("tools", path="team/tool", tool={"source_code": "pass"}, output="1", trace_parent_id=flow["id"])
    tell("evaluators", path="team/tone", parent_id="log-0", judgment=True)


def get(web: httpx2.Client, path: str, /, **params: Any) -> Any:
    answer = web.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def walk(web: httpx2.Client, directory: str = "root") -> Iterator[dict[str, Any]]:
    """Yield the files below a folder."""
    found = get(web, f"/directories/{directory}")
    yield from found["files"]
    for below in found["subdirectories"]:
        yield from walk(web, below["id"])


def logs_of(web: httpx2.Client, file_id: str) -> list[dict[str, Any]]:
    """Return all logs of a file, ten pages at once until one of them is empty."""
    found: list[dict[str, Any]] = []

    def page(number: int) -> list[dict[str, Any]]:
        query = {"file_id": file_id, "page": number, "size": PAGE, "include_trace_children": "true"}
        records: list[dict[str, Any]] = get(web, "/logs", **query)["records"]
        return records

    first = 1
    with ThreadPoolExecutor(PAGES_AT_ONCE) as clients:
        while True:
            pages = list(clients.map(page, range(first, first + PAGES_AT_ONCE)))
            found += [log for records in pages for log in records]
            if not all(pages):
                return found
            first += PAGES_AT_ONCE


def test_every_file_is_reached_from_the_root(web: httpx2.Client) -> None:
    walked = list(walk(web))

    assert {file["path"] for file in walked} == {"team/deep/triage", "team/tool", "team/tone", "flow"}
    listed = get(web, "/files", path="team", size=100)["records"]
    assert {file["id"] for file in listed} == {file["id"] for file in walked if file["path"] != "flow"}


def test_versions_come_with_where_they_are_deployed(web: httpx2.Client) -> None:
    for file in walk(web):
        versions = get(web, f"/{file['type']}s/{file['id']}/versions")["records"]
        assert all(isinstance(version["environments"], list) for version in versions)
        if file["path"] == "team/deep/triage":
            deployed = [version["seed"] for version in versions if version["environments"]]
            assert (len(versions), deployed) == (2, [0])
        assert get(web, "/evaluations", file_id=file["id"])["records"] == []


def test_every_log_comes_once(web: httpx2.Client) -> None:
    by_path = {file["path"]: logs_of(web, file["id"]) for file in walk(web)}
    prompts = by_path["team/deep/triage"]

    assert sorted(log["id"] for log in prompts) == sorted(f"log-{number}" for number in range(LOGS))
    (judged,) = [log for log in prompts if log["evaluator_logs"]]
    assert (judged["id"], judged["evaluator_logs"][0]["judgment"]) == ("log-0", True)
    (flow,) = by_path["flow"]
    assert [step["tool"]["path"] for step in flow["trace_children"]] == ["team/tool"]
    assert [len(by_path[path]) for path in ("team/tool", "team/tone")] == [1, 1]
