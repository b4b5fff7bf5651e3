"""The web application: every room's routes, the vendors' faces, and what all answers have in common.

Rooms are found by walking the package, so that a new one is mounted by
existing. Only pure ASGI middleware: it passes a stream on as it comes.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

import logwright
from logwright import faces
from logwright.gateway.upkeep_metrics import UpkeepMetrics
from logwright.http import errors, openapi
from logwright.http.bodies import BodyGuard
from logwright.http.cors import Cors
from logwright.http.faults import Faults
from logwright.http.headers import AnswerHeaders
from logwright.http.health import Readiness
from logwright.http.hosts import HostCheck, host_check
from logwright.http.interface import Interface
from logwright.http.services import signing_in

if TYPE_CHECKING:
    from types import ModuleType

    from logwright.http.services import Services

ENTRANCES: Final = frozenset({"/api/manage/session", "/api/manage/invitations/look", "/api/manage/invitations/join"})
"""The paths where a credential is handed in by POST, as a password or the token of an invitation in the body."""

PUBLIC: Final = frozenset({"/", "/api/manage/session", "/healthz", "/readyz", "/metrics", "/openapi.json"})
"""The paths that demand no credential, all of them for GET only; a test holds every other route against this list."""


def build_app(services: Services) -> FastAPI:
    """Assemble the application on services that are open; whoever opened them closes them."""
    app = FastAPI(
        title=openapi.TITLE,
        version=logwright.__version__,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(AnswerHeaders),
            Middleware(Faults),
            Middleware(HostCheck, host_check(services.settings)),
            Middleware(Interface),
            Middleware(Cors),
            Middleware(BodyGuard, services.settings.max_body_bytes),
        ],
    )
    for router in routers():
        app.include_router(router)
    errors.install(app)
    openapi.install(app, public=PUBLIC, entrances=ENTRANCES)
    state = app.state
    state.settings = services.settings
    state.database = services.database
    state.keys = services.keys
    state.vault = services.vault
    state.catalogue = services.catalogue
    state.store = services.store
    state.signing_in = signing_in(services.database, services.vault)
    state.sessions = state.signing_in.sessions
    state.recorder = services.recorder
    state.blobs = services.blobs
    state.local_admin = services.local_admin
    state.calls = None  # a gateway worker puts its own door to the hot path here
    state.readiness = Readiness(services)
    state.upkeep_metrics = UpkeepMetrics(services.store, services.recorder)
    return app


def routers() -> Iterator[APIRouter]:
    """Yield the router of each room and of each face that has one, in order of their names."""
    for package in (logwright, faces):
        yield from _routers(package)


def _routers(package: ModuleType) -> Iterator[APIRouter]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        routes = f"{found.name}.routes"
        if not found.ispkg or importlib.util.find_spec(routes) is None:
            continue
        router = importlib.import_module(routes).router
        if not isinstance(router, APIRouter):
            raise TypeError(f"{routes}.router is a {type(router).__name__}; it must be a fastapi.APIRouter")
        yield router
