"""Gemini's answers, whole or streamed, written as OpenAI's chat completions.

What OpenAI's form has no place for is kept beside it rather than lost: a signature of
the model's thoughts where Google's own OpenAI door puts it (`extra_content`), pictures
under `images`, other parts under `gemini_parts`, what stands beside a candidate's
content on its choice. Source: Gemini API reference, v1beta, as of 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

JSON = Any

FINISH_REASONS: Final[Mapping[str, str]] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "LANGUAGE": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
}
"""Gemini's reasons to stop in OpenAI's words; another is told in lower case, such as `malformed_function_call`."""

_READ: Final = frozenset({"content", "finishReason", "index", "logprobsResult", "tokenCount"})
_MARKS: Final = frozenset({"thought", "thoughtSignature", "partMetadata"})


class CandidateReader:
    """Reads one candidate's content as deltas; keeps only what later pieces need."""

    __slots__ = ("_calls", "_index", "_response_id", "started")

    def __init__(self, index: int, response_id: JSON) -> None:
        self._index = index
        self._response_id = response_id
        self._calls = 0
        self.started = False

    def delta(self, candidate: Mapping[str, JSON]) -> dict[str, JSON]:
        """Return what a piece of the candidate adds to the message."""
        delta: dict[str, JSON] = {}
        if not self.started:
            self.started = True
            delta = {"role": "assistant", "content": None, "refusal": None}
        for part in (candidate.get("content") or {}).get("parts") or ():
            self._part(part, delta)
        return delta

    def reason(self, candidate: Mapping[str, JSON]) -> str | None:
        """Return why the candidate ended, in OpenAI's words; None while it goes on."""
        told = candidate.get("finishReason")
        if not told:
            return None
        reason = FINISH_REASONS.get(told, str(told).lower())
        return "tool_calls" if reason == "stop" and self._calls else reason

    def _part(self, part: Mapping[str, JSON], delta: dict[str, JSON]) -> None:
        signature = part.get("thoughtSignature")
        signed = {"extra_content": {"google": {"thought_signature": signature}}} if signature else {}
        match part:
            case {"functionCall": dict(call)}:
                calls = delta.setdefault("tool_calls", [])
                calls.append({"index": self._calls, **self._call(call), **signed})
                self._calls += 1
                return
            case {"text": str(text)}:
                name = "reasoning_content" if part.get("thought") else "content"
                if text:
                    delta[name] = (delta.get(name) or "") + text
            case {"inlineData": {"mimeType": str(kind), "data": str(data)}} if kind.startswith("image/"):
                url = {"url": f"data:{kind};base64,{data}"}
                delta.setdefault("images", []).append({"type": "image_url", "image_url": url})
            case _:
                others = {name: value for name, value in part.items() if name not in _MARKS}
                if others:
                    delta.setdefault("gemini_parts", []).append(others)
        delta.update(signed)

    def _call(self, call: Mapping[str, JSON]) -> dict[str, JSON]:
        name = call.get("name")
        arguments = json.dumps(call.get("args") or {}, ensure_ascii=False, separators=(",", ":"))
        # Older models give their calls no ids, and the answers to them must be told apart.
        number = call.get("id") or f"call_{self._response_id}_{self._index}_{self._calls}"
        return {"id": number, "type": "function", "function": {"name": name, "arguments": arguments}}


def answer_to_openai(answer: Mapping[str, JSON], *, created: int) -> dict[str, JSON]:
    """Write a whole answer as a completion; `created` is in seconds since 1970, which Gemini does not say.

    Raises:
        ValueError: it is no answer.
    """
    head = _head(answer, "chat.completion", created)
    choices = []
    for position, candidate in enumerate(_candidates(answer)):
        index = candidate.get("index", position)
        reader = CandidateReader(index, answer.get("responseId"))
        message = reader.delta(candidate)
        for call in message.get("tool_calls", ()):
            del call["index"]
        choices.append(
            {
                "index": index,
                "message": message,
                "logprobs": _logprobs(candidate),
                "finish_reason": reader.reason(candidate),
                **_beside(candidate),
            }
        )
    completion = {**head, "choices": choices}
    if isinstance(answer.get("usageMetadata"), dict):
        completion["usage"] = usage_to_openai(answer["usageMetadata"])
    return completion


def usage_to_openai(usage: Mapping[str, JSON]) -> dict[str, JSON]:
    """Count as OpenAI does: its output includes the thoughts, which Gemini counts beside it."""
    thoughts = usage.get("thoughtsTokenCount") or 0
    sent = (usage.get("promptTokenCount") or 0) + (usage.get("toolUsePromptTokenCount") or 0)
    produced = (usage.get("candidatesTokenCount") or 0) + thoughts
    return {
        "prompt_tokens": sent,
        "completion_tokens": produced,
        "total_tokens": sent + produced,
        "prompt_tokens_details": {
            "cached_tokens": usage.get("cachedContentTokenCount") or 0,
            "audio_tokens": _audio(usage.get("promptTokensDetails")),
        },
        "completion_tokens_details": {
            "reasoning_tokens": thoughts,
            "audio_tokens": _audio(usage.get("candidatesTokensDetails")),
        },
    }


class GeminiChunks:
    """Turns the pieces of one streamed answer into chunks."""

    __slots__ = ("_created", "_finished", "_head", "_readers", "_usage")

    def __init__(self, *, created: int = 0) -> None:
        self._created = created
        self._head: dict[str, JSON] = {}
        self._readers: dict[int, CandidateReader] = {}
        self._finished: set[int] = set()
        self._usage: dict[str, JSON] | None = None

    @property
    def is_complete(self) -> bool:
        """True when every candidate that began has given a reason for its end."""
        return bool(self._readers) and self._finished == self._readers.keys()

    def feed(self, piece: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        """Take one piece and return the chunks it makes."""
        if piece.get("error") is not None:
            error = piece["error"]
            message = error.get("message") if isinstance(error, dict) else error
            code = error.get("status") if isinstance(error, dict) else None
            return [{"error": {"message": message, "type": "server_error", "param": None, "code": code}}]
        self._head = _head(piece, "chat.completion.chunk", self._created)
        if isinstance(piece.get("usageMetadata"), dict):
            # Each piece counts anew from the beginning: the last one stands.
            self._usage = piece["usageMetadata"]
        chunks = []
        for position, candidate in enumerate(_candidates(piece, whole=False)):
            index = candidate.get("index", position)
            reader = self._readers.setdefault(index, CandidateReader(index, piece.get("responseId")))
            delta, reason = reader.delta(candidate), reader.reason(candidate)
            if reason is not None:
                self._finished.add(index)
            said = {"delta": delta, "logprobs": _logprobs(candidate), "finish_reason": reason, **_beside(candidate)}
            chunks.append({**self._head, "choices": [{"index": index, **said}], "usage": None})
        return chunks

    def end(self) -> list[dict[str, JSON]]:
        """Return the chunk that counts the tokens."""
        if self._usage is None:
            return []
        return [{**self._head, "choices": [], "usage": usage_to_openai(self._usage)}]


def _head(answer: Mapping[str, JSON], kind: str, created: int) -> dict[str, JSON]:
    return {
        "id": answer.get("responseId"),
        "object": kind,
        "created": created,
        "model": answer.get("modelVersion"),
    }


def _candidates(answer: Mapping[str, JSON], *, whole: bool = True) -> list[Mapping[str, JSON]]:
    """Return the candidates; of a prompt that was refused, one that says so."""
    found = answer.get("candidates")
    if isinstance(found, list) and found:
        return found
    blocked = (answer.get("promptFeedback") or {}).get("blockReason")
    if blocked:
        return [{"finishReason": "SAFETY", "promptFeedback": answer["promptFeedback"]}]
    if whole:
        raise ValueError("the answer has no candidates")
    return []


def _beside(candidate: Mapping[str, JSON]) -> dict[str, JSON]:
    return {name: value for name, value in candidate.items() if name not in _READ and value is not None}


def _logprobs(candidate: Mapping[str, JSON]) -> dict[str, JSON] | None:
    found = candidate.get("logprobsResult")
    if not isinstance(found, dict):
        return None
    top = found.get("topCandidates") or []
    content = []
    for position, chosen in enumerate(found.get("chosenCandidates") or ()):
        others = top[position].get("candidates") or () if position < len(top) else ()
        content.append({**_logprob(chosen), "top_logprobs": [_logprob(other) for other in others]})
    return {"content": content, "refusal": None}


def _logprob(token: Mapping[str, JSON]) -> dict[str, JSON]:
    text = token.get("token") or ""
    return {"token": text, "logprob": token.get("logProbability"), "bytes": list(text.encode("utf-8", "replace"))}


def _audio(details: JSON) -> int:
    """Sum the tokens that were sound."""
    if not isinstance(details, list):
        return 0
    return sum(each.get("tokenCount") or 0 for each in details if each.get("modality") == "AUDIO")
