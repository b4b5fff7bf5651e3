"""The HTTP door to a project's own prices: `/api/manage/prices`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, cast

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from logwright import clock
from logwright.db import Database
from logwright.errors import NotFound
from logwright.models import pricing
from logwright.models.types import OwnPrice
from logwright.projects.access import Reader, Writer

router: Final = APIRouter(prefix="/api/manage", tags=["prices"])

Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class PriceIn(BaseModel):
    """What a model costs, in US dollars for a million tokens."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    model: Annotated[str, Field(min_length=1, max_length=200)]
    """The model's name as callers write it; `*` stands for any run of characters."""
    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None
    """For input that came from the provider's cache; absent: as other input."""
    cache_write: Dollars | None = None
    """For input written to the provider's cache; absent: as other input."""
    input_audio: Dollars | None = None
    output_audio: Dollars | None = None


class PriceOut(PriceIn):
    """What the project says a model costs."""

    updated_at: datetime


class PriceList(BaseModel):
    """The project's own prices, in order of the models' names."""

    data: list[PriceOut]


class Removed(BaseModel):
    """What was removed."""

    model: str
    deleted: bool


@router.get("/prices", summary="List the project's own prices")
async def list_prices(request: Request, access: Reader) -> PriceList:
    """Return the prices that stand above the published ones."""
    found = await run_in_threadpool(pricing.own_prices, _database(request), access.project.id)
    return PriceList(data=[_shown(price) for price in found])


@router.put("/prices", summary="Set the price of a model")
async def put_price(request: Request, access: Writer, told: PriceIn) -> PriceOut:
    """Set what a model costs from now on. Logs that are already stored keep their cost."""
    price = OwnPrice(project_id=access.project.id, updated_at=clock.now(), **told.model_dump())
    await run_in_threadpool(pricing.set_price, _database(request), price, actor=access.actor)
    return _shown(price)


@router.delete("/prices", summary="Remove the price of a model")
async def remove_price(
    request: Request,
    access: Writer,
    model: Annotated[str, Query(min_length=1, max_length=200, description="The name, as it was set.")],
) -> Removed:
    """Remove a price, so that the published one counts again."""
    found = await run_in_threadpool(
        pricing.remove_price, _database(request), access.project.id, model, actor=access.actor
    )
    if not found:
        raise NotFound("There is no such price")
    return Removed(model=model, deleted=True)


def _shown(price: OwnPrice) -> PriceOut:
    return PriceOut(
        model=price.model,
        input=price.input,
        output=price.output,
        cached_input=price.cached_input,
        cache_write=price.cache_write,
        input_audio=price.input_audio,
        output_audio=price.output_audio,
        updated_at=price.updated_at,
    )


def _database(request: Request) -> Database:
    return cast("Database", request.app.state.database)  # starlette's state is untyped
