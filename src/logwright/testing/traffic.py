"""Calls as a small software company would make them, for the demonstration: invented, varied, the same for each seed.

A scenario makes both sides, the request and what a good model would say to it, so
that the demonstration's client and its provider agree without talking to each other.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from logwright.testing.answers import Said, ToolCall

Message = dict[str, Any]

_MARK: Final = "demo-"
_CUSTOMERS: Final = ("northwind", "acorn-labs", "blue-harbour", "tallship", "meridian", "fennel-and-co", "quarry")
_USERS: Final = ("u_ana", "u_bert", "u_chidi", "u_dora", "u_emre", "u_freya", "u_goran", "u_hana", "u_ivo")
_ENVIRONMENTS: Final = ("prod", "prod", "prod", "prod", "staging", "dev")
_PRODUCTS: Final = ("the export", "the invoice page", "single sign-on", "the mobile app", "the webhook", "the search")
_FAULTS: Final = (
    "hangs at 80 % and never finishes",
    "shows an empty table since this morning",
    "answers with error 502 every few minutes",
    "lost the filters I had saved",
    "asks me to log in again on each click",
    "sends every message twice",
)
_PLEAS: Final = (
    "We have a board meeting on Thursday and need it by then.",
    "This is the third time in a month.",
    "It is not urgent, but it puzzles the whole team.",
    "Could someone call me back today?",
    "I have attached a screenshot.",
    "Reloading did not help, another browser neither.",
)
_CITIES: Final = ("Lisbon", "Tromsø", "Graz", "Valparaíso", "Sapporo", "Bergen", "Ghent")
_ITEMS: Final = ("standing desks", "network cables", "coffee beans", "label printers", "safety gloves", "desk lamps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One call: what is sent and what the provider says."""

    scenario: str
    door: Literal["chat", "messages", "embeddings"]
    request: Mapping[str, Any]
    said: Said
    tags: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    error: str = ""
    seconds: float = 1.0
    """How long the provider takes to its first word."""


Maker = Callable[[random.Random], tuple[list[Message], Said, dict[str, Any]]]


def plan(seed: int) -> Planned:
    """Make call number `seed`; the same number makes the same call."""
    dice = random.Random(seed)  # noqa: S311 - variety, not secrecy
    name, models, maker = dice.choices(_SCENARIOS, weights=_WEIGHTS)[0]
    model = dice.choice(models)
    messages, said, more = maker(dice)
    tags = {
        "prompt_id": name,
        "prompt_version": dice.choice(("3", "3", "4")),
        "env": dice.choice(_ENVIRONMENTS),
        "user_id": dice.choice(_USERS),
        "customer": dice.choice(_CUSTOMERS),
    }
    said, seconds = _weigh(dice, model, messages, said)
    status, error = _fate(dice)
    request: dict[str, Any] = {"model": model, "messages": messages, **more}
    door: Literal["chat", "messages", "embeddings"] = "chat"
    if name == "embed":
        door = "embeddings"
        texts = [message["content"] for message in messages]
        request = {"model": model, "input": texts, "user": f"{_MARK}{seed}"}
    elif model.startswith("claude"):
        door = "messages"
        request = _anthropic(model, messages, more)
        request["metadata"] = {"user_id": f"{_MARK}{seed}"}
    else:
        request["seed"] = seed
        if model.startswith("o4"):
            request["reasoning_effort"] = "low"
        else:
            request["temperature"] = dice.choice((0, 0.2, 0.7))
    if door != "embeddings" and dice.random() < _STREAMED.get(name, 0.2):
        request["stream"] = True
    return Planned(
        scenario=name,
        door=door,
        request=request,
        said=said,
        tags=tags,
        status=status,
        error=error,
        seconds=seconds,
    )


def planned_for(request: Mapping[str, Any]) -> Planned | None:
    """Return the plan that a request came from; None when it is nobody's we know.

    Each kind of request carries its number in a field that gateways pass on: `seed`, `user` or `metadata.user_id`.
    """
    number = request.get("seed")
    if number is None:
        metadata = request.get("metadata")
        named = metadata.get("user_id") if isinstance(metadata, dict) else request.get("user")
        text = named.removeprefix(_MARK) if isinstance(named, str) and named.startswith(_MARK) else ""
        number = int(text) if text.isascii() and text.isdecimal() else None
    if not isinstance(number, int):
        return None
    planned = plan(number)
    sent = ("messages", "input")
    return planned if all(planned.request.get(name) == request.get(name) for name in sent) else None


def _weigh(dice: random.Random, model: str, messages: Sequence[Message], said: Said) -> tuple[Said, float]:
    """Count tokens roughly as a provider would, and give the time such an answer takes."""
    written = sum(len(str(message.get("content") or "")) for message in messages)
    spoken = len(said.text or "") + sum(len(call.arguments) for call in said.tool_calls)
    thought = dice.randrange(64, 900, 64) if model.startswith("o4") else 0
    before = 8 + written // 4
    cached = before // 128 * 128 if before > 256 and dice.random() < 0.5 else 0
    after = 4 + spoken // 4 + thought
    pace = {"gpt-4o-mini": 0.004, "gpt-4o": 0.008, "o4-mini": 0.006}.get(model, 0.007)
    seconds = dice.lognormvariate(-1.0, 0.45) + pace * after
    counted = Said(
        text=said.text,
        tool_calls=said.tool_calls,
        finish=said.finish,
        input_tokens=before,
        output_tokens=after,
        cached_tokens=cached,
        reasoning_tokens=thought,
    )
    return counted, seconds


def _fate(dice: random.Random) -> tuple[int, str]:
    chance = dice.random()
    if chance < 0.025:
        return 429, "Rate limit reached for requests per minute. Please try again in 2s."
    if chance < 0.04:
        return 500, "The server had an error while processing your request. Sorry about that!"
    if chance < 0.05:
        return 400, "The prompt was filtered due to the content management policy."
    return 200, ""


def _triage(dice: random.Random) -> tuple[list[Message], Said, dict[str, Any]]:
    product, fault = dice.choice(_PRODUCTS), dice.choice(_FAULTS)
    text = f"Hello, {product} {fault}. {dice.choice(_PLEAS)}"
    team = {"the invoice page": "billing", "single sign-on": "identity"}.get(product, "platform")
    urgency = dice.choice(("low", "normal", "normal", "high"))
    verdict = {"team": team, "urgency": urgency, "reason": f"{product.removeprefix('the ')} {fault}"}
    shape = {"type": "json_object"}
    return (
        [
            {"role": "system", "content": "You triage support tickets. Answer in JSON with team, urgency and reason."},
            {"role": "user", "content": text},
        ],
        Said(text=json.dumps(verdict)),
        {"response_format": shape},
    )


def _summarise(dice: random.Random) -> tuple[list[Message], Said, dict[str, Any]]:
    customer, city = dice.choice(_CUSTOMERS), dice.choice(_CITIES)
    quarter, growth = dice.randint(1, 4), dice.randint(2, 31)
    lines = [
        f"Meeting with {customer}, {city}. Present: four people of theirs, two of ours.",
        f"They grew by {growth} % in the quarter and expect the same for Q{quarter}.",
        f"Main worry: {dice.choice(_PRODUCTS)} {dice.choice(_FAULTS)}.",
        f"They would pay more for a plan that includes {dice.choice(_PRODUCTS)}.",
        "We promised an answer within two weeks and a named person to talk to.",
    ]
    body = " ".join(lines * dice.randint(2, 6))
    text = (
        f"{customer.title()} grew by {growth} % and is open to a larger plan. Its main worry must be solved first. "
        "We owe an answer and a contact within two weeks."
    )
    return (
        [
            {"role": "system", "content": "Summarise the meeting notes in at most three sentences."},
            {"role": "user", "content": body},
        ],
        Said(text=text),
        {"max_tokens": 200},
    )


def _extract(dice: random.Random) -> tuple[list[Message], Said, dict[str, Any]]:
    item, count, city = dice.choice(_ITEMS), dice.randint(2, 400), dice.choice(_CITIES)
    day = f"2026-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    order = {"item": item, "quantity": count, "deliver_to": city, "by": day}
    calls = [ToolCall(id=f"call_{dice.getrandbits(32):08x}", name="create_order", arguments=json.dumps(order))]
    if dice.random() < 0.3:
        stock = json.dumps({"item": item})
        calls.append(ToolCall(id=f"call_{dice.getrandbits(32):08x}", name="check_stock", arguments=stock))
    return (
        [
            {"role": "system", "content": "You turn purchase mails into orders by calling the tools."},
            {"role": "user", "content": f"Hi, please send {count} {item} to our office in {city}, by {day}. Thanks!"},
        ],
        Said(text="", tool_calls=calls),
        {"tools": _TOOLS, "tool_choice": "auto"},
    )


_TOOLS: Final = [
    {
        "type": "function",
        "function": {
            "name": "create_order",
            "description": "Create an order.",
            "parameters": {
                "type": "object",
                "properties": {
                    "item": {"type": "string"},
                    "quantity": {"type": "integer"},
                    "deliver_to": {"type": "string"},
                    "by": {"type": "string", "format": "date"},
                },
                "required": ["item", "quantity"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "check_stock",
            "description": "Say how many of an item are in stock.",
            "parameters": {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]},
        },
    },
]


def _translate(dice: random.Random) -> tuple[list[Message], Said, dict[str, Any]]:
    english, translated = dice.choice(
        [
            ("Your parcel has left our warehouse.", "Ihr Paket hat unser Lager verlassen."),
            ("The invoice is attached to this message.", "La facture est jointe à ce message."),
            ("We will reply within two working days.", "Responderemos en un plazo de dos días laborables."),
            ("Please confirm your address before Friday.", "Bekräfta din adress före fredag."),
            ("The meeting was moved to next week.", "会議は来週に変更されました。"),
            ("Thank you for your patience.", "Дякуємо за ваше терпіння."),
        ]
    )
    language = "the customer's language"
    return (
        [
            {"role": "system", "content": f"Translate into {language}. Keep names and numbers as they are."},
            {"role": "user", "content": english},
        ],
        Said(text=translated),
        {},
    )


def _chat(dice: random.Random) -> tuple[list[Message], Said, dict[str, Any]]:
    product = dice.choice(_PRODUCTS)
    talk = [
        ("How do I turn on notifications for " + product + "?", "Open Settings, then Notifications, and choose it."),
        ("And only for my own team?", "Choose 'Members of' in the same place and pick your team."),
        ("Can I pause them on weekends?", "Yes: 'Quiet hours' takes days as well as times."),
        ("Where do I see who changed them?", "In the activity list of your workspace, under 'Settings'."),
        ("Thanks, that worked!", "Glad to hear it. Is there anything else I can help with?"),
    ]
    turns = dice.randint(1, len(talk))
    messages: list[Message] = [
        {"role": "system", "content": "You are the friendly help of a project planning tool. Be short and concrete."}
    ]
    for asked, answered in talk[: turns - 1]:
        messages += [{"role": "user", "content": asked}, {"role": "assistant", "content": answered}]
    messages.append({"role": "user", "content": talk[turns - 1][0]})
    return messages, Said(text=talk[turns - 1][1]), {}


def _classify(dice: random.Random) -> tuple[list[Message], Said, dict[str, Any]]:
    review, mood = dice.choice(
        [
            ("Does what it says, and support was quick.", "positive"),
            ("It crashed twice while I was entering an order.", "negative"),
            ("I use it for time sheets.", "neutral"),
            ("Best purchase of the year for our small office.", "positive"),
            ("The update took away the one button I needed.", "negative"),
            ("Cheaper elsewhere, but the help pages are good.", "mixed"),
        ]
    )
    return (
        [
            {"role": "system", "content": "Classify the review: positive, negative, mixed or neutral. One word."},
            {"role": "user", "content": f"{review} ({dice.choice(_CITIES)})"},
        ],
        Said(text=mood),
        {"max_tokens": 4},
    )


def _embed(dice: random.Random) -> tuple[list[Message], Said, dict[str, Any]]:
    texts = [f"{dice.choice(_PRODUCTS)} {dice.choice(_FAULTS)}" for _ in range(dice.randint(1, 4))]
    return [{"role": "user", "content": text} for text in texts], Said(text=""), {}


_SCENARIOS: Final[Sequence[tuple[str, tuple[str, ...], Maker]]] = (
    ("triage", ("gpt-4o-mini", "gpt-4o-mini", "gpt-4o"), _triage),
    ("summarise", ("gpt-4o", "claude-sonnet-4-5", "o4-mini"), _summarise),
    ("extract", ("gpt-4o", "gpt-4o-mini"), _extract),
    ("translate", ("gpt-4o-mini", "claude-haiku-4-5"), _translate),
    ("chat", ("gpt-4o", "claude-sonnet-4-5", "gpt-4o-mini"), _chat),
    ("classify", ("gpt-4o-mini",), _classify),
    ("embed", ("text-embedding-3-small",), _embed),
)
_WEIGHTS: Final = (24, 14, 16, 12, 20, 10, 4)
_STREAMED: Final = {"chat": 0.9, "summarise": 0.5, "extract": 0.3}


def _anthropic(model: str, messages: Sequence[Message], more: Mapping[str, Any]) -> dict[str, Any]:
    """Write the same conversation in Anthropic's form."""
    return {
        "model": model,
        "max_tokens": more.get("max_tokens", 1024),
        "system": messages[0]["content"],
        "messages": list(messages[1:]),
    }
