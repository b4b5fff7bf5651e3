"""A whole server that sends its own spans to a collector."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from tests.faces.otel.collectors import collecting

from logwright.testing.server import Server, ServerFailed
from logwright.testing.upstream import FakeUpstream

TRACE = "c0ffee00c0ffee00c0ffee00c0ffee00"


def test_a_call_through_the_gateway_becomes_a_span_of_its_callers_trace(tmp_path: Path) -> None:
    with collecting() as collector, FakeUpstream() as upstream:
        settings = ["--otlp-endpoint", collector.url, "--otlp-headers", "authorization=Bearer c"]
        with Server(upstream=upstream, folder=tmp_path / "server", settings=settings) as server:
            while True:  # the exporter begins beside the server; calls from before it followed are not its own
                server.openai().chat.completions.create(
                    model="gpt-4o",
                    messages=[{"role": "user", "content": "Hi"}],
                    extra_headers={"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
                )
                try:
                    spans = collector.spans(1, seconds=4.0)
                except AssertionError:
                    continue
                break
            metrics = httpx2.get(f"{server.url}/metrics", trust_env=False).text

    assert spans[0].name == "chat gpt-4o"
    assert spans[0].trace_id.hex() == TRACE
    assert spans[0].parent_span_id.hex() == "00f067aa0ba902b7"
    assert collector.headers[0]["authorization"] == "Bearer c"
    assert "logwright_otlp_spans_sent_total" in metrics


def test_a_server_whose_collector_cannot_be_one_does_not_start(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerFailed, match="name the path too"),
        Server(folder=tmp_path / "server", settings=["--otlp-endpoint", "https://collector.example.com"]),
    ):
        raise AssertionError("it started")
