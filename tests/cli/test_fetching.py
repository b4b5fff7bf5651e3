"""Walking other products' APIs: every row once, patient with what passes, and able to go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from logwright.cli.fetching import Pages
from logwright.errors import InvalidRequest, Unauthorized, UpstreamUnreachable
from logwright.logs.imports.pages import Ask
from logwright.logs.imports.registry import formats
from logwright.testing.products import KEY, FakeProduct

ROWS: list[dict[str, Any]] = [{"id": f"r{n}", "messages": [], "type": "prompt"} for n in range(5)]


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as one:
        yield one


def walked(client: httpx2.Client, product: FakeProduct, *, key: str | None = KEY, start: Ask | None = None) -> Pages:
    pager = formats()[product.name].pager
    assert pager is not None
    slept: list[float] = []
    pages = Pages(pager, start or pager.first(product.url, ""), key=key, client=client, sleep=slept.append)
    pages.slept = slept  # type: ignore[attr-defined]  # for the test to look at
    return pages


@pytest.mark.parametrize("name", ["openai", "langfuse", "litellm", "phoenix", "tensorzero", "humanloop"])
def test_every_row_comes_once(client: httpx2.Client, name: str) -> None:
    with FakeProduct(name, ROWS) as product:
        pages = walked(client, product)
        found = [json.loads(item.raw)["id"] for item in pages.items()]
        assert found == ["r0", "r1", "r2", "r3", "r4"]
        assert pages.start is None or name == "langfuse"
        assert pages.done > 0


def test_what_passes_is_waited_for_as_long_as_it_asks(client: httpx2.Client) -> None:
    with FakeProduct("phoenix", ROWS) as product:
        product.moods = {1: 503, 2: 429, 4: 500}
        pages = walked(client, product)
        assert len(list(pages.items())) == 5
        assert pages.slept == [1.0, 3.0, 1.0]  # type: ignore[attr-defined]  # as above


def test_what_does_not_pass_ends_the_walk_and_a_new_one_goes_on(client: httpx2.Client) -> None:
    with FakeProduct("phoenix", ROWS) as product:
        product.moods = dict.fromkeys(range(2, 9), 503)
        pages = walked(client, product)
        with pytest.raises(UpstreamUnreachable, match="answered 503 Service Unavailable 7 times"):
            list(pages.items())
        start = pages.start
        assert start is not None
        assert start.params["cursor"] == "2"
        again = walked(client, product, start=start)
        assert [json.loads(item.raw)["id"] for item in again.items()] == ["r2", "r3", "r4"]


@pytest.mark.parametrize(
    ("key", "path", "error"),
    [(None, "", Unauthorized), ("wrong:key", "", Unauthorized), (KEY, "/v1/projects/none", InvalidRequest)],
)
def test_a_wrong_key_and_a_wrong_address_are_said_at_once(
    client: httpx2.Client, key: str | None, path: str, error: type[Exception]
) -> None:
    with FakeProduct("phoenix", ROWS) as product:
        pager = formats()["phoenix"].pager
        assert pager is not None
        pages = Pages(pager, pager.first(product.url + path, ""), key=key, client=client)
        with pytest.raises(error):
            next(pages.items())
        assert len(product.asked) == 1


def test_nobody_there_is_said(client: httpx2.Client) -> None:
    with FakeProduct("phoenix", []) as product:
        pass
    with pytest.raises(UpstreamUnreachable, match="did not answer"):
        next(walked(client, product).items())


def test_what_is_no_address_is_said(client: httpx2.Client) -> None:
    pager = formats()["phoenix"].pager
    assert pager is not None
    with pytest.raises(InvalidRequest, match="is no address"):
        next(Pages(pager, Ask(url="ftp://x"), key=None, client=client).items())
