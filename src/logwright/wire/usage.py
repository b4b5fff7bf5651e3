"""Tokens as the provider counted them, read from an answer of any kind.

Sources: OpenAI API reference (chat, completions, embeddings, responses) and
Anthropic's Messages reference, both as of 2026.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counted them; never our own estimate."""

    input_tokens: int
    """All prompt tokens, the cached ones included."""
    output_tokens: int = 0
    """All tokens produced, those of hidden reasoning included."""
    cached_tokens: int = 0
    """The part of `input_tokens` read from the provider's prompt cache, usually billed at a lower price."""
    cache_write_tokens: int = 0
    """The part of `input_tokens` written to the provider's prompt cache, sometimes billed at a higher price."""
    reasoning_tokens: int = 0
    """The part of `output_tokens` that was thought and not shown."""
    input_audio_tokens: int = 0
    """The part of `input_tokens` that was sound."""
    output_audio_tokens: int = 0
    """The part of `output_tokens` that was sound."""
    input_image_tokens: int = 0
    """The part of `input_tokens` that was pictures."""
    output_image_tokens: int = 0
    """The part of `output_tokens` that was pictures."""

    characters: int = 0
    """Characters of text made into speech."""
    seconds: float = 0.0
    """Seconds of sound that were heard."""
    has_tokens: bool = True
    """False when nobody counted tokens: then they are not none, but unknown."""

    @property
    def total_tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


def usage_of(kind: str, response: Any) -> Usage | None:
    """Read the usage block of an answer; None when it has none or it is not in the form we know.

    `kind` is a log's kind; for `unknown` the block's own field names decide.
    """
    block = response.get("usage") if isinstance(response, dict) else None
    if not isinstance(block, dict):
        return None
    if kind == "messages" or (kind == "unknown" and "cache_read_input_tokens" in block):
        return _anthropic(block)
    usage = _openai(block)
    if usage is not None and kind in _PICTURES and not _details(block, "output_tokens_details"):
        return replace(usage, output_image_tokens=usage.output_tokens)  # then all that came out was pictures
    return usage


def measured(kind: str, request: Any, response: Any) -> Usage | None:
    """Measure a call whose answer counts no tokens by what such calls are billed by; None when that is not known.

    Speech is billed by the characters of its text, transcripts by the seconds of the recording, which the answer tells
    (OpenAI API reference, 2026).
    """
    if kind == "speech" and isinstance(request, dict) and isinstance(text := request.get("input"), str):
        return Usage(input_tokens=0, characters=len(text), has_tokens=False)
    if kind in {"transcription", "translation"} and isinstance(response, dict):
        block = response.get("usage")
        seconds = block.get("seconds") if isinstance(block, dict) else response.get("duration")
        if isinstance(seconds, int | float) and 0 < seconds < _LONGEST_SECONDS and type(seconds) is not bool:
            return Usage(input_tokens=0, seconds=float(seconds), has_tokens=False)
    return None


_LONGEST_SECONDS: Final = 10_000_000
_PICTURES: Final = frozenset({"image_generation", "image_edit", "image_variation"})


def _anthropic(block: dict[str, Any]) -> Usage | None:
    fresh = _count(block, "input_tokens")
    output = _count(block, "output_tokens")
    if fresh is None and output is None:
        return None
    read = _count(block, "cache_read_input_tokens") or 0
    written = _count(block, "cache_creation_input_tokens") or 0
    details = _details(block, "output_tokens_details")
    return Usage(
        # Anthropic's `input_tokens` are those after the last cache mark: neither read from the cache nor written to it.
        input_tokens=(fresh or 0) + read + written,
        output_tokens=output or 0,
        cached_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=_count(details, "thinking_tokens") or 0,
    )


def _openai(block: dict[str, Any]) -> Usage | None:
    """Read either generation of OpenAI's names: prompt/completion (chat, embeddings) or input/output (responses)."""
    sent = _count(block, "prompt_tokens")
    if sent is None:
        sent = _count(block, "input_tokens")
    produced = _count(block, "completion_tokens")
    if produced is None:
        produced = _count(block, "output_tokens")
    if sent is None and produced is None:
        return None
    before = _details(block, "prompt_tokens_details") or _details(block, "input_tokens_details")
    before = before or _details(block, "input_token_details")  # as transcripts name it
    after = _details(block, "completion_tokens_details") or _details(block, "output_tokens_details")
    cached = _count(before, "cached_tokens")
    if cached is None:
        cached = _count(block, "prompt_cache_hit_tokens")  # DeepSeek's name
    return Usage(
        input_tokens=sent or 0,
        output_tokens=produced or 0,
        cached_tokens=cached or 0,
        cache_write_tokens=_count(before, "cache_write_tokens") or _count(before, "cache_creation_tokens") or 0,
        reasoning_tokens=_count(after, "reasoning_tokens") or 0,
        input_audio_tokens=_count(before, "audio_tokens") or 0,
        output_audio_tokens=_count(after, "audio_tokens") or 0,
        input_image_tokens=_count(before, "image_tokens") or 0,
        output_image_tokens=_count(after, "image_tokens") or 0,
    )


def _details(block: dict[str, Any], name: str) -> dict[str, Any]:
    found = block.get(name)
    return found if isinstance(found, dict) else {}


def _count(block: dict[str, Any], name: str) -> int | None:
    """Read a count; a provider's negative, fractional or textual one is treated as absent."""
    found = block.get(name)
    return found if type(found) is int and 0 <= found < 2**32 else None
