"""The browser interface: the bundle that the build put beside this file, and one page for every address of it.

It stands before the application as pure ASGI, because its addresses are any that
nothing else answers. Files below `assets/` carry their digest in their name and are
kept by browsers for good; the page itself is asked for each time, since it names them.
"""

from __future__ import annotations

import mimetypes
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER: Final = Path(__file__).parent / "static"
"""Where the build puts the bundle; absent in an installation without the interface."""

NOT_OURS: Final = ("/api/", "/v1/", "/v5/", "/ws", "/healthz", "/readyz", "/metrics", "/openapi.json")
"""Beginnings of addresses that belong to programs; a page there would hide their 404."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
"""RELIABILITY S-13, with a number used once for the one style element that the component library writes: the colours
of the theme."""
_PREFIX: Final = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
_MISSING: Final = """<!doctype html><meta charset="utf-8"><title>Logwright</title>
<p>This installation came without the browser interface: it was installed from a checkout on a machine that could not
build it. The API and the command line do everything. To add it, install a released wheel, or from a checkout with
access to the npm registry: <code>LOGWRIGHT_UI=require pip install .</code></p>
"""


class Interface:
    """Answers a browser that asks for a page or a part of one, and passes everything else on."""

    def __init__(self, app: ASGIApp, folder: Path = FOLDER) -> None:
        self._app = app
        self._folder = folder
        page = folder / "index.html"
        self._page = page.read_text() if page.is_file() else None
        names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        self._files = frozenset(names) - {"index.html", ".digest"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        answer = self._answer(scope) if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} else None
        await (answer or self._app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        path: str = scope["path"]
        if path.lstrip("/") in self._files:
            return self._file(path.lstrip("/"))
        headers = Headers(scope=scope)
        if path.startswith(NOT_OURS) or "text/html" not in headers.get("accept", ""):
            return None
        if self._page is None:
            return HTMLResponse(_MISSING, status_code=501)
        return self._rendered(self._page, headers.get("x-forwarded-prefix", "").rstrip("/"))

    def _file(self, name: str) -> Response:
        kept = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return FileResponse(self._folder / name, media_type=kind, headers={"cache-control": kept})

    @staticmethod
    def _rendered(page: str, prefix: str) -> Response:
        """Fill in where the server is, behind a proxy that puts a path before it too, and the number used once."""
        if not _PREFIX.fullmatch(prefix):
            prefix = ""
        nonce = secrets.token_urlsafe(16)
        page = page.replace('"./', f'"{prefix}/').replace(
            "</title>",
            f'</title>\n    <meta name="logwright-base" content="{prefix}" />'
            f'\n    <meta name="logwright-nonce" content="{nonce}" />',
            1,
        )
        policy = _POLICY.replace("{nonce}", nonce)
        return HTMLResponse(page, headers={"content-security-policy": policy, "cache-control": "no-cache"})
