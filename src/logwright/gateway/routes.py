"""The counters of all workers, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from logwright.gateway.metrics import METRICS_FOLDER, render

router = APIRouter()


@router.get("/metrics", response_class=PlainTextResponse, tags=["operation"], summary="Counters, for Prometheus")
def metrics(request: Request) -> PlainTextResponse:
    """Return the counters of all workers in Prometheus' text format 0.0.4; they hold no content and no names."""
    folder = request.app.state.settings.data / METRICS_FOLDER
    return PlainTextResponse(render(folder), media_type="text/plain; version=0.0.4; charset=utf-8")
