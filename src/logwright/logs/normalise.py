"""Read a record of the journal into a row of the store: assemble, count, price, preview.

It runs once for every log, in the store process, and must not fail: a body comes
from strangers, so whatever cannot be read is kept as text and the fields that it
would have given stay empty.
"""

from __future__ import annotations

import contextlib
import json
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, NoReturn, Protocol

import msgspec

from logwright.logs.media.lifting import Keeper, Lifting
from logwright.logs.record import Figure, Kind, LogRecord
from logwright.logs.row import LogRow
from logwright.models.prices import Price
from logwright.prompts.implicit import implicit_prompt
from logwright.wire.assemble import assemble
from logwright.wire.multipart import is_multipart
from logwright.wire.preview import request_preview, response_preview
from logwright.wire.usage import Usage, measured, usage_of


class Pricing(Protocol):
    """Whoever knows what a call costs; `models.prices.Pricer` does."""

    def price(
        self, project_id: str, provider: str, provider_kind: str, models: Sequence[str], usage: Usage, micros: int
    ) -> Price | None:
        """Return the price of a call made at `micros`, by the first of the names that is known; None when none is."""


def normalise(
    record: LogRecord, pricing: Pricing, *, producer: str = "", sequence: int = 0, keeper: Keeper | None = None
) -> LogRow:
    """Make the row of a record. Never raises on what a caller or a provider wrote.

    Media go to `keeper`, and the bodies then refer to them; without one they stay in the bodies as base64.

    Raises:
        OSError: when the keeper's disk does not take them.
    """
    if record.exact:
        return _as_it_was(record.exact, producer, sequence)
    media = Lifting(keeper)
    request = _request(record, media)
    response = _response(record, media)
    answered = response.value if type(response.value) is dict else _NOTHING
    asked = request.value if type(request.value) is dict else _NOTHING
    model = record.model or _word(asked.get("model")) or _word(answered.get("model"))
    usage = usage_of(record.kind, answered) or measured(record.kind, asked, answered)
    price = None
    if usage is not None:
        names = (record.upstream_model, _word(answered.get("model")), model)
        price = (
            _FREE
            if record.cache == "hit"
            else pricing.price(
                record.project_id, record.provider, record.provider_kind, names, usage, record.requested_at
            )
        )
    if usage is not None and not usage.has_tokens:
        usage = None  # what was measured served for the price, and tokens are unknown
    requested_at = min(max(record.requested_at, 0), _LAST_MICROSECOND)
    received_at = None if record.received_at is None else min(max(record.received_at, 0), _LAST_MICROSECOND)
    failed_silently = not record.error_kind and (
        (record.status is not None and record.status >= 400) or (record.error_message and record.source != "gateway")
    )
    error_kind = record.error_kind
    if failed_silently:
        error_kind = "upstream_status" if record.source == "gateway" else "reported"
    told = record.told
    if told:
        price = _told_price(told, record.price_version) or price
    prompt = (
        implicit_prompt(record.project_id, model) if not record.prompt_id else (record.prompt_id, record.version_id)
    )
    return LogRow(
        id=record.id,
        project_id=record.project_id,
        requested_at=requested_at,
        received_at=received_at,
        source=record.source,
        kind=record.kind,
        provider=record.provider,
        provider_kind=record.provider_kind,
        model=model,
        upstream_model=record.upstream_model or _without_prefix(model),
        completion_id=record.completion_id or _word(answered.get("id")),
        status=record.status if record.status is not None and 0 <= record.status <= _LAST_STATUS else None,
        error_kind=error_kind,
        error_message=record.error_message or (_fault(answered) if error_kind else ""),
        stream=record.stream,
        latency=told.get("latency", _seconds(record.requested_at, record.received_at)),
        ttft=told.get("ttft", _seconds(record.requested_at, record.first_byte_at)),
        input_tokens=_count(told, "input_tokens", None if usage is None else usage.input_tokens),
        output_tokens=_count(told, "output_tokens", None if usage is None else usage.output_tokens),
        cached_tokens=_count(told, "cached_tokens", None if usage is None else usage.cached_tokens),
        reasoning_tokens=_count(told, "reasoning_tokens", None if usage is None else usage.reasoning_tokens),
        total_tokens=_total_tokens(told, usage),
        cost=None if price is None else price.cost,
        price_version="" if price is None else price.version,
        input_cost=None if price is None else price.input,
        output_cost=None if price is None else price.output,
        cache=record.cache,
        key_id=record.key_id,
        parent_id=record.parent_id,
        fallback_index=min(max(record.fallback_index, 0), _LAST_STATUS),
        tags=record.tags,
        request_preview=_preview(request_preview, record.kind, request.value),
        response_preview=_preview(response_preview, record.kind, response.value),
        truncated=record.response_truncated,
        request=media.text(request.text),
        response=media.text(response.text),
        idempotency_key=record.idempotency_key,
        producer=producer,
        sequence=sequence,
        prompt_id=prompt[0],
        version_id=prompt[1],
        trace_id=record.trace_id,
        span_id=record.span_id,
        session_id=record.session_id,
        retries=min(max(record.retries, 0), _LAST_STATUS),
        details=media.text(_read(record.details).text),
        blobs=[*record.blobs, *(each for each in media.digests if each not in record.blobs)],  # once all is lifted
    )


def _as_it_was(exact: bytes, producer: str, sequence: int) -> LogRow:
    row = _unpack_row(exact)
    row.producer, row.sequence = producer, sequence
    return row


_unpack_row: Final = msgspec.msgpack.Decoder(LogRow).decode


class _Body(NamedTuple):
    text: str
    """JSON text, or empty."""
    value: Any


_EMPTY: Final = _Body("", None)
_NOTHING: Final[dict[str, Any]] = {}
_FREE: Final = Price(0.0, "cache", 0.0, 0.0)
_LAST_MICROSECOND: Final = 10_413_791_999_999_999  # 2299-12-31 23:59:59.999999, where the store's DateTime64 ends
_LAST_STATUS: Final = 65_535
_LAST_COUNT: Final = 2**32 - 1
_PIECE: Final = 65_536
_parse: Final = msgspec.json.Decoder().decode
_write: Final = msgspec.json.Encoder().encode


def _request(record: LogRecord, media: Lifting) -> _Body:
    if is_multipart(record.request_type.encode("latin-1", "replace")):
        return _made(media.form(record.request, record.request_type))
    return _read(record.request)


def _response(record: LogRecord, media: Lifting) -> _Body:
    match record.response_form:
        case "none":
            return _EMPTY
        case "sse":
            return _assembled(record.kind, record.response)
        case "sse-zlib":
            return _assembled(record.kind, _unsqueezed(record.response))
        case "json" | "text":
            return _read(record.response)
        case "binary":
            name = "audio" if record.kind == "speech" else "file"
            return _made({name: media.file(record.response, record.response_type)})


def _unsqueezed(data: bytes) -> bytes:
    """Return the events of a long stream; of a damaged one, those before the damage."""
    unpacker = zlib.decompressobj()
    events: list[bytes] = []
    with contextlib.suppress(zlib.error):
        for at in range(0, len(data), _PIECE):
            events.append(unpacker.decompress(data[at : at + _PIECE]))  # noqa: PERF401 - an error keeps what came before
    return b"".join(events)


def _assembled(kind: Kind, sse: bytes) -> _Body:
    split = b"\\ud" in sse or b"\\uD" in sse
    try:
        value = assemble(kind, _SURROGATE.sub(_set_aside, sse) if split else sse)
        text = _write(value).decode()
        if split:
            text = _ASIDE.sub(r"\\u\1", text)
            value = json.loads(text)
    # Broad, because a stream is a stranger's text and one that trips the assembler must not stop the ingest of all.
    except Exception:  # noqa: BLE001
        return _as_text(sse.decode("utf-8", "replace"))
    return _Body(text, value)


# A provider that cuts its text between the halves of a surrogate pair sends chunks that no strict reader takes. Until
# they are one text again, such escapes travel as their digits between two characters of private use, U+E0FE and U+E0FF.
_SURROGATE: Final = re.compile(rb"\\(?:u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_ASIDE: Final = re.compile("\ue0fe([dD][89a-fA-F][0-9a-fA-F]{2})\ue0ff")


def _set_aside(escape: re.Match[bytes]) -> bytes:
    digits: bytes | None = escape[1]
    return escape[0] if digits is None else b"\xee\x83\xbe%b\xee\x83\xbf" % digits


def _read(body: bytes) -> _Body:
    """Read JSON and keep its text as it came; what is no JSON becomes a JSON string."""
    if not body or body == b"null":
        return _EMPTY
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    try:
        return _Body(text, _parse(text))
    except (msgspec.DecodeError, RecursionError):
        return _read_leniently(text)


def _read_leniently(text: str) -> _Body:
    """Read what msgspec refuses and the standard's grammar allows, such as the escape of a lone surrogate."""
    try:
        return _Body(text, json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError):
        return _as_text(text)


def _made(value: dict[str, Any]) -> _Body:
    return _Body(_write(value).decode(), value)


def _as_text(text: str) -> _Body:
    return _Body(_write(text).decode(), text)


def _preview(of: Callable[[str, Any], str], kind: str, value: Any) -> str:
    try:
        return _clean(of(kind, value))
    # Broad for the same reason: a preview is a convenience, and a log without one is still a log.
    except Exception:  # noqa: BLE001
        return ""


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _seconds(start: int, end: int | None) -> float | None:
    """Return the seconds between two moments; None where there is no end, or clocks put it before the start."""
    return None if end is None or end < start else (end - start) / 1_000_000


def _told_price(told: Mapping[Figure, float], version: str) -> Price | None:
    """Take the cost that the caller told; a total alone says nothing of its parts."""
    before, after = told.get("input_cost"), told.get("output_cost")
    total = told.get("cost")
    if total is None and (before is not None or after is not None):
        total = round((before or 0.0) + (after or 0.0), 12)
    return None if total is None else Price(total, version or "caller", before, after)


def _count(told: Mapping[Figure, float], name: Figure, counted: int | None) -> int | None:
    value = told.get(name, counted)
    return None if value is None else min(max(int(value), 0), _LAST_COUNT)


def _total_tokens(told: Mapping[Figure, float], usage: Usage | None) -> int | None:
    """Take the total that was told, else the sum of what is known."""
    if "total_tokens" not in told and ("input_tokens" in told or "output_tokens" in told):
        before = _count(told, "input_tokens", None if usage is None else usage.input_tokens)
        after = _count(told, "output_tokens", None if usage is None else usage.output_tokens)
        return min((before or 0) + (after or 0), _LAST_COUNT)
    return _count(told, "total_tokens", None if usage is None else usage.total_tokens)


def _word(value: Any) -> str:
    return _clean(value) if type(value) is str else ""


def _without_prefix(model: str) -> str:
    """Take off the part of a model name that says where it is served (of `openai:gpt-4o`, not of `ft:gpt-4o:org`)."""
    prefix, colon, rest = model.partition(":")
    return rest if colon and prefix in {"openai", "anthropic", "gemini", "openpipe"} else model


def _fault(answer: dict[str, Any]) -> str:
    """Find the words of a provider's error: OpenAI's and Anthropic's shape, else OpenPipe's."""
    error = answer.get("error")
    words = error.get("message") if type(error) is dict else error
    return _word(words if type(words) is str else answer.get("message"))


def _clean(text: str) -> str:
    """Make text that UTF-8 can hold: a lone surrogate, which an escape in JSON can smuggle in, becomes `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
