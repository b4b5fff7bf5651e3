"""A call costs what the published lists or the project say, token by token, and nothing is made up."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import genai_prices
import pytest
from genai_prices.data import providers as published
from hypothesis import given, settings
from hypothesis import strategies as st

from logwright.clock import to_micros
from logwright.db import Database
from logwright.models import store
from logwright.models.prices import Pricer
from logwright.models.types import OwnPrice
from logwright.projects.store import add_project, put_provider
from logwright.projects.types import Project, ProviderKind, StoredProvider
from logwright.wire.usage import Usage

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT = to_micros(NOW)
THOUSAND = Usage(input_tokens=1000, output_tokens=1000)


def cost(
    pricer: Pricer, model: str, usage: Usage = THOUSAND, *, kind: str = "openai", provider: str = "", at: int = AT
) -> float | None:
    price = pricer.price("one", provider, kind, (model,), usage, at)
    return None if price is None else price.cost


@pytest.fixture(scope="module")
def pricer() -> Pricer:
    return Pricer()


@pytest.mark.parametrize(
    ("usage", "dollars"),
    [
        # gpt-4o: $2.50 for a million tokens in, $1.25 cached, $10 out (OpenAI's price list, 2025)
        (Usage(input_tokens=1_000_000), 2.5),
        (Usage(input_tokens=1_000_000, cached_tokens=400_000), 0.6 * 2.5 + 0.4 * 1.25),
        (Usage(input_tokens=0, output_tokens=1_000_000), 10.0),
        (Usage(input_tokens=0, output_tokens=1_000_000, reasoning_tokens=900_000), 10.0),
        (Usage(input_tokens=0), 0.0),
    ],
)
def test_each_sort_of_token_has_its_price(pricer: Pricer, usage: Usage, dollars: float) -> None:
    assert cost(pricer, "gpt-4o", usage) == pytest.approx(dollars)


def test_writing_to_anthropics_cache_costs_more_and_reading_less(pricer: Pricer) -> None:
    """claude-3-5-sonnet: $3 in, $3.75 written to the cache, $0.30 read from it, $15 out (Anthropic's price list)."""
    usage = Usage(
        input_tokens=3_000_000, cache_write_tokens=1_000_000, cached_tokens=1_000_000, output_tokens=1_000_000
    )
    assert cost(pricer, "claude-3-5-sonnet-20241022", usage, kind="anthropic") == pytest.approx(3 + 3.75 + 0.3 + 15)


def test_sound_has_its_own_price(pricer: Pricer) -> None:
    """gemini-2.0-flash: $0.10 for a million tokens of text, $0.70 for sound (Google's price list)."""
    usage = Usage(input_tokens=2_000_000, input_audio_tokens=1_000_000)
    assert cost(pricer, "gemini-2.0-flash", usage, kind="gemini") == pytest.approx(0.1 + 0.7)


def test_the_version_of_the_list_is_on_the_price(pricer: Pricer) -> None:
    price = pricer.price("one", "", "openai", ("gpt-4o",), THOUSAND, AT)
    assert price is not None
    assert price.version == f"genai-prices {genai_prices.__version__}"


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("no-such-model", "openai"),
        ("", "openai"),
        ("no-such-model", ""),
        ("gpt-4o", "openai-compatible"),
        ("llama-3.3-70b", "openai-compatible"),
        ("claude-3-5-sonnet", "openai"),
    ],
)
def test_what_nobody_prices_is_unknown(pricer: Pricer, model: str, kind: str) -> None:
    assert cost(pricer, model, kind=kind) is None


def test_a_reported_call_is_priced_by_its_model_alone(pricer: Pricer) -> None:
    assert cost(pricer, "gpt-4o", kind="") == cost(pricer, "gpt-4o", kind="openai")
    assert cost(pricer, "claude-3-5-sonnet-20241022", kind="") == cost(
        pricer, "claude-3-5-sonnet-20241022", kind="anthropic"
    )


def test_the_first_known_name_decides(pricer: Pricer) -> None:
    price = pricer.price("one", "", "openai", ("my-alias", "gpt-4o-2024-08-06", "o1"), THOUSAND, AT)
    assert price is not None
    assert price.cost == cost(pricer, "gpt-4o")


def test_a_price_is_that_of_its_day(pricer: Pricer) -> None:
    """o3 cost $10 for a million tokens in until 2025-06-10, and $2 from then on (OpenAI's price list)."""
    million = Usage(input_tokens=1_000_000)
    assert cost(pricer, "o3", million, at=to_micros(datetime(2025, 6, 1, tzinfo=UTC))) == pytest.approx(10)
    assert cost(pricer, "o3", million) == pytest.approx(2)


_LISTED = sorted(
    (kind, model.id)
    for kind, publisher in (("openai", "openai"), ("anthropic", "anthropic"), ("gemini", "google"), ("azure", "azure"))
    for one in published
    if one.id == publisher
    for model in one.models
    if one.find_model(model.id) is model  # the lists have names that their own rules do not find
)


@settings(max_examples=300, deadline=None)
@given(
    listed=st.sampled_from(_LISTED),
    counts=st.tuples(*[st.integers(0, 400_000)] * 7),
)
def test_the_lines_agree_with_the_library(pricer: Pricer, listed: tuple[str, str], counts: tuple[int, ...]) -> None:
    kind, model = listed
    fresh, cached, written, sound, said, thought, spoken = counts
    if kind != "gemini":
        sound = spoken = 0
    usage = Usage(
        input_tokens=fresh + cached + written + sound,
        cached_tokens=cached,
        cache_write_tokens=written,
        input_audio_tokens=sound,
        output_tokens=said + thought + spoken,
        reasoning_tokens=thought,
        output_audio_tokens=spoken,
    )
    publisher = {"gemini": "google"}.get(kind, kind)
    expected = genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.input_tokens,
            cache_read_tokens=cached,
            cache_write_tokens=written,
            input_audio_tokens=sound,
            output_tokens=usage.output_tokens,
            output_reasoning_tokens=thought,
            output_audio_tokens=spoken,
            **({"cache_audio_read_tokens": 0} if sound else {}),
        ),
        model,
        provider_id=publisher,
        genai_request_timestamp=NOW,
    )
    found = cost(pricer, model, usage, kind=kind)
    if found is None:
        assert not any(name.endswith("_mtok") for name in vars(expected.model_price))
    else:
        assert found == pytest.approx(float(expected.total_price), rel=1e-9, abs=1e-12)


def test_more_cached_tokens_than_input_is_no_refund(pricer: Pricer) -> None:
    """A provider whose counts contradict each other must not earn the project money."""
    found = cost(pricer, "gpt-4o", Usage(input_tokens=10, cached_tokens=1_000_000))
    assert found == pytest.approx(1.25)


def test_the_lists_are_loaded_by_the_first_price_and_not_before() -> None:
    script = (
        "import sys\n"
        "from logwright.models.prices import Pricer\n"
        "pricer = Pricer()\n"
        "sys.exit('genai_prices' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# ------------------------------------------------------------------ a project's own prices


@pytest.fixture
def own(tmp_path: Path) -> Database:
    database = Database.open(tmp_path / "own.db", run=tmp_path / "run")
    with database.write() as connection:
        add_project(connection, Project(id="one", name="one", created_at=NOW))
        add_project(connection, Project(id="two", name="two", created_at=NOW))
    return database


def set_price(database: Database, model: str, dollars: float, *, project: str = "one", **others: float) -> None:
    price = OwnPrice(project_id=project, model=model, input=dollars, output=0.0, updated_at=NOW, **others)
    with database.write() as connection:
        store.put_price(connection, price)


MILLION = Usage(input_tokens=1_000_000)


def test_a_projects_price_stands_above_the_published_one(own: Database) -> None:
    pricer = Pricer(own)
    assert cost(pricer, "gpt-4o", MILLION) == pytest.approx(2.5)
    set_price(own, "gpt-4o", 7.0)
    assert cost(pricer, "gpt-4o", MILLION) == pytest.approx(7.0)
    price = pricer.price("one", "", "openai", ("gpt-4o",), MILLION, AT)
    assert price is not None
    assert price.version == "project 2026-11-21T12:00:00Z"
    other = pricer.price("two", "", "openai", ("gpt-4o",), MILLION, AT)
    assert other is not None
    assert other.cost == pytest.approx(2.5)
    with own.write() as connection:
        store.remove_price(connection, "one", "gpt-4o")
    assert cost(pricer, "gpt-4o", MILLION) == pytest.approx(2.5)
    own.close()


def test_the_most_particular_price_decides(own: Database) -> None:
    set_price(own, "*", 1.0)
    set_price(own, "llama-*", 2.0)
    set_price(own, "llama-3.3-*", 3.0)
    set_price(own, "llama-3.3-70b", 4.0)
    pricer = Pricer(own)
    names = ["qwen", "llama-2", "llama-3.3-8b", "llama-3.3-70b"]
    assert [cost(pricer, name, MILLION, kind="openai-compatible") for name in names] == [1.0, 2.0, 3.0, 4.0]
    own.close()


def test_a_projects_own_sorts_of_tokens(own: Database) -> None:
    set_price(own, "m", 10.0, cached_input=1.0, input_audio=100.0)
    usage = Usage(input_tokens=1_000_000, cached_tokens=500_000, input_audio_tokens=100_000, cache_write_tokens=100_000)
    # 300,000 plain and 100,000 written at $10, 500,000 cached at $1, 100,000 of sound at $100
    assert cost(Pricer(own), "m", usage) == pytest.approx(4 + 0.5 + 10)
    own.close()


@pytest.mark.parametrize(
    ("address", "known"),
    [("https://api.groq.com/openai/v1", True), ("http://127.0.0.1:8000/v1", False)],
)
def test_a_compatible_provider_is_known_by_its_address(own: Database, address: str, known: bool) -> None:
    kind: ProviderKind = "openai-compatible"
    provider = StoredProvider(
        id="prv_1",
        project_id="one",
        slug="fast",
        kind=kind,
        base_url=address,
        models=(),
        api_version="",
        key_hint="",
        created_at=NOW,
        updated_at=NOW,
    )
    with own.write() as connection:
        put_provider(connection, provider, None)
    found = cost(Pricer(own), "llama-3.3-70b-versatile", kind=kind, provider="fast")
    assert (found is not None) is known
    own.close()


def test_names_made_up_by_callers_do_not_fill_the_memory() -> None:
    pricer = Pricer()
    for number in range(25_000):
        pricer.price("one", "", "openai", (f"made-up-{number}",), THOUSAND, AT)
    assert len(pricer._chosen) <= 10_001


def test_speech_and_transcripts_are_priced_by_what_they_are_billed_by(pricer: Pricer) -> None:
    """tts-1: $15 for a million characters; whisper-1: $0.006 a minute (OpenAI's price list, 2025)."""
    spoken = Usage(input_tokens=0, characters=2_000, has_tokens=False)
    heard = Usage(input_tokens=0, seconds=90.0, has_tokens=False)

    assert cost(pricer, "tts-1", spoken) == pytest.approx(0.03)
    assert cost(pricer, "whisper-1", heard) == pytest.approx(0.009)
    assert cost(pricer, "gpt-4o-mini-tts", spoken) is None  # billed by tokens, which nobody counted


def test_pictures_have_their_own_price(pricer: Pricer) -> None:
    """gpt-image-1.5: $5 for a million tokens of text in, $8 of pictures in, $32 of pictures out (OpenAI, 2025)."""
    usage = Usage(
        input_tokens=2_000_000, input_image_tokens=1_000_000, output_tokens=1_000_000, output_image_tokens=1_000_000
    )
    assert cost(pricer, "gpt-image-1.5", usage) == pytest.approx(5 + 8 + 32)
