"""The room of logs, and the way to it: from the first password to a call that is found, read and shared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .conftest import PASSWORD, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from logwright.testing.server import Server
    from logwright.testing.upstream import FakeUpstream

pytestmark = pytest.mark.browser


def call(server: Server, text: str, **more: object) -> None:
    """Send a call as an application does, with OpenAI's own client."""
    server.openai().chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": text}],
        **more,  # type: ignore[call-overload]
    )


def test_the_great_journey(server: Server, page: Page) -> None:
    """A new installation: sign in with the printed password, choose one's own, send a call, see it come, read it."""
    printed = re.search(r"as (admin@localhost);.*\n\n  (\S+)", server.log)
    assert printed is not None
    page.goto("/")
    page.get_by_label("E-mail").fill(printed[1])
    page.locator("input[type=password]").fill(printed[2])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    page.locator("input[type=password]").nth(0).fill(printed[2])
    page.locator("input[type=password]").nth(1).fill(PASSWORD)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("No calls yet")).to_be_visible()
    page.get_by_role("combobox", name="Project").click()
    page.get_by_role("option", name=server.project).click()
    page.get_by_role("link", name="Send a call").click()
    expect(page.get_by_text("Waiting for the first call")).to_be_visible()
    call(server, "What is the refund policy?")
    page.get_by_role("link", name="Look at it").click()
    expect(page.get_by_role("region", name="Log", exact=True).get_by_text("What is the refund policy?")).to_be_visible()


def test_logs_are_searched_by_words_and_by_clicking(server: Server, signed_in: Page) -> None:
    for text in ("refund please", "a parcel", "another refund"):
        call(server, text)
    signed_in.reload()
    rows = signed_in.get_by_role("row").filter(has=signed_in.get_by_role("gridcell"))
    expect(rows).to_have_count(3)
    signed_in.get_by_label("Query").fill("refund")
    expect(rows).to_have_count(2)
    expect(signed_in).to_have_url(re.compile("q=refund"))
    signed_in.get_by_label("Query").fill("")
    expect(rows).to_have_count(3)
    signed_in.get_by_role("complementary", name="Filters").get_by_role("button", name="gpt-4o-mini").click()
    expect(signed_in.get_by_label("Query")).to_have_value("model:gpt-4o-mini")


def test_a_query_that_is_wrong_is_told_in_the_servers_words(signed_in: Page, server: Server) -> None:
    call(server, "anything")
    signed_in.reload()
    signed_in.get_by_label("Query").fill("modle:x")
    expect(signed_in.get_by_role("alert")).to_contain_text("did you mean model?")


def test_keys_walk_the_list_and_the_address_names_the_log(server: Server, signed_in: Page) -> None:
    for text in ("first words", "second words"):
        call(server, text)
    signed_in.reload()
    expect(signed_in.get_by_role("gridcell", name="second words")).to_be_visible()
    signed_in.keyboard.press("j")
    pane = signed_in.get_by_role("region", name="Log", exact=True)
    expect(pane.get_by_text("second words")).to_be_visible()
    signed_in.keyboard.press("j")
    expect(pane.get_by_text("first words")).to_be_visible()
    address = signed_in.url
    signed_in.keyboard.press("Escape")
    expect(pane).to_have_count(0)
    signed_in.goto(address)
    expect(pane.get_by_text("first words")).to_be_visible()


def test_hostile_words_stay_words(server: Server, upstream: FakeUpstream, signed_in: Page) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    call(server, hostile, user=hostile)
    signed_in.reload()
    signed_in.get_by_role("gridcell", name="<img").first.click()
    pane = signed_in.get_by_role("region", name="Log", exact=True)
    expect(pane.get_by_text("onerror").first).to_be_visible()
    for tab in ("Request", "Response", "About", "Code"):
        pane.get_by_role("tab", name=tab).click()
        expect(pane.locator("pre").first).to_be_visible()
    assert signed_in.title() == "Logwright"
    assert signed_in.locator("main img").count() == 0


def test_signing_out_shows_nothing_more(server: Server, page: Page, person: Callable[..., str]) -> None:
    call(server, "for members only")
    sign_in(page, person("viewer"))
    expect(page.get_by_role("gridcell", name="for members only")).to_be_visible()
    page.get_by_role("button", name="Signed in as").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/logs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
