"""The fake bucket refuses what Amazon would refuse."""

from __future__ import annotations

import httpx2

from logwright.testing.bucket import FakeBucket


def test_a_request_without_a_signature_is_refused() -> None:
    with FakeBucket() as bucket:
        answer = httpx2.get(f"{bucket.endpoint}/media/a", trust_env=False)

    assert answer.status_code == 403
    assert bucket.requests == [("GET", "/media/a")]
