"""`GET /metrics` shows the counters of all workers to a scraper that has no key."""

from __future__ import annotations

from logwright.gateway.metrics import METRICS_FOLDER, Metrics
from logwright.testing.application import Application


def test_a_scraper_reads_the_counters_of_every_worker_without_a_key(application: Application) -> None:
    worker = Metrics(application.settings.data / METRICS_FOLDER, "of-a-test")
    worker.answered(200, "")
    reply = application.call("GET", "/metrics")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'logwright_calls_total{status="2xx"}' in reply.text


def test_every_line_has_the_form_that_prometheus_reads(application: Application) -> None:
    """The text format 0.0.4: a comment, or a name with labels and a number."""
    for line in application.call("GET", "/metrics").text.splitlines():
        if line.startswith("#"):
            assert line.split(" ", 3)[1] in {"HELP", "TYPE"}
        else:
            name, _, value = line.rpartition(" ")
            assert name.startswith("logwright_")
            float(value)
