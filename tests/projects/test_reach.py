"""A base URL is judged when it is saved: by its form and by what its host resolves to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from logwright.addresses import NOTHING, AddressRefused, AllowList
from logwright.projects.reach import check_base_url


def answering(*addresses: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    async def look_up(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return look_up


def judge(url: str, allow: AllowList = NOTHING, *, is_local: bool = False, addresses: Sequence[str] = ()) -> str | None:
    return asyncio.run(check_base_url(url, allow, is_local=is_local, look_up=answering(*addresses)))


def test_a_name_that_resolves_to_public_addresses_is_saved() -> None:
    assert judge("https://api.example.com/v1", addresses=["1.1.1.1", "2606:4700::1"]) is None


def test_a_name_that_does_not_resolve_at_present_is_saved() -> None:
    assert judge("https://api.example.com/v1") is None


def test_a_name_that_resolves_inside_is_refused() -> None:
    with pytest.raises(AddressRefused):
        judge("https://api.example.com/v1", addresses=["1.1.1.1", "169.254.169.254"])


def test_an_address_inside_is_refused_over_http_and_saved_with_a_notice_by_the_operator() -> None:
    url = "http://127.0.0.1:9000/v1"
    with pytest.raises(AddressRefused):
        judge(url)
    notice = judge(url, is_local=True)
    assert notice is not None
    assert "--allow-upstream 127.0.0.1:9000" in notice


def test_an_address_that_the_server_is_started_with_needs_no_notice() -> None:
    allow = AllowList.parse(["127.0.0.1:9000"])
    assert judge("http://127.0.0.1:9000/v1", allow) is None
    assert judge("http://127.0.0.1:9000/v1", allow, is_local=True) is None


@pytest.mark.parametrize("url", ["", "https://user@host", "ftp://host", "https://host/../x", "https://0x7f.1"])
def test_what_is_no_base_url_is_refused_for_everyone(url: str) -> None:
    for is_local in (True, False):
        with pytest.raises(AddressRefused):
            judge(url, is_local=is_local)


def test_the_look_up_of_the_system_knows_this_machine() -> None:
    """With the real resolver: `localhost` is allowed as a name here, and one of its addresses is not."""
    allow = AllowList.parse(["10.0.0.0/8", "127.0.0.1:9"])
    with pytest.raises(AddressRefused):
        asyncio.run(check_base_url("http://localhost:8000", allow, is_local=False))
    assert asyncio.run(check_base_url("https://no-such-host.invalid", NOTHING, is_local=False)) is None
