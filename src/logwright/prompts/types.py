"""The vocabulary of the prompt room: files of five types, their versions, and where a version is deployed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, Protocol

FileType = Literal["prompt", "tool", "flow", "evaluator", "agent"]
"""What can be logged against; Humanloop's names."""

FILE_TYPES: Final[tuple[FileType, ...]] = ("prompt", "tool", "flow", "evaluator", "agent")

PREFIXES: Final[Mapping[FileType, str]] = {"prompt": "pr", "tool": "tl", "flow": "fl", "evaluator": "ev", "agent": "ag"}
"""What the ids of each type begin with; those of its versions, with a `v` behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something named by a path that has versions: a prompt, or one of its four neighbours."""

    id: str
    project_id: str
    type: FileType
    path: str
    """Its folders and its name, such as `support/triage`; unique among the project's files of its type."""
    description: str | None = None
    readme: str | None = None
    tags: tuple[str, ...] = ()
    is_implicit: bool = False
    """True for the prompt of calls whose caller named none."""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None
    """When it was deleted; the row stays, because logs tell what they were made with."""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def directory(self) -> str:
        """The path without the name; empty at the top."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One state of a file. It never changes, but for its name and description."""

    id: str
    """Made from the file's id and the kernel, so that equal kernels are one version."""
    project_id: str
    file_id: str
    kernel: Mapping[str, Any]
    """What makes the version what it is (of a prompt: model, template, parameters, tools), nulls left out."""
    name: str | None = None
    description: str | None = None
    created_at: datetime
    created_by: str
    """The id of the key that made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A place that versions are deployed to, such as `production`."""

    id: str
    project_id: str
    name: str
    is_default: bool
    """True for the one whose version counts where a call names neither version nor environment."""
    created_at: datetime


class Edition(NamedTuple):
    """A file in one of its versions, and where that version is deployed."""

    file: File
    version: Version
    environments: tuple[Environment, ...]


class Draft(NamedTuple):
    """What an upsert gives. None is what it does not speak of, and stays as it is."""

    kernel: Mapping[str, Any]
    version_name: str | None = None
    version_description: str | None = None
    description: str | None = None
    readme: str | None = None
    tags: tuple[str, ...] | None = None


class Counted(NamedTuple):
    """How often a version was used."""

    version_id: str
    prompt_id: str
    logs: int
    last_used_at: datetime
    """When the newest of its logs was requested."""
    models: tuple[str, ...] = ()
    """Models that its logs name, at most eight of them: an implicit prompt is known by its own."""


class VersionCounter(Protocol):
    """What this room asks of whoever keeps the logs; the log store does it."""

    async def count_by_version(self, project_id: str, prompt_ids: Sequence[str] | None) -> Sequence[Counted]:
        """Count the logs of every version of these prompts, or with None of all that the project has."""
