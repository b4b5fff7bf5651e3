"""Chromium before a real server that serves the built interface."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from logwright.http.interface import FOLDER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

    from logwright.testing.server import Server

PASSWORD = "correct horse battery"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the browser, once for all journeys."""
    from playwright.sync_api import sync_playwright

    if CHROMIUM is None:
        pytest.skip("There is no Chromium; on Debian: apt install chromium")
    if not (FOLDER / "index.html").is_file():
        pytest.fail("The interface is not built; build it with: make ui")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser
        browser.close()


@pytest.fixture
def person(server: Server) -> Callable[..., str]:
    """Return what makes somebody in the server's project, with the password `PASSWORD`, and gives their address."""

    def made(role: str = "member", name: str = "ada") -> str:
        email = f"{name}@example.com"
        admin = {"authorization": f"Bearer {server.admin_key}"}
        with server.http() as web:
            path = f"/api/manage/invitations?project={server.project}"
            token = web.post(path, json={"role": role}, headers=admin).json()["token"]
            told = {"token": token, "email": email, "name": name.title(), "password": PASSWORD}
            joined = web.post("/api/manage/invitations/join", json=told, headers={"origin": server.url})
            assert joined.status_code == 200, joined.text
        return email

    return made


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """Return a page of a fresh browser at the server's address; what the console complains of fails the test."""
    context = chromium.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
    complaints: list[str] = []
    hosts: set[str] = set()

    def hear(message: ConsoleMessage) -> None:
        # What the server refuses, the browser notes as an error of its own; whether that is right is the test's.
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            complaints.append(message.text)

    opened = context.new_page()
    opened.on("console", hear)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    yield opened
    context.close()
    assert complaints == []
    assert hosts <= {server.url.split("/")[2]}, "the interface speaks to its own server alone"


@pytest.fixture
def signed_in(page: Page, person: Callable[..., str]) -> Page:
    """Return a page on which a member is signed in."""
    sign_in(page, person())
    return page


def sign_in(page: Page, email: str) -> None:
    """Sign in as a person does."""
    page.goto("/")
    page.get_by_label("E-mail").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/logs")
