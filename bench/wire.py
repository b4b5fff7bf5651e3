"""What reading costs: the strict check of a request, and putting a recorded stream together.

Run with `python -m bench.wire`; figures are the best of several rounds, in CPU microseconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Final

from logwright.testing.answers import Door, Said, stream
from logwright.wire.assemble import assemble
from logwright.wire.strict import check

ROUNDS: Final = 30
KINDS: Final[dict[Door, str]] = {
    "chat": "chat_completion",
    "completions": "text_completion",
    "responses": "responses",
    "messages": "messages",
}
SENTENCE: Final = (
    'The export hangs at 80 % since Tuesday. They said: "please help" and sent https://example.com/tickets/4411. '
)


def best(work: Callable[[], object], times: int) -> float:
    """Return the CPU microseconds of one run of `work`, in the best of the rounds."""
    fastest = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(times):
            work()
        fastest = min(fastest, time.process_time() - began)
    return fastest / times * 1e6


def request(size: int) -> dict[str, Any]:
    """Make a conversation of about `size` bytes."""
    messages = [{"role": "system", "content": "You triage support tickets."}]
    while len(json.dumps(messages)) < size - 150:
        role = "assistant" if len(messages) % 2 == 0 else "user"
        messages.append({"role": role, "content": SENTENCE * 3})
    return {"model": "gpt-4o-mini", "messages": messages, "temperature": 0.7, "metadata": {"prompt_id": "triage"}}


def tools(count: int) -> dict[str, Any]:
    """Make a request that is nearly all schema."""
    properties = {name: {"type": "string", "description": "What it is called."} for name in ("name", "kind", "place")}
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    functions = [{"name": f"tool_{number}", "parameters": parameters} for number in range(count)]
    return {**request(400), "tools": [{"type": "function", "function": function} for function in functions]}


def main() -> None:
    """Print a table of each."""
    print("strict.check, us")
    for name, asked in (("1 KB", request(1024)), ("8 KB", request(8192)), ("8 KB of schemas", tools(25))):
        for style, options in (
            ("compact", {"separators": (",", ":"), "ensure_ascii": False}),
            ("spaced", {}),
        ):
            body = json.dumps(asked, **options).encode()  # type: ignore[arg-type]  # two ways of writing the same
            print(f"  {name:16} {style:8} {len(body):6} bytes {best(lambda body=body: check(body), 300):8.2f}")
    print("assemble, us a chunk")
    for door, kind in KINDS.items():
        events = stream(door, Said(chunks=["word "] * 100), {"model": "m"}, 1)
        sse = b"".join(events)
        spent = best(lambda kind=kind, sse=sse: assemble(kind, sse), 10)
        print(f"  {kind:16} {spent / len(events):8.2f}")


if __name__ == "__main__":
    main()
