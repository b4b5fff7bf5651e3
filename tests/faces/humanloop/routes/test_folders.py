"""Files of all types and the folders they are in, as the vendor's export script walks them."""

from __future__ import annotations

from tests.faces.humanloop.conftest import KERNEL, Client


def test_folders_are_walked_from_the_root(client: Client) -> None:
    client("POST", "/prompts", json={"path": "top", **KERNEL})
    client("POST", "/prompts", json={"path": "team/deep/inner", **KERNEL})
    client("POST", "/flows", json={"path": "team/flow", "attributes": {}})
    root = client("GET", "/directories/root")

    assert ([each["path"] for each in root["files"]], root["parents"]) == (["top"], [])
    (team,) = root["subdirectories"]
    found = client("GET", f"/directories/{team['id']}")
    assert (found["path"], found["name"], found["parent_id"]) == ("team", "team", "root")
    assert [each["path"] for each in found["files"]] == ["team/flow"]
    (deep,) = found["subdirectories"]
    inner = client("GET", f"/directories/{deep['id']}")
    assert [each["path"] for each in inner["parents"]] == ["", "team"]
    assert [each["directory_id"] for each in inner["files"]] == [deep["id"]]
    assert [each["path"] for each in client("GET", "/directories")] == ["", "team", "team/deep"]
    client("GET", "/directories/dir_nothing", 404)


def test_files_of_all_types_are_listed_and_filtered(client: Client) -> None:
    client("POST", "/prompts", json={"path": "team/a", **KERNEL})
    client("POST", "/tools", json={"path": "team/b", "source_code": "pass"})
    client("POST", "/flows", json={"path": "c", "attributes": {}})

    def paths(query: str) -> list[str]:
        return [each["path"] for each in client("GET", f"/files?sort_by=name&order=asc&{query}")["records"]]

    assert paths("") == ["c", "team/a", "team/b"]
    assert paths("type=tool&type=flow") == ["c", "team/b"]
    assert paths("type=dataset") == []
    assert paths("path=team") == ["team/a", "team/b"]
    assert paths("name=A") == ["team/a", "team/b"]
    assert paths("size=1&page=2") == ["team/a"]
    assert paths("environment=production") == []


def test_a_file_is_retrieved_by_its_path(client: Client) -> None:
    made = client("POST", "/prompts", json={"path": "team/a", **KERNEL})

    assert client("POST", "/files/retrieve-by-path", json={"path": "team/a"}) == made
    client("POST", "/files/retrieve-by-path", 404, json={"path": "nobody"})
    client("POST", "/files/retrieve-by-path", 422, json={})


def test_there_are_no_evaluations(client: Client) -> None:
    made = client("POST", "/prompts", json={"path": "a", **KERNEL})

    assert client("GET", f"/evaluations?file_id={made['id']}")["records"] == []
    client("GET", "/evaluations?file_id=nothing", 404)
