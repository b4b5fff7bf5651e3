"""What a call costs: the published price lists of `genai-prices`, and the project's own prices above them.

Loading the lists takes 0.15 seconds and 30 MB, so it happens at the first priced
call and only where logs are priced: in the store process. Nothing is fetched; the
lists are the ones that the installed release of the package carries.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from logwright.clock import from_micros
from logwright.models import store
from logwright.models.types import OwnPrice
from logwright.projects.store import all_providers
from logwright.providers.registry import providers

if TYPE_CHECKING:
    from genai_prices import data_snapshot
    from genai_prices.types import ModelInfo, ModelPrice

    from logwright.db import Database
    from logwright.wire.usage import Usage


_DECIMALS: Final = 12
"""Of a dollar: the cheapest token costs some 1e-8 of one, and what lies beyond the twelfth is binary noise."""


class Price(NamedTuple):
    """What one call costs."""

    cost: float
    """US dollars."""
    version: str
    """Which price list it comes from, such as `genai-prices 0.2.3` or `project 2026-11-21T09:00:00Z`."""
    input: float | None
    """What of it the prompt cost, a price of the call itself included; None where only the whole is known."""
    output: float | None


class Rates(NamedTuple):
    """US dollars for one token of each sort, and for the call itself."""

    call: float
    input: float
    output: float
    cached: float
    cache_write: float
    input_audio: float
    output_audio: float
    reasoning: float
    input_image: float
    output_image: float
    character: float = 0.0
    """For one character of text made into speech; 0 where speech is not priced by them. So for the next."""
    second: float = 0.0
    """For one second of sound heard."""

    def price(self, usage: Usage, version: str) -> Price | None:
        """Return the price of a call; None where it is not priced by what was measured.

        Each token is counted once, as the most special thing that it is.
        """
        if not usage.has_tokens:
            cost = round(usage.characters * self.character + usage.seconds * self.second, _DECIMALS)
            return Price(cost, version, cost, 0.0) if cost else None
        special_input = (
            usage.cached_tokens + usage.cache_write_tokens + usage.input_audio_tokens + usage.input_image_tokens
        )
        special_output = usage.output_audio_tokens + usage.reasoning_tokens + usage.output_image_tokens
        before = (
            self.call
            + max(usage.input_tokens - special_input, 0) * self.input
            + usage.cached_tokens * self.cached
            + usage.cache_write_tokens * self.cache_write
            + usage.input_audio_tokens * self.input_audio
            + usage.input_image_tokens * self.input_image
        )
        after = (
            max(usage.output_tokens - special_output, 0) * self.output
            + usage.output_audio_tokens * self.output_audio
            + usage.output_image_tokens * self.output_image
            + usage.reasoning_tokens * self.reasoning
        )
        return Price(round(before + after, _DECIMALS), version, round(before, _DECIMALS), round(after, _DECIMALS))


class Pricer:
    """Prices calls; what it has looked up it keeps, until the database says that something changed."""

    def __init__(self, database: Database | None = None) -> None:
        """Without a database there are only the published lists: no own prices, and no providers by their address."""
        self._database = database
        self._seen: int | None = None
        self._own: dict[str, list[_Own]] = {}
        self._addresses: dict[tuple[str, str], str] = {}
        self._chosen: dict[tuple[str, str, str, Sequence[str]], _Own | ModelInfo | None] = {}
        self._published = _Published()

    def price(
        self, project_id: str, provider: str, provider_kind: str, models: Sequence[str], usage: Usage, micros: int
    ) -> Price | None:
        """Return the price of a call made at `micros`; None when nobody says what it costs.

        `models` are the names that the call is known by; the first that has a price decides, the project's own prices
        before the published ones. `provider` and `provider_kind` are empty where the call did not go through us.
        """
        if self._database is not None and (value := self._database.counter.value()) != self._seen:
            self._load(self._database)
            self._seen = value
        known = (project_id, provider, provider_kind, models)
        try:
            chosen = self._chosen[known]
        except KeyError:
            if len(self._chosen) > _MOST_KEPT:
                self._chosen.clear()
            chosen = self._chosen[known] = self._choose(project_id, provider, provider_kind, models)
        if chosen is None:
            return None
        if isinstance(chosen, _Own):
            return chosen.rates.price(usage, chosen.version)
        rates = self._published.rates(chosen, usage.input_tokens, micros)
        return None if rates is None else rates.price(usage, self._published.version)

    def _choose(
        self, project_id: str, provider: str, provider_kind: str, models: Sequence[str]
    ) -> _Own | ModelInfo | None:
        for model in models:
            for own in self._own.get(project_id, ()):
                if own.pattern.fullmatch(model):
                    return own
        address = self._addresses.get((project_id, provider), "")
        for model in models:
            if model and (found := self._published.find(model, provider_kind, address)):
                return found
        return None

    def _load(self, database: Database) -> None:
        with database.read() as connection:
            own = store.all_prices(connection)
            providers = all_providers(connection)
        self._chosen.clear()
        self._own.clear()
        # An exact name before patterns, then the longest pattern: the most particular price decides.
        for price in sorted(own, key=lambda each: ("*" in each.model, -len(each.model), each.model)):
            self._own.setdefault(price.project_id, []).append(_Own(price))
        self._addresses = {(each.project_id, each.slug): each.base_url for each, _ in providers}


_MOST_KEPT: Final = 10_000  # names come from callers; a hostile one must not fill the memory
_MILLION: Final = 1_000_000


class _Own:
    """A project's price, ready to use."""

    def __init__(self, price: OwnPrice) -> None:
        self.pattern = re.compile(".*".join(map(re.escape, price.model.split("*"))), re.DOTALL)
        self.version = f"project {price.updated_at.strftime('%Y-%m-%dT%H:%M:%SZ')}"
        output = price.output / _MILLION

        def rate(dollars: float | None, otherwise: float) -> float:
            return (otherwise if dollars is None else dollars) / _MILLION

        self.rates = Rates(
            call=0.0,
            input=price.input / _MILLION,
            output=output,
            cached=rate(price.cached_input, price.input),
            cache_write=rate(price.cache_write, price.input),
            input_audio=rate(price.input_audio, price.input),
            output_audio=rate(price.output_audio, price.output),
            reasoning=output,
            input_image=price.input / _MILLION,
            output_image=output,
        )


class _Published:
    """The price lists, loaded when first asked.

    The library takes 50 microseconds a call, in decimal arithmetic over a tree of units. Its prices are straight lines
    between the thresholds of input tokens, so their slopes are taken from it once for each price and threshold.
    """

    def __init__(self) -> None:
        self._snapshot: data_snapshot.DataSnapshot | None = None
        self._lines: dict[tuple[int, int], Rates | None] = {}
        self._thresholds: dict[int, list[int]] = {}
        self._kept: list[ModelPrice] = []
        """Keeps the prices alive whose identities are keys above."""
        self.version = ""

    def find(self, model: str, provider_kind: str, address: str) -> ModelInfo | None:
        """Find a model by its name and whoever serves it; by its name alone where nobody is known to have."""
        snapshot = self._load()
        known = providers().get(provider_kind)
        # A merely compatible provider is known by its address or not at all.
        provider_id = known.card.price_list or None if known is not None else None
        if provider_kind and provider_id is None:
            if not address:
                return None
            return _found(snapshot, model, None, address)
        # A dated or prefixed name may be unknown to the kind's own list and known by its form, and the other way round.
        return _found(snapshot, model, provider_id, None)

    def rates(self, model: ModelInfo, input_tokens: int, micros: int) -> Rates | None:
        """Return what tokens cost in a call of that many input tokens at that time."""
        price = model.get_prices(from_micros(micros)) if isinstance(model.prices, list) else model.prices
        thresholds = self._thresholds.get(id(price))
        if thresholds is None:
            thresholds = self._thresholds[id(price)] = _thresholds(price)
            self._kept.append(price)
        passed = 0
        for threshold in thresholds:
            if input_tokens > threshold:
                passed = threshold + 1
        try:
            return self._lines[id(price), passed]
        except KeyError:
            pass
        try:
            rates = _rates(price, passed)
        except ValueError:  # a price in a form that this release of ours cannot ask about
            rates = None
        self._lines[id(price), passed] = rates
        return rates

    def _load(self) -> data_snapshot.DataSnapshot:
        if self._snapshot is None:
            from importlib.metadata import version

            from genai_prices import data_snapshot

            self._snapshot = data_snapshot.get_snapshot()
            self.version = f"genai-prices {version('genai-prices')}"
        return self._snapshot


def _found(
    snapshot: data_snapshot.DataSnapshot, model: str, provider_id: str | None, address: str | None
) -> ModelInfo | None:
    try:
        return snapshot.find_provider_model(model, None, provider_id, address)[1]
    except LookupError:
        return None


def _thresholds(price: ModelPrice) -> list[int]:
    from genai_prices.types import TieredPrices

    return sorted(
        {tier.start for value in vars(price).values() if isinstance(value, TieredPrices) for tier in value.tiers}
    )


def _rates(price: ModelPrice, input_tokens: int) -> Rates | None:
    """Take the slopes of a price where a call has `input_tokens` (0: below all thresholds)."""
    from genai_prices.types import ModelPrice, TieredPrices

    flat: dict[str, Any] = {}
    for name, value in vars(price).items():
        if isinstance(value, TieredPrices):
            passed = [tier.price for tier in value.tiers if input_tokens > tier.start]
            flat[name] = passed[-1] if passed else value.base
        else:
            flat[name] = value
    if not any(name.endswith(_COUNTED) and value is not None for name, value in flat.items()):
        return None  # priced by something that our logs do not count, such as searches
    line = ModelPrice(**flat)
    call = _total(line)

    def slope(**tokens: int) -> float:
        return (_total(line, **tokens) - call) / _MILLION

    plain = slope(output_tokens=_MILLION)
    return Rates(
        call=call,
        input=slope(input_tokens=_MILLION),
        output=plain,
        cached=slope(input_tokens=_MILLION, cache_read_tokens=_MILLION),
        cache_write=slope(input_tokens=_MILLION, cache_write_tokens=_MILLION),
        input_audio=slope(input_tokens=_MILLION, input_audio_tokens=_MILLION),
        output_audio=slope(output_tokens=_MILLION, output_audio_tokens=_MILLION),
        reasoning=slope(output_tokens=_MILLION, output_reasoning_tokens=_MILLION),
        input_image=slope(input_tokens=_MILLION, input_image_tokens=_MILLION),
        output_image=slope(output_tokens=_MILLION, output_image_tokens=_MILLION),
        character=slope(input_characters=_MILLION),
        second=slope(audio_seconds=_MILLION),
    )


_COUNTED: Final = ("_mtok", "_mchars", "audio_hours")


def _total(price: ModelPrice, **tokens: int) -> float:
    from genai_prices import Usage

    return float(price.calc_price(Usage(**tokens))["total_price"])
