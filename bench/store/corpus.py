"""Logs of 3 to 4 KB with text that behaves like text: few words are common, most are rare, some are planted."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final

from logwright.ids import fixed_id
from logwright.logs.record import LogRecord

PROJECT: Final = "bench"
COMMON: Final = "refund"
"""In about a tenth of the logs."""
RARE: Final = "heliotrope"
"""In one log of ten thousand."""
INSIDE: Final = "liotro"
"""Within the rare word and no other."""
DAYS: Final = 60

_SPOKEN: Final = "an be con de er fo gra ha in jo ka lo ma ne or pa qui re sa te un va wi ex yo za tion ment ing able"
_SYLLABLES: Final = _SPOKEN.split()
_MODELS: Final = ("gpt-4o", "gpt-4o-mini", "o5-mini", "claude-sonnet-5", "gemini-3-flash", "llama-4-70b")
_PROMPTS: Final = ("triage", "summary", "reply", "extract", "route", "judge", "title", "translate")


class Corpus:
    """The same logs for the same seed, made from sentences prepared beforehand, so that making them costs little."""

    def __init__(self, logs: int, *, seed: int = 7, until: datetime | None = None) -> None:
        self._chance = chance = random.Random(seed)
        self._logs = logs
        self.until = int((until or datetime.now(UTC)).timestamp() * 1_000_000)
        words = list({"".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(60_000)})
        weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
        self._sentences = [
            " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(8, 22))).capitalize() + ". "
            for _ in range(60_000)
        ]
        self._systems = [self._text(700) for _ in range(40)]

    def records(self) -> Iterator[LogRecord]:
        """Yield all logs, oldest first, evenly over the days before the end."""
        chance = self._chance
        span = DAYS * 86_400_000_000
        for number in range(self._logs):
            at = self.until - span + span * number // self._logs
            question = self._text(chance.randint(900, 1500))
            if chance.random() < 0.1:
                question += f"I want a {COMMON} for it. "
            if number % 10_000 == 5_000:
                question += f"The {RARE} one. "
            model = chance.choice(_MODELS)
            prompt = chance.choice(_PROMPTS)
            asked, said = chance.randint(200, 4000), chance.randint(20, 900)
            failed = chance.random() < 0.03
            took = int(chance.lognormvariate(0, 0.8) * 1_200_000)
            request = {
                "model": model,
                "temperature": 0.2,
                "messages": [
                    {"role": "system", "content": chance.choice(self._systems)},
                    {"role": "user", "content": question},
                ],
            }
            answer: object = {
                "id": f"chatcmpl-{chance.getrandbits(96):024x}",
                "object": "chat.completion",
                "created": at // 1_000_000,
                "model": model,
                "choices": [
                    {
                        "index": 0,
                        "message": {"role": "assistant", "content": self._text(chance.randint(500, 1100))},
                        "finish_reason": "stop",
                    }
                ],
                "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said},
            }
            if failed:
                answer = {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}
            yield LogRecord(
                id=fixed_id("log", at, chance.randbytes(10)),
                project_id=PROJECT,
                source="gateway",
                kind="chat_completion",
                requested_at=at,
                received_at=at + took,
                first_byte_at=at + took // 4,
                provider="openai",
                provider_kind="openai",
                model=model,
                upstream_model=model,
                status=429 if failed else 200,
                error_kind="upstream_status" if failed else "",
                error_message="Rate limit reached" if failed else "",
                request=json.dumps(request).encode(),
                response=json.dumps(answer).encode(),
                response_form="json",
                tags={
                    "prompt_id": prompt,
                    "env": "prod" if chance.random() < 0.8 else "dev",
                    "user": f"user-{chance.randrange(20_000)}",
                    "batch": str(number // 10_000),
                },
            )

    def _text(self, size: int) -> str:
        parts: list[str] = []
        length = 0
        while length < size:
            sentence = self._sentences[int(self._chance.random() * len(self._sentences))]
            parts.append(sentence)
            length += len(sentence)
        return "".join(parts)
