"""From the model that a caller names to the target that is called, answered from memory.

Rules, in this order. `openpipe:SLUG/MODEL` names the provider outright; MODEL may
have slashes of its own. `KIND:NAME` (`openai:NAME`, `anthropic:NAME`, `gemini:NAME`
and so on) goes to the project's provider of that slug, else to its only or oldest
one of that kind. A bare NAME goes to the provider that lists it, else for
Anthropic's own request form to the Anthropic provider, else to the one called
`openai`, else to the only one that takes OpenAI's form, else to the only one.
A name that the kind's card abbreviates is then written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from logwright.db import ChangeCounter, Database
from logwright.errors import NotFound, Unavailable
from logwright.models.types import CallKind, ModelEntry, ProviderKind, Target
from logwright.projects import store
from logwright.projects.types import Secret, StoredProvider
from logwright.projects.vault import CannotOpen, Vault
from logwright.providers.base import CHAT
from logwright.providers.registry import providers as kinds

GENERIC: Final = "openai-compatible"
"""The kind that says nothing of whose models they are, so that nobody would name it before a model."""

_ANTHROPICS: Final = frozenset({"messages", "count_tokens"})
"""Kinds of call in Anthropic's own form."""

_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Provider:
    stored: StoredProvider
    envelope: str | None


@dataclass(frozen=True, slots=True)
class _Snapshot:
    version: int
    providers: dict[str, list[_Provider]]
    """By project, oldest first."""
    targets: dict[tuple[str, str, CallKind], Target]
    """Answers already given; callers choose the model's name, so this is bounded."""
    secrets: dict[str, Secret]
    """Opened keys by provider id."""


class Catalogue:
    """The providers of every project, held in memory and read anew when they have changed."""

    def __init__(self, database: Database, vault: Vault, counter: ChangeCounter) -> None:
        self._database = database
        self._vault = vault
        self._counter = counter
        self._now = self._load()

    def resolve(self, project_id: str, model: str, kind: CallKind) -> Target:
        """Return where a call for `model` goes.

        Raises:
            NotFound: when the project has no provider for it; the message says how to set one.
            Unavailable: when the provider's key cannot be opened, or the database cannot be asked what has changed.
        """
        now = self._now
        if now.version != self._counter.value():
            now = self._now = self._load()
        target = now.targets.get((project_id, model, kind))
        return target if target is not None else self._find(now, project_id, model, kind)

    def models(self, project_id: str) -> Sequence[ModelEntry]:
        """Return what a project can ask for by name, as far as it is known, each by every name that leads there.

        These are the models that its providers list and the short names of their kinds. A provider that lists none
        takes any name, and none of those can be told here.
        """
        if self._now.version != self._counter.value():
            self._now = self._load()
        entries: dict[str, ModelEntry] = {}
        mine = self._now.providers.get(project_id, [])
        for provider in mine:
            stored = provider.stored
            spoken = kinds().get(stored.kind)
            aliases = spoken.card.aliases if spoken is not None else {}
            names = [(name, model) for model in stored.models for name in (model, f"openpipe:{stored.slug}/{model}")]
            if stored.kind != GENERIC and provider is _for_prefix(mine, stored.kind):
                names += [(f"{stored.kind}:{model}", model) for model in stored.models]
                names += [(f"{stored.kind}:{short}", meant) for short, meant in aliases.items()]
            for name, model in names:
                entries.setdefault(
                    name,
                    ModelEntry(
                        name=name,
                        provider=stored.slug,
                        kind=stored.kind,
                        upstream=aliases.get(model, model),
                        created_at=stored.created_at,
                    ),
                )
        return list(entries.values())

    def _find(self, now: _Snapshot, project_id: str, model: str, kind: CallKind) -> Target:
        provider, name = _route(now.providers.get(project_id, []), model, kind)
        stored = provider.stored
        spoken = kinds().get(stored.kind)
        if spoken is None:
            raise Unavailable(f"No installed package speaks to providers of kind {stored.kind}; install it again")
        target = Target(
            provider=stored.slug,
            provider_id=stored.id,
            kind=stored.kind,
            model=spoken.card.aliases.get(name, name),
            base_url=stored.base_url,
            secret=self._secret(now, provider),
            api_version=stored.api_version,
        )
        if len(now.targets) >= _MOST_REMEMBERED:
            now.targets.clear()
        now.targets[project_id, model, kind] = target
        return target

    def _secret(self, now: _Snapshot, provider: _Provider) -> Secret:
        stored = provider.stored
        if provider.envelope is None:
            return Secret("")
        opened = now.secrets.get(stored.id)
        if opened is None:
            try:
                opened = self._vault.open(provider.envelope, project_id=stored.project_id, provider_id=stored.id)
            except CannotOpen as error:
                raise Unavailable(
                    f"The key of provider `{stored.slug}` cannot be opened: {error}; set it again"
                ) from None
            now.secrets[stored.id] = opened
        return opened

    def _load(self) -> _Snapshot:
        version = self._counter.value()  # first: what is committed while we read makes the next call look again
        providers: dict[str, list[_Provider]] = {}
        with self._database.read() as connection:
            for stored, envelope in store.all_providers(connection):
                providers.setdefault(stored.project_id, []).append(_Provider(stored, envelope))
        return _Snapshot(version, providers, {}, {})


def _route(providers: Sequence[_Provider], model: str, kind: CallKind) -> tuple[_Provider, str]:
    prefix, colon, rest = model.partition(":")
    if colon and prefix == "openpipe":
        slug, _, name = rest.partition("/")
        for provider in providers:
            if provider.stored.slug == slug and name:
                return provider, name
        raise NotFound(f"The model `{model}` does not exist", param="model")
    if colon and prefix in kinds() and rest:
        chosen = _for_prefix(providers, prefix)
        if chosen is None:
            raise NotFound(_no_provider(model, prefix, prefix), param="model")
        return chosen, rest
    chosen = _for_bare_name(providers, model, kind)
    if chosen is None:
        usual: ProviderKind = "anthropic" if kind in _ANTHROPICS else "openai"
        raise NotFound(_no_provider(model, usual, usual), param="model")
    return chosen, model


def _for_bare_name(providers: Sequence[_Provider], model: str, kind: CallKind) -> _Provider | None:
    listing = [provider for provider in providers if model in provider.stored.models]
    if listing:
        return listing[0]
    own = _with_slug(providers, "anthropic") or _first_of(providers, "anthropic") if kind in _ANTHROPICS else None
    if own is not None:
        return own
    shaped = [provider for provider in providers if _takes_chat(provider.stored)]
    return _with_slug(providers, "openai") or _only(shaped) or _only(providers)


class _Callee(NamedTuple):
    model: str
    base_url: str
    api_version: str


def _takes_chat(stored: StoredProvider) -> bool:
    """Say whether a provider takes OpenAI's chat form as it is."""
    spoken = kinds().get(stored.kind)
    return spoken is not None and spoken.path(CHAT, _Callee("", stored.base_url, stored.api_version)) is not None


def _only(providers: Sequence[_Provider]) -> _Provider | None:
    return providers[0] if len(providers) == 1 else None


def _for_prefix(providers: Sequence[_Provider], prefix: str) -> _Provider | None:
    return _with_slug(providers, prefix) or _first_of(providers, prefix)


def _with_slug(providers: Sequence[_Provider], slug: str) -> _Provider | None:
    return next((provider for provider in providers if provider.stored.slug == slug), None)


def _first_of(providers: Sequence[_Provider], kind: ProviderKind) -> _Provider | None:
    return next((provider for provider in providers if provider.stored.kind == kind), None)


def _no_provider(model: str, slug: str, kind: ProviderKind) -> str:
    return (
        f"The model `{model}` does not exist: the project has no provider that serves it. "
        f"Set one with: logwright providers set {slug} --project NAME --kind {kind} --key-stdin"
    )
