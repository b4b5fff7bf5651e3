"""Writes the part of the OpenAPI document that the browser interface speaks: `python -m docs.interface`.

From it `npm run api` makes the types in `ui/src/api/schema.d.ts`; the digest beside them
says of which document they are, and a test when that is another by now.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from docs.generate import document

UI: Final = Path(__file__).parent.parent / "ui"
_PREFIX: Final = "/api/manage/"


def managed() -> dict[str, Any]:
    """Return the document with the management API alone, and the forms that it needs."""
    whole = document()
    paths = {path: methods for path, methods in whole["paths"].items() if path.startswith(_PREFIX)}
    forms = whole["components"]["schemas"]
    needed: set[str] = set()
    todo = [json.dumps(paths)]
    while todo:
        text = todo.pop()
        for name in forms.keys() - needed:
            if f'"#/components/schemas/{name}"' in text:
                needed.add(name)
                todo.append(json.dumps(forms[name]))
    kept = {name: forms[name] for name in sorted(needed)}
    return {
        "openapi": whole["openapi"],
        "info": {"title": whole["info"]["title"], "version": "0"},
        "paths": paths,
        "components": {"schemas": kept},
    }


def digest() -> str:
    """Return what names the document."""
    return hashlib.sha256(json.dumps(managed(), sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    (UI / "openapi.json").write_text(json.dumps(managed(), indent=1))
    (UI / "src" / "api" / "schema.digest").write_text(digest() + "\n")
