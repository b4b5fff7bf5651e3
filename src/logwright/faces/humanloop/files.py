"""Write prompts, tools, flows, evaluators and agents as Humanloop shows them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from logwright.faces.humanloop.view import written
from logwright.prompts.kernel import FIELDS, variables
from logwright.prompts.types import Counted, Edition, Environment, File

JSON = Any

ROOT: Final = "root"
"""The id of the folder above all others."""

_DIGITS: Final = 21

EXTERNAL: Final[Mapping[str, JSON]] = {
    "arguments_type": "target_free",
    "return_type": "text",
    "evaluator_type": "external",
}
"""The specification of an evaluator whose judgements come from elsewhere and whose caller gave none."""


class Counts(NamedTuple):
    """How often a version and its file were used."""

    version: int = 0
    total: int = 0
    last_used_at: datetime | None = None


class Usage:
    """The counts of versions, read once for a whole answer."""

    def __init__(self, counted: Iterable[Counted]) -> None:
        self._versions: dict[str, Counted] = {}
        self._files: dict[str, Counts] = {}
        for each in counted:
            self._versions[each.version_id] = each
            before = self._files.get(each.prompt_id, Counts())
            last = each.last_used_at if before.last_used_at is None else max(before.last_used_at, each.last_used_at)
            self._files[each.prompt_id] = Counts(0, before.total + each.logs, last)

    def of(self, edition: Edition) -> Counts:
        """Return the counts of an edition; where there are none it was last used when it was made."""
        version = self._versions.get(edition.version.id)
        whole = self._files.get(edition.file.id, Counts())
        return Counts(0 if version is None else version.logs, whole.total, whole.last_used_at)


def shown_file(edition: Edition, usage: Usage) -> dict[str, JSON]:
    """Write a file in one of its versions."""
    file, version, environments = edition
    counts = usage.of(edition)
    kernel = {name: version.kernel.get(name) for name in sorted(FIELDS[file.type])}
    shown: dict[str, JSON] = {
        **kernel,
        "id": file.id,
        "path": file.path,
        "name": file.name,
        "type": file.type,
        "directory_id": directory_id(file.directory),
        "description": file.description,
        "readme": file.readme,
        "tags": list(file.tags),
        "version_id": version.id,
        "version_name": version.name,
        "version_description": version.description,
        "environments": [shown_environment(each) for each in environments],
        # Newer clients know no status; older ones and agents require it.
        "status": "committed",
        "created_at": written(version.created_at),
        "updated_at": written(file.updated_at),
        "created_by": None,
        "last_used_at": written(counts.last_used_at or version.created_at),
        "version_logs_count": counts.version,
        "total_logs_count": counts.total,
        "inputs": [{"name": name} for name in _inputs(edition)],
        "evaluators": [],
        "evaluator_aggregates": [],
    }
    match file.type:
        case "agent":
            shown |= {"tools": kernel["tools"] or [], "committed_by": None, "committed_at": shown["created_at"]}
        case "flow":
            shown["attributes"] = kernel["attributes"] or {}
        case "evaluator":
            shown["spec"] = kernel["spec"] or dict(EXTERNAL)
        case "tool":
            shown["signature"] = None
        case "prompt":
            shown["linked_tools"] = kernel["linked_tools"] or []
    return shown


def _inputs(edition: Edition) -> Sequence[str]:
    kernel = edition.version.kernel
    if edition.file.type == "tool":
        function = kernel.get("function")
        parameters = function.get("parameters") if isinstance(function, dict) else None
        properties = parameters.get("properties") if isinstance(parameters, dict) else None
        return list(properties) if isinstance(properties, dict) else []
    return variables(kernel)


def shown_environment(environment: Environment) -> dict[str, JSON]:
    """Write an environment."""
    return {
        "id": environment.id,
        "name": environment.name,
        "tag": "default" if environment.is_default else "other",
        "created_at": written(environment.created_at),
    }


def directory_id(path: str) -> str:
    """Return the id of a folder; folders are there because files are in them, and have no row of their own."""
    return ROOT if not path else f"dir_{hashlib.sha256(path.encode()).hexdigest()[:_DIGITS]}"


class Folder(NamedTuple):
    """A folder and its place."""

    path: str
    """Empty for the one above all."""

    def shown(self, at: datetime) -> dict[str, JSON]:
        """Write it; it has no times of its own, and `at` stands in for them."""
        parent = self.path.rpartition("/")[0]
        return {
            "id": directory_id(self.path),
            "parent_id": directory_id(parent) if self.path else None,
            "name": self.path.rpartition("/")[2] or "Root",
            "path": self.path,
            "description": None,
            "readme": None,
            "tags": [],
            "created_at": written(at),
            "updated_at": written(at),
        }

    def parents(self) -> list[Folder]:
        """Return the folders that it is in, the outermost first."""
        if not self.path:
            return []
        parts = self.path.split("/")[:-1]
        return [Folder(""), *(Folder("/".join(parts[: end + 1])) for end in range(len(parts)))]


def folders(paths: Iterable[str]) -> list[Folder]:
    """Return every folder that files at these paths are in, the one above all included, in order."""
    found = {""}
    for path in paths:
        parts = path.split("/")[:-1]
        found.update("/".join(parts[: end + 1]) for end in range(len(parts)))
    return [Folder(path) for path in sorted(found)]


def is_in(file: File, folder: Folder) -> bool:
    """Say whether a file lies directly in a folder."""
    return file.directory == folder.path
