"""Azure OpenAI: OpenAI's form, with the model in the path and the API's version in the query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from logwright.providers.base import OPENAI_PATHS, Card, OpenAICompatible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logwright.providers.codec import Callee

DEFAULT_API_VERSION = "2024-10-21"
"""The newest version that Microsoft lists as generally available for the deployment paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Azure(OpenAICompatible):
    """OpenAI's form behind `/openai/deployments/MODEL`, where MODEL is the name of a deployment."""

    def path(self, kind: str, callee: Callee) -> str | None:
        """Return the deployment's path; a base URL that ends in `/openai/v1` is the newer door without deployments."""
        tail = self.paths.get(kind)
        if tail is None or callee.base_url.endswith("/v1"):
            return tail
        prefix = "" if callee.base_url.endswith("/openai") else "/openai"
        version = quote(callee.api_version or DEFAULT_API_VERSION, safe="")
        return f"{prefix}/deployments/{quote(callee.model, safe='')}{tail}?api-version={version}"

    def auth(self, secret: str, callee: Callee) -> Mapping[str, str]:
        """Return the key in the header that Azure reads."""
        del callee
        return {"api-key": secret} if secret else {}


provider = Azure(
    card=Card(
        kind="azure",
        label="Azure OpenAI",
        docs="https://learn.microsoft.com/azure/ai-services/openai/reference",
        key="AZURE_OPENAI_API_KEY",
        base_url="",
        needs_api_version=True,
        price_list="azure",
    ),
    paths=OPENAI_PATHS,
)
