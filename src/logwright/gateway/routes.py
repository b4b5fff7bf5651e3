"""The counters of all workers, for Prometheus."""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from logwright.gateway.metrics import METRICS_FOLDER, render
from logwright.gateway.upkeep_metrics import UpkeepMetrics

router = APIRouter()


@router.get("/metrics", response_class=PlainTextResponse, tags=["operation"], summary="Counters, for Prometheus")
async def metrics(request: Request) -> PlainTextResponse:
    """Return the counters of all workers in Prometheus' text format 0.0.4; they hold no content and no names."""
    folder = request.app.state.settings.data / METRICS_FOLDER
    upkeep = cast("UpkeepMetrics", request.app.state.upkeep_metrics)  # starlette's state is untyped
    shown = render(folder) + await upkeep.render()
    return PlainTextResponse(shown, media_type="text/plain; version=0.0.4; charset=utf-8")
