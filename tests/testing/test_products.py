"""The fakes of other products' APIs: they want the key, page, and have moods."""

from __future__ import annotations

import httpx2
import pytest

from logwright.testing.products import KEY, FakeProduct


def test_a_product_wants_its_key_and_gives_a_page() -> None:
    with FakeProduct("phoenix", [{"n": 1}, {"n": 2}, {"n": 3}]) as product:
        where = f"{product.url}/v1/projects/default/spans"
        assert httpx2.get(where).status_code == 401
        headers = {"authorization": f"Bearer {KEY}"}
        assert httpx2.get(where, headers=headers).json() == {"data": [{"n": 1}, {"n": 2}], "next_cursor": "2"}
        product.moods[3] = 429
        moody = httpx2.get(where, headers=headers)
        assert (moody.status_code, moody.headers["retry-after"]) == (429, "3")
        assert len(product.asked) == 3


@pytest.mark.parametrize("name", ["openai", "langfuse", "litellm", "phoenix", "tensorzero", "humanloop"])
def test_a_product_has_no_other_paths(name: str) -> None:
    with FakeProduct(name, []) as product:
        headers = {"authorization": f"Bearer {KEY}", "x-api-key": KEY}
        auth = (KEY.split(":")[0], KEY.split(":")[1]) if name == "langfuse" else None
        reply = httpx2.post(f"{product.url}/elsewhere", headers={} if auth else headers, auth=auth, json={})
        assert reply.status_code == 404
