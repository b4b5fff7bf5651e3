"""The prompt of a log whose caller named none: one for each project and model.

So every log has a prompt and can be reached through one. The ids are computed and not
stored: the store's process gives them to a million logs without asking anybody.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import NamedTuple


class ImplicitPrompt(NamedTuple):
    """The ids of a prompt that nobody made."""

    prompt_id: str
    """`pr_` and 21 hexadecimal digits."""
    version_id: str
    """`prv_` and the same digits: an implicit prompt has one version."""


@lru_cache(maxsize=4096)
def implicit_prompt(project_id: str, model: str) -> ImplicitPrompt:
    """Give the prompt of a project's calls of `model` (as the caller named it; empty where none is known)."""
    digest = hashlib.sha256(f"{project_id}\0{model}".encode("utf-8", "replace")).hexdigest()[:21]
    return ImplicitPrompt(f"pr_{digest}", f"prv_{digest}")


def implicit_path(model: str) -> str:
    """Give the path of such a prompt, as people see it."""
    return f"gateway/{model or 'unknown'}"
