"""vLLM: a model server of your own, behind OpenAI's form and with fields beyond it."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible

provider = OpenAICompatible(
    card=Card(
        kind="vllm",
        label="vLLM",
        docs="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html",
        key="VLLM_API_KEY",
        base_url="http://localhost:8000/v1",
        note="Needs a key only if it was started with one; start the server with `--allow-upstream localhost:8000`.",
    ),
)
