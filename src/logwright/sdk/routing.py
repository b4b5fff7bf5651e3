"""Decides what becomes of one call of the OpenAI client, by changing copies of its request; does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from logwright.errors import Unauthorized
from logwright.sdk.capture import KINDS, Watch
from logwright.sdk.options import CallOptions, Destination, gateway_headers, goes_through_gateway
from logwright.sdk.report import SDK_TAGS, Kind
from logwright.sdk.reporter import Reporter
from logwright.sdk.resources import CARRIER

_RAW: Final = "X-Stainless-Raw-Response"
"""With this header the client hands out the HTTP exchange beside the parsed answer; `with_raw_response` sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that the application makes."""

    kind: Kind
    options: CallOptions
    request: Any
    """The client's own request (`FinalRequestOptions`), without our options."""
    through_gateway: bool

    @classmethod
    def read(cls, request: Any) -> Call | None:
        """Take a call apart, or return None when it is of a kind that is not recorded."""
        kind = KINDS.get(request.url) if request.method.lower() == "post" else None
        if kind is None:
            return None
        headers = _headers(request)
        options: CallOptions = headers.pop(CARRIER, {})
        body = _body(request)
        return cls(
            kind=kind,
            options=options,
            request=request.model_copy(update={"headers": headers}),
            through_gateway=goes_through_gateway(body.get("model"), options),
        )

    @property
    def is_recorded(self) -> bool:
        """False when the caller says so: by `log_request`, or else by `store`."""
        return self.options.get("log_request", _body(self.request).get("store") is not False)

    @property
    def wants_exchange(self) -> bool:
        """True when the application itself asked for the HTTP exchange."""
        return _RAW in self.request.headers

    def for_gateway(self, target: Destination) -> Any:
        """Give the request as the gateway shall get it.

        Raises:
            Unauthorized: when no key of Logwright's is known.
        """
        if not target.api_key:
            model = _body(self.request).get("model")
            raise Unauthorized(
                f"The model {model!r} is reached through Logwright, and no key for it is set; "
                'set LOGWRIGHT_API_KEY or pass logwright={"api_key": "..."}'
            )
        # OpenPipe's API has only chat completions; the gateway takes the others at OpenAI's own paths.
        url = self.request.url if self.kind == "chat_completion" else f"{target.base_url}/v1{self.request.url}"
        headers = {**self.request.headers, **gateway_headers(self.options, SDK_TAGS)}
        return self.request.model_copy(update={"url": url, "headers": headers})

    def fallback(self) -> Call | None:
        """Give the direct call to make when the gateway has failed, or None when none was asked for."""
        wanted = self.options.get("fallback")
        if not wanted:
            return None
        body = dict(_body(self.request))
        if "model" in wanted:
            body["model"] = wanted["model"]
        changes: dict[str, Any] = {"json_data": body}
        if "timeout" in wanted:
            changes["timeout"] = wanted["timeout"]
        return replace(self, request=self.request.model_copy(update=changes), through_gateway=False)

    def handed_on(self) -> Any:
        """Give the request with our options in it again, for another client of ours."""
        options = {name: value for name, value in self.options.items() if name in {"tags", "log_request"}}
        return self.request.model_copy(update={"headers": {**self.request.headers, CARRIER: options}})

    def direct(self, *, exchange: bool) -> Any:
        """Give the request as OpenAI shall get it; `exchange` asks for the HTTP exchange as well."""
        changes: dict[str, Any] = {}
        if self._hidden_metadata is not None:
            changes["json_data"] = {name: value for name, value in _body(self.request).items() if name != "metadata"}
        if exchange and not self.wants_exchange:
            changes["headers"] = {**self.request.headers, _RAW: "true"}
        return self.request.model_copy(update=changes) if changes else self.request

    def watch(self, reporter: Reporter) -> Watch:
        """Begin to record it as a direct call."""
        return Watch(
            reporter,
            self.kind,
            _body(self.request),
            metadata=self._hidden_metadata,
            tags=self.options.get("tags"),
        )

    @property
    def _hidden_metadata(self) -> Any:
        """The metadata that OpenAI must not see: with a chat it refuses them unless `store` is set."""
        body = _body(self.request)
        return body.get("metadata") if self.kind == "chat_completion" and not body.get("store") else None


def _headers(request: Any) -> dict[str, Any]:
    return dict(request.headers) if isinstance(request.headers, Mapping) else {}


def _body(request: Any) -> Mapping[str, Any]:
    return request.json_data if isinstance(request.json_data, Mapping) else {}
