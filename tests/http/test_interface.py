"""Browsers get the page, its parts and its policy; programs get what they got before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from logwright.http.interface import Interface

PAGE = """<!doctype html><html><head><title>Logwright</title>
<script type="module" src="./assets/index-1a2b.js"></script></head><body></body></html>"""
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "index-1a2b.js").write_text("export {}")
    (tmp_path / "mark.svg").write_text("<svg/>")
    (tmp_path / ".digest").write_text("digest")
    return TestClient(Interface(behind(), tmp_path))


def behind() -> Starlette:
    async def said(_: object) -> PlainTextResponse:
        return PlainTextResponse("the application")

    return Starlette(routes=[Route("/{path:path}", said, methods=["GET", "POST"])])


@pytest.mark.parametrize("path", ["/", "/logs", "/logs?q=refund", "/datasets/ds_1/entries", "/sign-in"])
def test_every_address_of_the_interface_is_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert 'src="/assets/index-1a2b.js"' in answer.text
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/api/manage/nothing", "/v1/models", "/v5/prompts", "/healthz", "/metrics", "/ws"])
def test_what_belongs_to_programs_is_never_the_page(client: TestClient, path: str) -> None:
    assert client.get(path, headers=BROWSER).text == "the application"


def test_a_program_at_the_front_door_is_not_given_a_page(client: TestClient) -> None:
    assert client.get("/", headers={"accept": "*/*"}).text == "the application"
    assert client.post("/", headers=BROWSER).text == "the application"


def test_parts_are_kept_for_good_and_others_asked_for_anew(client: TestClient) -> None:
    part = client.get("/assets/index-1a2b.js")
    assert part.headers["content-type"].startswith("text/javascript")
    assert "immutable" in part.headers["cache-control"]
    assert client.get("/mark.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/.digest", "/index.html", "/assets/../.digest", "/assets/%2e%2e/.digest", "/assets/x.js"]
)
def test_nothing_but_the_parts_is_given_out(client: TestClient, path: str) -> None:
    assert client.get(path).text == "the application"


def test_the_policy_lets_nothing_in_but_our_own(client: TestClient) -> None:
    first, second = (client.get("/", headers=BROWSER) for _ in range(2))
    policy = first.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    (nonce,) = re.findall(r"'nonce-([^']+)'", policy)
    assert f'<meta name="logwright-nonce" content="{nonce}" />' in first.text
    assert nonce not in second.text


@pytest.mark.parametrize(
    ("prefix", "shown"), [("/logwright", "/logwright"), ("/a/b/", "/a/b"), ('/"><script>', ""), ("//evil", "")]
)
def test_a_proxy_may_put_a_path_before_it(client: TestClient, prefix: str, shown: str) -> None:
    page = client.get("/", headers={**BROWSER, "x-forwarded-prefix": prefix}).text
    assert f'content="{shown}" />' in page
    assert f'src="{shown}/assets/index-1a2b.js"' in page
    assert "<script>" not in page


def test_an_installation_without_the_interface_says_how_to_add_it(tmp_path: Path) -> None:
    answer = TestClient(Interface(behind(), tmp_path / "none")).get("/", headers=BROWSER)
    assert answer.status_code == 501
    assert "LOGWRIGHT_UI=require pip install" in answer.text
